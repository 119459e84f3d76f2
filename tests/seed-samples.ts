/** What is promised of the code samples of the seed pages, as in requirements.ts: one row for each of tests/seeds/samples.ts. */
import { samples } from './seeds/samples.ts';
import type { Requirement } from './support/requirement.ts';

export const seedSamples: readonly Requirement[] = samples.map(({ page, vendor, what, at, client, tests, failsBecause }) => ({
  what: `${vendor}, seed ${page}: ${what}`,
  source: client === '-' ? `seed ${page}, ${at}` : `seed ${page}, ${at}, with ${client}`,
  tests,
  ...(failsBecause === undefined ? {} : { failsBecause }),
}));
