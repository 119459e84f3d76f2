import type { RowCounts } from '../store/backup/backup-format.ts';

/** What a person wants to know of a backup: that what matters is in it. Every table is told with `--json`. */
const told: readonly (readonly [table: string, words: string])[] = [
  ['accounts', 'accounts'],
  ['entries', 'entries'],
  ['holds', 'holds'],
  ['request_records', 'request records'],
  ['api_keys', 'keys'],
];

export function rowCountsText(rows: RowCounts): string {
  return told.map(([table, words]) => `${(rows[table] ?? 0).toLocaleString('en-US')} ${words}`).join(', ');
}
