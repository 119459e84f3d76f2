import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { wrongSums } from '../../../tests/ledger/wrong-books.ts';
import { findWrongBooks } from '../backup/find-wrong-books.ts';
import { readTables } from '../backup/sqlite-tables.ts';
import { findKey, rotateKey } from '../sql/key-operations.ts';
import { readRecord } from '../sql/read-record.ts';
import { findRecord, findRecordOfAnswer } from '../sql/record-operations.ts';
import type { Row } from '../sql/statement.ts';
import { sumTools, sumUsage } from '../sql/usage-operations.ts';
import { migrate, needsMigration } from './migrate.ts';
import { migrations } from './migrations.ts';
import { openDatabase } from './open-database.ts';
import { buildFixture, schemaFixtures } from './schema-fixtures.test-support.ts';
import { runOperation } from './sql-port.ts';
import type { SqlPort } from './sql-port.ts';

let sql: SqlPort;
beforeEach(() => {
  sql = openDatabase(':memory:');
});
afterEach(() => sql.close());

function build(schema: number): void {
  const fixture = schemaFixtures.find((each) => each.schema === schema);
  if (fixture === undefined) throw new Error(`There is no fixture of schema ${schema}.`);
  buildFixture(sql, fixture);
}

function all(text: string): readonly Row[] {
  return sql.rows({ text, values: [] });
}

/** SHA-256 of the scripts of released steps. */
const released = [
  '9a369ca4e3790e66c14f538a9bebb0280a97ed67104a2ed377ab44d255ca9f21',
  '8a65c2cf34d16ae600a5e51b1107cb4e82648dd1111977d487864bdb77123b0f',
  '7d8de8a9d71128c0ab3c53e0a1405c5a15bfa8181a112025619ea62b03b62cfe',
];

/** What later steps call a table or a column of an earlier one. */
const renamed: Readonly<Record<string, { readonly table: string; readonly columns: Readonly<Record<string, string>> }>> = {
  usage_records: { table: 'request_records', columns: { settled_at: 'ended_at' } },
};

/** The rows of each table, asked for under today's names, as text that can be compared whatever their order is. */
function contents(tables: ReadonlyMap<string, readonly string[]>, names: 'then' | 'now'): Record<string, readonly string[]> {
  const told: Record<string, readonly string[]> = {};
  for (const [table, columns] of tables) {
    const later = names === 'now' ? renamed[table] : undefined;
    const chosen = columns.map((column) => `"${later?.columns[column] ?? column}" AS "${column}"`);
    const rows = all(`SELECT ${chosen.join(', ')} FROM "${later?.table ?? table}"`);
    told[table] = rows.map((row) => columns.map((column) => `${column}=${String(row[column])}`).join(' ')).toSorted();
  }
  return told;
}

test('the steps are numbered from 1 without gaps', () => {
  expect(migrations.map(({ number }) => number)).toEqual(migrations.map((_, index) => index + 1));
});

test('every step has a fixture: a data file of the schema that it makes', () => {
  expect(schemaFixtures.map(({ schema }) => schema)).toEqual(migrations.map(({ number }) => number));
});

test('a released step is never edited: files out there were made by it', () => {
  const scripts = migrations.slice(0, released.length).map(({ script }) => createHash('sha256').update(script).digest('hex'));
  expect(scripts).toEqual(released);
});

describe.each(schemaFixtures)('a data file of schema $schema', ({ schema }) => {
  test('has rows in every table and right references, or it would prove nothing', () => {
    build(schema);
    for (const table of readTables(sql).keys()) expect(all(`SELECT 1 FROM "${table}" LIMIT 1`), table).toHaveLength(1);
    expect(all('PRAGMA foreign_key_check')).toEqual([]);
    expect(needsMigration(sql)).toBe(schema < migrations.length);
  });

  test('keeps every row and every balance on its way to the newest schema', () => {
    build(schema);
    const tables = new Map([...readTables(sql)].map(([table, columns]) => [table, [...columns.keys()]]));
    const before = contents(tables, 'then');
    migrate(sql, 20);
    expect(needsMigration(sql)).toBe(false);
    expect(contents(tables, 'now')).toEqual(before);
    expect(runOperation(sql, findWrongBooks())).toBeUndefined();
    expect(all('PRAGMA foreign_key_check')).toEqual([]);
    expect(all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  });

  test('has of usage the sums of all its records at the newest schema', () => {
    build(schema);
    migrate(sql, 20);
    for (const [rule, text] of Object.entries(wrongSums)) expect(all(text), rule).toEqual([]);
  });

  test('remembers when each step was taken', () => {
    build(schema);
    migrate(sql, 20);
    const taken = migrations.map(({ number, name }) => ({
      number: BigInt(number),
      name,
      applied_at: number <= schema ? 10n : 20n,
    }));
    expect(all('SELECT number, name, applied_at FROM migrations ORDER BY number')).toEqual(taken);
  });
});

test('the records of schema 1 are read as they were written, to the last nano-dollar', () => {
  build(1);
  migrate(sql, 20);
  const rate = { usd: '0.009', per: 1 };
  expect(readRecord(runOperation(sql, findRecord({ requestId: 'req_posted' })) ?? {})).toEqual({
    requestId: 'req_posted',
    accountId: 'acme',
    outcome: 'complete',
    charged: 915_000n,
    at: 1200,
    bill: {
      lines: [
        { meter: 'input-text', quantity: 7, rate: { usd: '0.10', per: 1_000_000 }, amount: 700n },
        { meter: 'tool:web_search', quantity: 3, rate, amount: 900_000n },
        { meter: 'tool:web_search', quantity: 1, rate, amount: 14_300n },
      ],
      total: 915_000n,
      priceListId: 'list@1',
      tierMaxInputTokens: 256,
    },
    usage: { input: { total: 7, cacheRead: 2 }, output: { total: 3, reasoning: 1 }, toolCalls: { web_search: 4 } },
  });
  expect(readRecord(runOperation(sql, findRecord({ requestId: 'req_free' })) ?? {})).toMatchObject({
    usage: { input: { total: 1e300 } },
  });
  expect(runOperation(sql, findRecordOfAnswer({ answerId: 'gen_req_posted' }))).toBeUndefined();
});

test('what schema 1 recorded is summed like what comes after it, nonsense of hosts left out', () => {
  build(1);
  migrate(sql, 20);
  const span = { accountId: 'acme', from: 0, until: 10_000 };
  expect(runOperation(sql, sumUsage({ ...span, groupBy: 'model' }))).toEqual([
    { requests: 2, inputTokens: 7, cacheReadTokens: 2, outputTokens: 3, reasoningTokens: 1, charged: 915_000n },
  ]);
  expect(runOperation(sql, sumTools(span))).toEqual([{ tool: 'web_search', requests: 1, calls: 4, billed: 914_300n }]);
});

test('a key of schema 1 is kept, and has the limits that were not there then: none', () => {
  build(1);
  migrate(sql, 20);
  expect(runOperation(sql, findKey({ id: 'k' }))).toStrictEqual({
    id: 'k',
    name: 'laptop',
    accountId: 'local',
    hash: 'ab',
    createdAt: 1,
  });
});

test('a key of schema 2 can be rotated like a new one', () => {
  build(2);
  migrate(sql, 20);
  expect(runOperation(sql, rotateKey({ id: 'k', hash: 'cd', previousUntil: 20 }))).toBe(true);
  expect(runOperation(sql, findKey({ id: 'k' }))).toMatchObject({ hash: 'cd', previous: { hash: 'ab', until: 20 } });
});

test('a step that fails leaves the schema of the step before, with its data', () => {
  build(1);
  // A table in the way of the second step.
  sql.script('CREATE TABLE tool_lines (surprise TEXT)');
  expect(() => migrate(sql, 20)).toThrow('tool_lines');
  expect(all('SELECT MAX(number) AS number FROM migrations')).toEqual([{ number: 1n }]);
  expect(all('SELECT request_id FROM usage_records')).toHaveLength(3);
});
