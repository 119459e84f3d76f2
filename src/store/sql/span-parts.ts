import { millisecondsOfDay, millisecondsOfHour } from '../../ledger/request-record.ts';
import type { UsageSpan } from '../../ledger/request-record.ts';

/**
 * A span, taken apart so that few rows tell of it: sums of whole days, sums of the whole hours before and after them, and records.
 * Both ends are moved up to the next full hour. The records that the span loses by that at its beginning are added one by one, and
 * those that it wins at its end are taken off again: of a span until now there are none. Moments in Unix milliseconds.
 */
export interface SpanParts {
  readonly from: number;
  readonly until: number;
  readonly hoursFrom: number;
  readonly daysFrom: number;
  readonly daysUntil: number;
  readonly hoursUntil: number;
}

/** `widest`: sums of days cannot tell hours apart. The span is not empty. */
export function spanParts({ from, until }: Pick<UsageSpan, 'from' | 'until'>, widest: 'day' | 'hour'): SpanParts {
  const [hoursFrom, hoursUntil] = [nextBorder(from, millisecondsOfHour), nextBorder(until, millisecondsOfHour)];
  const daysFrom = nextBorder(hoursFrom, millisecondsOfDay);
  const daysUntil = hoursUntil - (hoursUntil % millisecondsOfDay);
  const ends = { from, until, hoursFrom, hoursUntil };
  return widest === 'day' && daysFrom < daysUntil
    ? { ...ends, daysFrom, daysUntil }
    : { ...ends, daysFrom: hoursUntil, daysUntil: hoursUntil };
}

/** The moment itself where it is one. */
function nextBorder(moment: number, length: number): number {
  const past = moment % length;
  return past > 0 ? moment - past + length : moment - past;
}
