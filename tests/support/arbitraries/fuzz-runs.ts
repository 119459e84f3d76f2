/** How many cases a fuzz property runs: 1,000 in the normal run, more by FLASHMUX_FUZZ_RUNS in the long one. */
export const fuzzRuns = runsOf(process.env['FLASHMUX_FUZZ_RUNS']);

/** For properties whose cases cost more than a few tenths of a millisecond. */
export const lawRuns = Math.max(300, Math.floor(fuzzRuns / 2));

function runsOf(text: string | undefined): number {
  const runs = Number(text);
  return Number.isSafeInteger(runs) && runs > 0 ? runs : 1000;
}
