import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Call } from '../sql/operations.ts';
import { migrate } from './migrate.ts';
import { openDatabase } from './open-database.ts';
import { runGroup } from './run-group.ts';
import type { SqlPort } from './sql-port.ts';

let sql: SqlPort;

beforeEach(() => {
  sql = openDatabase(':memory:');
  migrate(sql, 1);
  runGroup(sql, [
    { name: 'epoch.begin', input: { id: 'boot_1', processId: 1, host: 'test', startedAt: 1 } },
    { name: 'account.open', input: { id: 'a', limit: 'none', overdraft: 0n, createdAt: 1 } },
  ]);
});
afterEach(() => sql.close());

function holdOf(requestId: string, epochId = 'boot_1'): Call {
  return { name: 'hold.place', input: { requestId, accountId: 'a', amount: 5n, createdAt: 1, expiresAt: 2, epochId } };
}

function heldRequests(): readonly unknown[] {
  return sql.rows({ text: 'SELECT request_id FROM holds ORDER BY request_id', values: [] }).map((row) => row['request_id']);
}

test('a call that fails is undone alone: its neighbours in the group are kept', () => {
  // A hold of an unknown epoch fails at its second statement, after the account was changed.
  const results = runGroup(sql, [holdOf('r1'), holdOf('r2', 'unknown'), holdOf('r3')]);
  expect(results.map((result) => result.kind)).toEqual(['done', 'failed', 'done']);
  expect(heldRequests()).toEqual(['r1', 'r3']);
  expect(sql.rows({ text: 'SELECT pending FROM accounts', values: [] })).toEqual([{ pending: 10n }]);
});

test('when the commit fails, every call of the group has failed and nothing is kept', () => {
  const broken: SqlPort = {
    rows: (statement) => sql.rows(statement),
    script: (text) => {
      if (text === 'COMMIT') throw new Error('disk on fire');
      sql.script(text);
    },
    get inTransaction() {
      return sql.inTransaction;
    },
    close: () => sql.close(),
  };
  expect(runGroup(broken, [holdOf('r1'), holdOf('r2')])).toMatchObject([
    { kind: 'failed', error: { message: 'disk on fire' } },
    { kind: 'failed', error: { message: 'disk on fire' } },
  ]);
  expect(heldRequests()).toEqual([]);
  expect(runGroup(sql, [holdOf('r1')])).toMatchObject([{ kind: 'done' }]);
});

test('a full disk never keeps half a call, and there is work again once there is room', () => {
  const [pages] = sql.rows({ text: 'PRAGMA page_count', values: [] });
  sql.script(`PRAGMA max_page_count = ${String(pages?.['page_count'])}`);
  const calls = Array.from({ length: 400 }, (_, number) => holdOf(`r${number}`));
  const results = runGroup(sql, calls);
  expect(results.some((result) => result.kind === 'failed')).toBe(true);
  const done = results.filter((result) => result.kind === 'done').length;
  expect(heldRequests()).toHaveLength(done);
  expect(sql.rows({ text: 'SELECT pending FROM accounts', values: [] })).toEqual([{ pending: BigInt(done) * 5n }]);
  sql.script('PRAGMA max_page_count = 100000');
  expect(runGroup(sql, [holdOf('later')])).toMatchObject([{ kind: 'done' }]);
});

test('entries are append-only, whoever writes', () => {
  runGroup(sql, [{ name: 'account.credit', input: { accountId: 'a', kind: 'topup', amount: 5n, ref: 'x', at: 1 } }]);
  for (const text of ['UPDATE entries SET amount = 6', 'DELETE FROM entries']) {
    expect(() => sql.script(text)).toThrow('append-only');
  }
  expect(sql.rows({ text: 'SELECT amount FROM entries', values: [] })).toEqual([{ amount: 5n }]);
});

test('the table itself refuses a balance below its floor and a sum that could overflow', () => {
  sql.script(`INSERT INTO accounts (id, spending_limit, overdraft, created_at) VALUES ('p', 'prepaid', 3, 1)`);
  sql.script(`UPDATE accounts SET pending = 3 WHERE id = 'p'`);
  expect(() => sql.script(`UPDATE accounts SET pending = 4 WHERE id = 'p'`)).toThrow('CHECK');
  expect(() => sql.script(`UPDATE accounts SET debits = 4000000000000000001 WHERE id = 'a'`)).toThrow('CHECK');
});
