/**
 * No request uses more units of anything; a host that says so is mistaken. A line of so many units at a thousand dollars a million
 * is a billion dollars: even a bill that is nonsense stays within the 64 bits of a database.
 */
const mostUnits = 1_000_000_000_000;

/** The nearest count to what a host said: hosts send negative, fractional and absurd numbers. Absent is 0, and so is NaN. */
export function countOf(told: number | undefined): number {
  if (told === undefined || !(told > 0)) return 0;
  // money: makes a count of a host's number, before anything has a price
  return lesser(Math.ceil(told), mostUnits);
}

export function sumOfCounts(counts: readonly number[]): number {
  return counts.reduce((sum, count) => lesser(sum + count, mostUnits), 0);
}

export function lesser(one: number, other: number): number {
  return one < other ? one : other;
}

export function greater(one: number, other: number): number {
  return one > other ? one : other;
}

/** Throws RangeError unless the value is a whole number from 0 that a double holds exactly. */
export function requireCount(value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is no count`);
}
