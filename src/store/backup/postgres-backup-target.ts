import { FlashmuxError } from '../../model/fault.ts';
import { applyAll, newestKnown } from '../postgres/migrate.ts';
import { numberColumn, textColumn } from '../sql/row.ts';
import { query } from '../sql/statement.ts';
import type { Operation } from '../sql/statement.ts';
import type { BackupRow, BackupTarget } from './backup-ports.ts';
import { refuseUnfitting } from './columns.ts';
import type { Columns } from './columns.ts';
import { findWrongBooks } from './find-wrong-books.ts';
import { PostgresSession } from './postgres-session.ts';
import { readTables } from './postgres-tables.ts';
import { quoted } from './quoted.ts';
import { unfitting, wrongBooks, wrongReference } from './restore-faults.ts';

/**
 * A database that is made in one transaction, tables and all: until its commit nobody sees any of it. The lock of the migrations
 * keeps a server that starts meanwhile waiting.
 */
export class PostgresBackupTarget implements BackupTarget {
  readonly newestSchema = newestKnown;
  readonly #url: string;
  readonly #at: number;
  #session: PostgresSession | undefined;
  #tables: ReadonlyMap<string, Columns> = new Map();
  #references: readonly Reference[] = [];

  /** `at`: Unix milliseconds. */
  constructor(url: string, at: number) {
    this.#url = url;
    this.#at = at;
  }

  async begin(schema: number): Promise<void> {
    const session = await PostgresSession.open(this.#url, 'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE');
    this.#session = session;
    await session.script('SET LOCAL synchronous_commit = on');
    await session.run(refuseData());
    await session.run(applyAll(this.#at, schema));
    this.#tables = await session.run(readTables());
    // Rows come in any order: made again, each reference is checked for all rows at once.
    this.#references = await session.run(readReferences());
    for (const { table, name } of this.#references) {
      await session.script(`ALTER TABLE ${quoted(table)} DROP CONSTRAINT ${quoted(name)}`);
    }
  }

  async insert(table: string, rows: readonly BackupRow[]): Promise<void> {
    const session = this.#open();
    const columns = this.#tables.get(table);
    if (columns === undefined) throw unfitting(`it has rows of a table "${table}"`);
    for (const row of rows) refuseUnfitting(table, row, columns);
    await session.insert(table, rows);
  }

  async check(): Promise<void> {
    const session = this.#open();
    for (const { table, name, definition, parent } of this.#references) {
      const text = `ALTER TABLE ${quoted(table)} ADD CONSTRAINT ${quoted(name)} ${definition}`;
      if (!(await session.constrain(text))) throw wrongReference(table, parent);
    }
    await session.run(numberOn());
    await session.run(applyAll(this.#at));
    const wrong = await session.run(findWrongBooks());
    if (wrong !== undefined) throw wrongBooks(wrong);
  }

  async finish(): Promise<void> {
    await this.#open().script('COMMIT');
    await this.discard();
  }

  async discard(): Promise<void> {
    await this.#session?.close();
    this.#session = undefined;
  }

  #open(): PostgresSession {
    if (this.#session === undefined) throw new Error('The restore was not begun, or is over.');
    return this.#session;
  }
}

function* refuseData(): Operation<void> {
  const rows = yield* query(
    `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'
     ORDER BY table_name`,
  );
  const tables = rows.map((row) => textColumn(row, 'table_name'));
  if (tables.length === 0) return;
  const counts: string[] = [];
  for (const [table, words] of toldTables) {
    if (!tables.includes(table)) continue;
    const [row] = yield* query(`SELECT COUNT(*) AS count FROM ${table}`);
    if (row !== undefined) counts.push(`${numberColumn(row, 'count')} ${words}`);
  }
  const what = counts.length === 0 ? `tables (${tables.slice(0, 5).join(', ')})` : counts.join(', ');
  throw new FlashmuxError(
    'conflict',
    `The database of DATABASE_URL holds ${what} already. Restore into an empty one: CREATE DATABASE flashmux_restored.`,
  );
}

const toldTables = [
  ['accounts', 'accounts'],
  ['entries', 'entries'],
  ['api_keys', 'keys'],
] as const;

/** A foreign key. */
interface Reference {
  readonly table: string;
  readonly name: string;
  readonly definition: string;
  readonly parent: string;
}

function* readReferences(): Operation<readonly Reference[]> {
  const rows = yield* query(
    `SELECT child.relname AS child, conname AS name, parent.relname AS parent, pg_get_constraintdef(pg_constraint.oid) AS definition
     FROM pg_constraint JOIN pg_class AS child ON child.oid = conrelid JOIN pg_class AS parent ON parent.oid = confrelid
     WHERE contype = 'f' AND connamespace = CAST(current_schema() AS regnamespace) ORDER BY conname`,
  );
  return rows.map((row) => ({
    table: textColumn(row, 'child'),
    name: textColumn(row, 'name'),
    definition: textColumn(row, 'definition'),
    parent: textColumn(row, 'parent'),
  }));
}

/** Columns that number their rows go on after the highest number that was restored. */
function* numberOn(): Operation<void> {
  const columns = yield* query(
    `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema() AND is_identity = 'YES'`,
  );
  for (const row of columns) {
    const table = quoted(textColumn(row, 'table_name'));
    const column = textColumn(row, 'column_name');
    yield* query(
      `SELECT setval(pg_get_serial_sequence($1, $2), highest) FROM (SELECT MAX(${quoted(column)}) AS highest FROM ${table}) AS restored
       WHERE highest IS NOT NULL`,
      table,
      column,
    );
  }
}
