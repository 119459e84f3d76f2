import { afterEach, beforeEach, expect, test } from 'vitest';
import { findKey, rotateKey } from '../sql/key-operations.ts';
import { findRecord, findRecordOfAnswer } from '../sql/record-operations.ts';
import { sumTools, sumUsage } from '../sql/usage-operations.ts';
import { migrate, needsMigration } from './migrate.ts';
import { migrations } from './migrations.ts';
import { openDatabase } from './open-database.ts';
import { runOperation } from './sql-port.ts';
import type { SqlPort } from './sql-port.ts';

let sql: SqlPort;
beforeEach(() => {
  sql = openDatabase(':memory:');
});
afterEach(() => sql.close());

/** A data file as the flashmux of schema 1 left it. */
function schemaOne(): void {
  sql.script('CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT');
  sql.script(migrations[0]?.script ?? '');
  sql.script(`
    INSERT INTO migrations VALUES (1, 'ledger and keys', 1);
    INSERT INTO epochs VALUES ('boot_1', 1, 'host', 1);
    INSERT INTO accounts VALUES ('customer', 'prepaid', 0, 100, 12, 4, 1);
    INSERT INTO entries VALUES (1, 'customer', 'topup', 100, 'payment', 1), (2, 'customer', 'usage', -12, 'req_1', 5);
    INSERT INTO holds VALUES
      ('req_1', 'customer', 20, 'posted', 'boot_1', 2, 9, 12, 5),
      ('req_2', 'customer', 4, 'posted', 'boot_1', 2, 9, 0, 6),
      ('req_3', 'customer', 4, 'open', 'boot_1', 2, 9, NULL, NULL);
    INSERT INTO api_keys VALUES ('k', 'laptop', 'customer', 'ab', 1, NULL);`);
  const line = (meter: string, quantity: number, amount: string) => ({ meter, quantity, rate: { usd: '1', per: 1 }, amount });
  const lines = [line('input-text', 7, '2'), line('tool:web_search', 3, '9'), line('tool:web_search', 1, '1')];
  const usage = { input: { total: 7, cacheRead: 2 }, output: { total: 3, reasoning: 1 }, toolCalls: { web_search: 4 } };
  // What a host that counts nonsense left behind: it is kept, and it is not summed.
  const nonsense = { input: { total: 1e300, cacheRead: -1 }, output: { total: 1e15, reasoning: 0.5 }, toolCalls: {} };
  insertUsage('req_1', 12n, JSON.stringify(usage), JSON.stringify(lines), 5n);
  insertUsage('req_2', 0n, JSON.stringify(nonsense), '[]', 6n);
}

function insertUsage(requestId: string, charged: bigint, usage: string, lines: string, at: bigint): void {
  sql.rows({
    text: `INSERT INTO usage_records VALUES ($1, 'customer', 'complete', 'list@1', 256, $2, $2, $3, $4, $5)`,
    values: [requestId, charged, usage, lines, at],
  });
}

test('the records of schema 1 are all there afterwards, to the last nano-dollar', () => {
  schemaOne();
  const before = sql.rows({ text: 'SELECT * FROM accounts JOIN holds ON account_id = id ORDER BY request_id', values: [] });
  expect(needsMigration(sql)).toBe(true);
  migrate(sql, 10);
  expect(needsMigration(sql)).toBe(false);

  expect(runOperation(sql, findRecord({ requestId: 'req_1' }))).toEqual({
    requestId: 'req_1',
    accountId: 'customer',
    outcome: 'complete',
    charged: 12n,
    at: 5,
    bill: {
      lines: [
        { meter: 'input-text', quantity: 7, rate: { usd: '1', per: 1 }, amount: 2n },
        { meter: 'tool:web_search', quantity: 3, rate: { usd: '1', per: 1 }, amount: 9n },
        { meter: 'tool:web_search', quantity: 1, rate: { usd: '1', per: 1 }, amount: 1n },
      ],
      total: 12n,
      priceListId: 'list@1',
      tierMaxInputTokens: 256,
    },
    usage: { input: { total: 7, cacheRead: 2 }, output: { total: 3, reasoning: 1 }, toolCalls: { web_search: 4 } },
  });
  expect(runOperation(sql, findRecord({ requestId: 'req_2' }))).toMatchObject({ usage: { input: { total: 1e300 } } });
  expect(runOperation(sql, findRecordOfAnswer({ answerId: 'gen_1' }))).toBeUndefined();
  expect(sql.rows({ text: 'SELECT * FROM accounts JOIN holds ON account_id = id ORDER BY request_id', values: [] })).toEqual(
    before,
  );
  expect(sql.rows({ text: 'PRAGMA foreign_key_check', values: [] })).toEqual([]);
});

test('what schema 1 recorded is summed like what comes after it, nonsense of hosts left out', () => {
  schemaOne();
  migrate(sql, 10);
  const span = { accountId: 'customer', from: 0, until: 10 };
  expect(runOperation(sql, sumUsage({ ...span, groupBy: 'model' }))).toEqual([
    { requests: 2, inputTokens: 7, cacheReadTokens: 2, outputTokens: 3, reasoningTokens: 1, charged: 12n },
  ]);
  expect(runOperation(sql, sumTools(span))).toEqual([{ tool: 'web_search', requests: 1, calls: 4, billed: 10n }]);
});

test('a key of schema 1 is kept, and has the limits that were not there then: none', () => {
  schemaOne();
  migrate(sql, 10);
  expect(runOperation(sql, findKey({ id: 'k' }))).toStrictEqual({
    id: 'k',
    name: 'laptop',
    accountId: 'customer',
    hash: 'ab',
    createdAt: 1,
  });
});

test('a key of schema 2 can be rotated like a new one', () => {
  schemaOne();
  sql.script(migrations[1]?.script ?? '');
  sql.script(`INSERT INTO migrations VALUES (2, 'request records', 2)`);
  migrate(sql, 10);
  expect(runOperation(sql, rotateKey({ id: 'k', hash: 'cd', previousUntil: 20 }))).toBe(true);
  expect(runOperation(sql, findKey({ id: 'k' }))).toMatchObject({ hash: 'cd', previous: { hash: 'ab', until: 20 } });
});

test('a step that fails leaves the schema of the step before, with its data', () => {
  schemaOne();
  // A table in the way of the second step.
  sql.script('CREATE TABLE tool_lines (surprise TEXT)');
  expect(() => migrate(sql, 10)).toThrow('tool_lines');
  expect(needsMigration(sql)).toBe(true);
  expect(sql.rows({ text: 'SELECT request_id FROM usage_records ORDER BY 1', values: [] })).toHaveLength(2);
});

test('the steps are numbered from 1 without gaps', () => {
  expect(migrations.map(({ number }) => number)).toEqual(migrations.map((_, index) => index + 1));
});
