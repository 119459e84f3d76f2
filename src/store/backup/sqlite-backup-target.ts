import { existsSync, linkSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { FlashmuxError } from '../../model/fault.ts';
import { ensurePrivateFile, syncFolderOf } from '../private-file.ts';
import { numberColumn, textColumn } from '../sql/row.ts';
import type { SqlValue } from '../sql/statement.ts';
import { migrate, newestSchema } from '../sqlite/migrate.ts';
import { openDatabase } from '../sqlite/open-database.ts';
import { takeOwnerLock } from '../sqlite/owner-lock.ts';
import type { OwnerLock } from '../sqlite/owner-lock.ts';
import { runOperation } from '../sqlite/sql-port.ts';
import type { SqlPort } from '../sqlite/sql-port.ts';
import type { BackupRow, BackupTarget } from './backup-ports.ts';
import { refuseUnfitting } from './columns.ts';
import type { Columns } from './columns.ts';
import { findWrongBooks } from './find-wrong-books.ts';
import { quoted } from './quoted.ts';
import { readTables } from './sqlite-tables.ts';
import { unfitting, wrongBooks, wrongReference } from './restore-faults.ts';

/**
 * A data file that is made under another name and gets its own by a link, which the file system does whole or not at all: a process
 * that is killed meanwhile leaves no half of a store. The owner's lock keeps a server from starting on the folder at the same time.
 */
export class SqliteBackupTarget implements BackupTarget {
  readonly newestSchema = newestSchema;
  readonly #path: string;
  readonly #draft: string;
  readonly #at: number;
  #lock: OwnerLock | undefined;
  #sql: SqlPort | undefined;
  #tables: ReadonlyMap<string, Columns> = new Map();

  /** `at`: Unix milliseconds. */
  constructor(path: string, at: number) {
    this.#path = path;
    this.#draft = `${path}.restoring`;
    this.#at = at;
  }

  async begin(schema: number): Promise<void> {
    this.#refuseData();
    this.#lock = takeOwnerLock(this.#path);
    if (this.#lock === undefined)
      throw new FlashmuxError('conflict', `Another flashmux is at work on ${this.#path}. Stop it first.`);
    // Of a restore that was killed; the lock says that it is over.
    removeDatabase(this.#draft);
    ensurePrivateFile(this.#draft, 'The data file');
    const sql = openDatabase(this.#draft);
    this.#sql = sql;
    migrate(sql, this.#at, schema);
    // Rows come in any order: `check` asks for all references at once.
    sql.script('PRAGMA foreign_keys = OFF');
    this.#tables = readTables(sql);
  }

  /** One transaction: nobody sees the file yet, and small ones keep the log short. */
  async insert(table: string, rows: readonly BackupRow[]): Promise<void> {
    const sql = this.#open();
    const columns = this.#tables.get(table);
    if (columns === undefined) throw unfitting(`it has rows of a table "${table}"`);
    const names = [...columns.keys()];
    const text = `INSERT INTO ${quoted(table)} (${names.map(quoted).join(', ')}) VALUES (${names.map((_, at) => `$${at + 1}`).join(', ')})`;
    sql.script('BEGIN IMMEDIATE');
    for (const row of rows) {
      refuseUnfitting(table, row, columns);
      sql.rows({ text, values: valuesOf(row, columns) });
    }
    sql.script('COMMIT');
  }

  async check(): Promise<void> {
    const sql = this.#open();
    const [loose] = sql.rows({ text: 'SELECT "table", parent FROM pragma_foreign_key_check LIMIT 1', values: [] });
    if (loose !== undefined) throw wrongReference(textColumn(loose, 'table'), textColumn(loose, 'parent'));
    sql.script('PRAGMA foreign_keys = ON');
    migrate(sql, this.#at);
    const wrong = runOperation(sql, findWrongBooks());
    if (wrong !== undefined) throw wrongBooks(wrong);
  }

  async finish(): Promise<void> {
    // The last connection to leave takes the log into the file, synced, and removes it.
    this.#open().close();
    this.#sql = undefined;
    try {
      linkSync(this.#draft, this.#path);
    } catch (error) {
      this.#refuseData();
      throw error;
    }
    syncFolderOf(this.#path);
    await this.discard();
  }

  async discard(): Promise<void> {
    this.#sql?.close();
    this.#sql = undefined;
    if (this.#lock === undefined) return;
    removeDatabase(this.#draft);
    this.#lock.release();
    this.#lock = undefined;
  }

  #open(): SqlPort {
    if (this.#sql === undefined) throw new Error('The restore was not begun, or is over.');
    return this.#sql;
  }

  /** A log without its database counts too: SQLite would take it for the log of the restored one. */
  #refuseData(): void {
    const found = partsOf(this.#path).find((file) => existsSync(file));
    if (found === undefined) return;
    throw new FlashmuxError(
      'conflict',
      `There is data already: ${found}${contentsOf(this.#path)}. Restore into an empty folder (--home), or move that one away.`,
    );
  }
}

function valuesOf(row: BackupRow, columns: Columns): SqlValue[] {
  return [...columns].map(([column, type]) => {
    const value = row[column] ?? null;
    return value !== null && type === 'integer' ? BigInt(value) : value;
  });
}

/** A database and what SQLite keeps beside it. */
function partsOf(path: string): readonly string[] {
  return [path, `${path}-wal`, `${path}-shm`];
}

function removeDatabase(path: string): void {
  for (const file of partsOf(path)) rmSync(file, { force: true });
}

/** Words for a message, as far as the file tells. */
function contentsOf(path: string): string {
  try {
    const database = new DatabaseSync(path, { readOnly: true, readBigInts: true });
    try {
      const count = (table: string): number =>
        numberColumn(database.prepare(`SELECT COUNT(*) AS count FROM ${table}`).get() ?? {}, 'count');
      return ` with ${count('accounts')} accounts, ${count('entries')} entries and ${count('api_keys')} keys`;
    } finally {
      database.close();
    }
  } catch {
    return '';
  }
}
