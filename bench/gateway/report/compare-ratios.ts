import { figuresOf } from './figures.ts';
import type { Results } from './results.ts';

/** By how much a ratio may be worse than the recorded one: two runs on busy machines differ by less. */
export const tolerance = 0.3;

/**
 * Compares ratios and never times: both sides of a ratio ran on the same machine a moment apart. A ratio that only one run has is left out,
 * and so is one of look-ups over another number of records, which is a part of its name.
 */
export function compareRatios(recorded: Results, taken: Results): { readonly lines: readonly string[]; readonly worse: number } {
  const before = new Map(figuresOf(recorded).map(({ ratioId, measured }) => [ratioId, measured]));
  let worse = 0;
  const lines = figuresOf(taken).flatMap(({ ratioId, measured, work, what }) => {
    const then = ratioId === undefined ? undefined : before.get(ratioId);
    if (then === undefined) return [];
    const change = measured / then - 1;
    const isWorse = change > tolerance;
    if (isWorse) worse++;
    const verdict = isWorse ? 'WORSE' : 'ok   ';
    return [
      `${verdict} ${work}, ${what}: ${measured.toFixed(3)} (recorded ${then.toFixed(3)}, ${change < 0 ? '' : '+'}${(change * 100).toFixed(0)} %)`,
    ];
  });
  return { lines, worse };
}
