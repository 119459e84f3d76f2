import type { BackupRow } from './backup-ports.ts';
import { unfitting } from './restore-faults.ts';

/** The columns of a table by name, in its order. A store has no other types. */
export type Columns = ReadonlyMap<string, 'integer' | 'text'>;

/** Throws `invalid_request` for a row that has not exactly the columns of its table, each as its type is written in a backup. */
export function refuseUnfitting(table: string, row: BackupRow, columns: Columns): void {
  for (const [column, type] of columns) {
    const value = row[column];
    if (value === undefined) throw unfitting(`a row of "${table}" has no "${column}"`);
    if (type === 'integer' && value !== null && !isInteger(value)) {
      throw unfitting(`"${column}" of a row of "${table}" is no integer of 64 bits`);
    }
  }
  const stranger = Object.keys(row).find((column) => !columns.has(column));
  if (stranger !== undefined) throw unfitting(`a row of "${table}" has a "${stranger}"`);
}

function isInteger(text: string): boolean {
  return /^-?\d{1,19}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
}
