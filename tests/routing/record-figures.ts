import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { measureMonth, sorts, type MeasuredMonth } from './routing-figures.ts';

/** Measures what docs/routing.md tells, five months for each wish, and keeps it: `npm run test:routing`. */
const seeds = [1, 2, 3, 4, 5];
const months: MeasuredMonth[] = [];
for (const sort of sorts) {
  for (const seed of seeds) {
    months.push(measureMonth(sort, seed));
    console.log(`sort ${sort ?? 'none'}, seed ${seed}`);
  }
}
writeFileSync(
  path.join(import.meta.dirname, 'figures.json'),
  `${JSON.stringify({ months: months.map(rounded) }, undefined, 2)}\n`,
);

/** More digits would only say what the seed was. */
function rounded(month: MeasuredMonth): MeasuredMonth {
  const short = (value: number): number => Number(value.toPrecision(4));
  return {
    ...month,
    failed: short(month.failed),
    regretOfMoment: short(month.regretOfMoment),
    regretOfHost: short(month.regretOfHost),
    meanLatencyMs: short(month.meanLatencyMs),
    meanPrice: short(month.meanPrice),
  };
}
