import { InvalidArgumentError } from 'commander';
import { readDate } from './read-date.ts';
import { readSpan } from './read-span.ts';

/** A moment after `now`, in Unix milliseconds: `90m`, `12h`, `30d`, `4w` from now, or an ISO date. Throws InvalidArgumentError. */
export function readExpiry(text: string, now: number): number {
  const spanMs = readSpan(text);
  const expiry = spanMs === undefined ? readDate(text) : now + spanMs;
  if (expiry === undefined) throw new InvalidArgumentError('Write a span such as 30d or 12h, or a date such as 2027-01-31.');
  if (expiry <= now) throw new InvalidArgumentError('It is to be in the future.');
  return expiry;
}
