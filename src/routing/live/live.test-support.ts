/** A clock for tests: it stands still until it is told otherwise. */
export function handClock() {
  let now = 0;
  return {
    ticks: (): number => now,
    pass(milliseconds: number): void {
      now += milliseconds;
    },
  };
}
