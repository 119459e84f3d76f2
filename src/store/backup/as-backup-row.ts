import type { BackupRow } from './backup-ports.ts';

/** A row as a database gives it, integers as bigint, as it travels. */
export function asBackupRow(row: Readonly<Record<string, unknown>>): BackupRow {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => {
      if (typeof value === 'bigint') return [column, value.toString()];
      if (typeof value === 'string' || value === null) return [column, value];
      throw new TypeError(`The column ${column} holds a ${typeof value}, which a backup does not carry.`);
    }),
  );
}
