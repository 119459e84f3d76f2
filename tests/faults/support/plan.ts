import { z } from 'zod';

/** What one request asks of the host of the fault tests; the request carries it as its prompt. */
const plan = z.strictObject({
  /** Of this request alone. The host tells it as the number of input tokens, so that each record says whose it is. */
  number: z.int().min(1),
  /** How many words the host says, one token each. */
  words: z.int().min(0),
  /** Milliseconds between two words. */
  pauseMs: z.number().min(0),
  /** `start`: the host refuses. `middle`: it breaks off after half of the words. */
  fails: z.enum(['start', 'middle']).optional(),
  /** After so many words the host waits until the test lets it go on. */
  waitsAfter: z.int().min(0).optional(),
});

export type Plan = z.infer<typeof plan>;

export function readPlan(prompt: string): Plan {
  return plan.parse(JSON.parse(prompt));
}

/** Words that the host says before it fails, or all of them. */
export function wordsSaid({ words, fails }: Plan): number {
  switch (fails) {
    case 'start':
      return 0;
    case 'middle':
      return Math.floor(words / 2);
    case undefined:
      return words;
  }
}

/** Rates of the models that are sold by the token, as they stand in the price file: dollars for a million. */
export const ratesUsd = { input: '0.10', output: '10' };

/** What so many words cost there, in nano-dollars. */
export function costOf(number: number, words: number): bigint {
  return 100n * BigInt(number) + 10_000n * BigInt(words);
}
