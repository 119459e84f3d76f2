import { InvalidArgumentError } from 'commander';
import { readDate } from './read-date.ts';
import { readSpan } from './read-span.ts';

/** A moment before `now`, in Unix milliseconds: `90m`, `24h`, `7d`, `4w`, or an ISO date. Throws InvalidArgumentError. */
export function readSince(text: string, now: number): number {
  const spanMs = readSpan(text);
  const since = spanMs === undefined ? readDate(text) : now - spanMs;
  if (since === undefined) throw new InvalidArgumentError('Write a span such as 7d or 24h, or a date such as 2026-11-20.');
  return Math.max(0, since);
}
