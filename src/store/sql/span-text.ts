import type { SpanParts } from './span-parts.ts';
import type { SqlValue } from './statement.ts';
import type { SummedTable } from './summed-tables.ts';

/** Conditions for the rows of whoever is asked about. */
interface Whose {
  readonly sums: string;
  readonly records: string;
}

const ofAccount: Whose = { sums: 'account_id = $1', records: 'account_id = $1' };

/**
 * Rows whose counts add up to what the records of a span add up to; `at` is a moment in their hour or day. One statement, so that no
 * request can end between its parts. `$1` is the account, `$2` to `$7` are `spanValues`; a filter speaks of kinds.
 */
export function spanText(
  { name, kinds, counts, records }: SummedTable,
  filters: readonly string[] = [],
  whose = ofAccount,
): string {
  const filter = filters.map((each) => ` AND ${each}`).join('');
  const sumsOf = (unit: 'hour' | 'day', from: string, until: string): string =>
    `SELECT starts_at AS at, ${[...kinds, ...Object.keys(counts)].join(', ')} FROM ${name}
     WHERE ${whose.sums} AND unit = '${unit}' AND starts_at >= ${from} AND starts_at < ${until}${filter}`;
  const recordsOf = (sign: '+' | '-', from: string, until: string): string =>
    `SELECT ended_at AS at, ${[...kinds, ...Object.values(counts).map((count) => `${sign}${count}`)].join(', ')} FROM ${records}
     WHERE ${whose.records} AND ended_at >= ${from} AND ended_at < ${until}${filter}`;
  return [
    sumsOf('day', '$5', '$6'),
    sumsOf('hour', '$4', '$5'),
    sumsOf('hour', '$6', '$7'),
    recordsOf('+', '$2', '$4'),
    recordsOf('-', '$3', '$7'),
  ].join(' UNION ALL ');
}

export function spanValues({ from, until, hoursFrom, daysFrom, daysUntil, hoursUntil }: SpanParts): readonly SqlValue[] {
  return [from, until, hoursFrom, daysFrom, daysUntil, hoursUntil].map(BigInt);
}
