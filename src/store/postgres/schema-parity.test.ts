import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeDatabase } from '../../../tests/support/postgres/database.ts';
import type { TestDatabase } from '../../../tests/support/postgres/database.ts';
import { openMemoryDatabase } from '../memory/memory-database.ts';
import { bigintColumn, textColumn } from '../sql/row.ts';
import type { Row } from '../sql/statement.ts';
import { migrations as sqliteMigrations } from '../sqlite/migrations.ts';
import type { SqlPort } from '../sqlite/sql-port.ts';
import { migrations } from './migrations.ts';
import { openOn } from './open-postgres-store.test-support.ts';

// The operations run on both databases, so both need the same tables, columns and rules: nothing may be added to one alone.

/** What PostgreSQL alone has: settings that its processes share. */
const ownTables = ['settings'];

let sqlite: SqlPort;
let database: TestDatabase;

beforeAll(async () => {
  sqlite = openMemoryDatabase();
  database = await makeDatabase();
  await (await openOn(database)).close();
});
afterAll(async () => {
  sqlite.close();
  await database.drop();
});

interface Table {
  readonly columns: readonly string[];
  readonly foreignKeys: readonly string[];
  readonly uniques: readonly string[];
  readonly indexes: readonly string[];
  /** The columns that each CHECK speaks of. */
  readonly checks: readonly string[];
}

function rows(text: string, ...values: string[]): readonly Row[] {
  return sqlite.rows({ text, values });
}

const words = (list: readonly string[]): string => [...new Set(list)].toSorted().join(' ');

function sqliteTable(table: string): Table {
  const columns = rows('SELECT name, type, "notnull", pk FROM pragma_table_info($1)', table);
  const isKey = (row: Row): boolean => bigintColumn(row, 'pk') > 0n;
  const isRequired = (row: Row): boolean => isKey(row) || bigintColumn(row, 'notnull') === 1n;
  const [schema] = rows(`SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = $1`, table);
  const indexes = rows('SELECT name, origin FROM pragma_index_list($1)', table);
  const namesIn = (list: readonly Row[]): string => list.map((row) => textColumn(row, 'name')).join(' ');
  const columnsOf = (index: Row): string =>
    namesIn(rows('SELECT name FROM pragma_index_info($1) ORDER BY seqno', textColumn(index, 'name')));
  const key = columns.filter(isKey).toSorted((one, other) => Number(bigintColumn(one, 'pk') - bigintColumn(other, 'pk')));
  const names = columns.map((row) => textColumn(row, 'name'));
  return {
    columns: columns.map((row) => `${said(row, 'name', 'type')}${isRequired(row) ? ' required' : ''}`).toSorted(),
    foreignKeys: rows('SELECT "from", "table", "to" FROM pragma_foreign_key_list($1)', table)
      .map((row) => said(row, 'from', 'table', 'to'))
      .toSorted(),
    uniques: [namesIn(key), ...indexes.filter((row) => row['origin'] === 'u').map(columnsOf)].toSorted(),
    indexes: indexes
      .filter((row) => row['origin'] === 'c')
      .map((row) => `${said(row, 'name')}: ${columnsOf(row)}`)
      .toSorted(),
    checks: checksIn(schema === undefined ? '' : textColumn(schema, 'sql'))
      .map((check) => words(names.filter((name) => mentions(check, name))))
      .toSorted(),
  };
}

function said(row: Row, ...columns: readonly string[]): string {
  return columns.map((column) => textColumn(row, column)).join(' ');
}

function mentions(check: string, column: string): boolean {
  return new RegExp(`\\b${column}\\b`).test(check.replace(/'[^']*'/g, ''));
}

/** What stands in the parentheses of each CHECK. */
function checksIn(sql: string): readonly string[] {
  return [...sql.matchAll(/\bCHECK \(/g)].map((match) => {
    let depth = 1;
    let end = match.index + match[0].length;
    for (; depth > 0; end++) depth += sql[end] === '(' ? 1 : sql[end] === ')' ? -1 : 0;
    return sql.slice(match.index, end);
  });
}

async function postgresTable(table: string): Promise<Table> {
  const columns = await database.run(
    `SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '${table}'`,
  );
  const constraints = await database.run(
    `SELECT CAST(contype AS TEXT) AS kind, CAST(CAST(confrelid AS regclass) AS TEXT) AS target,
       (SELECT string_agg(attname, ' ' ORDER BY place) FROM unnest(conkey) WITH ORDINALITY AS k(number, place)
          JOIN pg_attribute ON attrelid = conrelid AND attnum = number) AS columns,
       (SELECT string_agg(attname, ' ') FROM unnest(confkey) AS number
          JOIN pg_attribute ON attrelid = confrelid AND attnum = number) AS target_columns
     FROM pg_constraint WHERE conrelid = '${table}'::regclass`,
  );
  const indexes = await database.run(
    `SELECT relname AS name, (SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = indexrelid) AS columns
     FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
     WHERE indrelid = '${table}'::regclass AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)`,
  );
  const ofKind = (...kinds: readonly string[]): readonly Row[] =>
    constraints.filter((row) => kinds.includes(textColumn(row, 'kind')));
  const typeOf = (row: Row): string => (row['data_type'] === 'bigint' ? 'INTEGER' : textColumn(row, 'data_type').toUpperCase());
  return {
    columns: columns
      .map((row) => `${said(row, 'column_name')} ${typeOf(row)}${row['is_nullable'] === 'NO' ? ' required' : ''}`)
      .toSorted(),
    foreignKeys: ofKind('f')
      .map((row) => said(row, 'columns', 'target', 'target_columns'))
      .toSorted(),
    uniques: ofKind('p', 'u')
      .map((row) => said(row, 'columns'))
      .toSorted(),
    indexes: indexes.map((row) => `${said(row, 'name')}: ${said(row, 'columns')}`).toSorted(),
    checks: ofKind('c')
      .map((row) => words(said(row, 'columns').split(' ')))
      .toSorted(),
  };
}

const tables = (() => {
  const sql = openMemoryDatabase();
  const found = sql.rows({ text: `SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`, values: [] });
  sql.close();
  return found.map((row) => textColumn(row, 'name'));
})();

test('both databases have the same tables, and their newest steps the same number', async () => {
  const found = await database.run(`SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`);
  const names = found.map((row) => textColumn(row, 'table_name'));
  expect(names.filter((name) => !ownTables.includes(name)).toSorted()).toEqual(tables);
  expect(migrations.at(-1)?.number).toBe(sqliteMigrations.at(-1)?.number);
});

describe.each(tables)('the table %s', (table) => {
  test('has the same columns, keys, indexes and checks on both databases', async () => {
    expect(await postgresTable(table)).toEqual(sqliteTable(table));
  });
});

test('texts are compared byte by byte, as SQLite compares them', async () => {
  const others = await database.run(
    `SELECT table_name, column_name FROM information_schema.columns
     WHERE table_schema = 'public' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'`,
  );
  expect(others).toEqual([]);
});
