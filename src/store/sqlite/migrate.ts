import { FlashmuxError } from '../../model/fault.ts';
import { numberColumn } from '../sql/row.ts';
import { migrations } from './migrations.ts';
import type { Migration } from './migrations.ts';
import type { SqlPort } from './sql-port.ts';

export const newestSchema = migrations.at(-1)?.number ?? 0;

/** True where `migrate` would change the schema. */
export function needsMigration(sql: SqlPort): boolean {
  return schemaNumber(sql) < newestSchema;
}

/**
 * Brings the schema to the newest step, or to an earlier one, one transaction a step, forward only. Throws `conflict` for a file of
 * a newer flashmux and for one that is no data file of flashmux.
 */
export function migrate(sql: SqlPort, at: number, upTo = newestSchema): void {
  const present = schemaNumber(sql);
  if (present > newestSchema) {
    throw new FlashmuxError(
      'conflict',
      `The data file was written by a newer flashmux (schema ${present}, this one knows ${newestSchema}). Install that version or a later one.`,
    );
  }
  for (const migration of migrations) if (migration.number > present && migration.number <= upTo) apply(sql, migration, at);
}

function apply(sql: SqlPort, migration: Migration, at: number): void {
  sql.script('BEGIN IMMEDIATE');
  try {
    sql.script(
      'CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT',
    );
    sql.script(migration.script);
    sql.rows({
      text: 'INSERT INTO migrations (number, name, applied_at) VALUES ($1, $2, $3)',
      values: [BigInt(migration.number), migration.name, BigInt(at)],
    });
    sql.script('COMMIT');
  } catch (error) {
    if (sql.inTransaction) sql.script('ROLLBACK');
    throw error;
  }
}

/** The number of the newest step that was taken; 0 for an empty file. */
export function schemaNumber(sql: Pick<SqlPort, 'rows'>): number {
  const tables = sql.rows({ text: `SELECT name FROM sqlite_schema WHERE type = 'table'`, values: [] });
  if (tables.length === 0) return 0;
  if (!tables.some((table) => table['name'] === 'migrations')) {
    throw new FlashmuxError('conflict', 'The data file is a SQLite database, but not one of flashmux. Name another path.');
  }
  const [newest] = sql.rows({ text: 'SELECT COALESCE(MAX(number), 0) AS number FROM migrations', values: [] });
  return newest === undefined ? 0 : numberColumn(newest, 'number');
}
