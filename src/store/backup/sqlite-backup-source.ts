import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { FlashmuxError } from '../../model/fault.ts';
import type { Row, Statement } from '../sql/statement.ts';
import { newestSchema, schemaNumber } from '../sqlite/migrate.ts';
import { asBackupRow } from './as-backup-row.ts';
import type { BackupRow, BackupSource } from './backup-ports.ts';
import { quoted } from './quoted.ts';
import { readTables } from './sqlite-tables.ts';

/** How long another process may keep the database locked, which it does only while it recovers it after a crash. */
const busyTimeoutMs = 10_000;

/**
 * A data file as it is now, read by a connection of its own that cannot write. In the write-ahead log the snapshot is a mark up to
 * which this connection reads; the server beside it writes on behind it. Throws `not_found` where there is no data file, `conflict`
 * for one of a newer flashmux.
 */
export function openSqliteBackupSource(path: string): BackupSource {
  if (!existsSync(path)) {
    throw new FlashmuxError(
      'not_found',
      `There is no data file ${path}, so there is nothing to back up. Name the data folder with --home.`,
    );
  }
  const database = new DatabaseSync(path, { readOnly: true, readBigInts: true, timeout: busyTimeoutMs });
  try {
    database.exec('PRAGMA trusted_schema = OFF; BEGIN');
    // The snapshot is taken by this first read, not by BEGIN.
    const sql = { rows: ({ text }: Statement): readonly Row[] => database.prepare(text).all() };
    const schema = schemaNumber(sql);
    refuseUnknown(path, schema);
    return {
      database: 'sqlite',
      schema,
      tables: [...readTables(sql).keys()],
      rows: (table) => rowsOf(database, table),
      close: async () => database.close(),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

function* rowsOf(database: DatabaseSync, table: string): Generator<BackupRow> {
  for (const row of database.prepare(`SELECT * FROM ${quoted(table)}`).iterate()) yield asBackupRow(row);
}

/** Of a newer flashmux the tables may mean something else than they look like. */
function refuseUnknown(path: string, schema: number): void {
  if (schema === 0) throw new FlashmuxError('not_found', `The data file ${path} is empty, so there is nothing to back up.`);
  if (schema <= newestSchema) return;
  throw new FlashmuxError(
    'conflict',
    `The data file ${path} was written by a newer flashmux (schema ${schema}, this one knows ${newestSchema}). Back it up with that version or a later one.`,
  );
}
