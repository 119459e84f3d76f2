import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeDatabase } from '../../../tests/support/postgres/database.ts';
import type { TestDatabase } from '../../../tests/support/postgres/database.ts';
import { recordingLog } from '../../../tests/support/recording-log.ts';
import type { NewHold } from '../../ledger/ledger-store.ts';
import { migrations } from './migrations.ts';
import type { PostgresStore } from './open-postgres-store.ts';
import { openOn } from './open-postgres-store.test-support.ts';

let database: TestDatabase;
let stores: PostgresStore[];

beforeEach(async () => {
  stores = [];
  database = await makeDatabase();
});
afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await database.drop();
});

async function open(changes: Parameters<typeof openOn>[1] = {}): Promise<PostgresStore> {
  const store = await openOn(database, changes);
  stores.push(store);
  return store;
}

const local = { id: 'local', limit: 'none', overdraft: 0n, createdAt: 1 } as const;

function holdOf(requestId: string, amount = 5n): NewHold {
  return { requestId, accountId: 'local', amount, createdAt: 1, expiresAt: 2 ** 43 };
}

test('integers beyond 2^53 come back to the last digit, and so do their sums', async () => {
  const store = await open();
  const amount = 9_007_199_254_740_993n;
  await store.ledger.openAccount({ ...local, limit: 'prepaid' });
  for (const ref of ['one', 'two']) await store.ledger.credit({ accountId: 'local', kind: 'topup', amount, ref, at: 1 });
  expect(await store.ledger.findAccount('local')).toMatchObject({ credits: 2n * amount });
  const settlement = { at: 1, usage: { input: {}, output: {}, toolCalls: {} }, outcome: 'complete' } as const;
  for (const requestId of ['r1', 'r2']) {
    await store.ledger.hold(holdOf(requestId, amount));
    const bill = { lines: [], total: amount, priceListId: 'list' };
    await store.ledger.settle({ requestId, cost: amount, bill, ...settlement });
  }
  expect(await store.ledger.usage({ accountId: 'local', groupBy: 'day', from: 0, until: 10 })).toMatchObject([
    { charged: 2n * amount },
  ]);
});

test('entries are append-only: the database itself refuses to change, remove or empty them', async () => {
  const store = await open();
  await store.ledger.openAccount({ ...local, limit: 'prepaid' });
  await store.ledger.credit({ accountId: 'local', kind: 'topup', amount: 1n, ref: 'one', at: 1 });
  for (const script of ['UPDATE entries SET amount = 2', 'DELETE FROM entries', 'TRUNCATE entries']) {
    await expect(database.run(script), script).rejects.toThrow('append-only');
  }
});

describe('opening', () => {
  test('servers that start together on an empty database make its schema once', async () => {
    await Promise.all(['a', 'b', 'c', 'd'].map((epochId) => open({ epochId })));
    expect(await database.run('SELECT number FROM migrations ORDER BY number')).toEqual(
      migrations.map(({ number }) => ({ number: String(number) })),
    );
    expect(await database.run('SELECT id FROM epochs ORDER BY id')).toEqual(['a', 'b', 'c', 'd'].map((id) => ({ id })));
  });

  test('a database of a newer flashmux, or of another program, is refused and left alone', async () => {
    await database.run('CREATE TABLE migrations (id SERIAL, migration TEXT)');
    await expect(open()).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('of another program') });
    await database.run('DROP TABLE migrations');
    await open();
    await database.run(`INSERT INTO migrations VALUES (999, 'from the future', 1)`);
    for (const role of ['owner', 'guest'] as const) {
      await expect(open({ role })).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining('newer flashmux'),
      });
    }
  });

  test('a guest makes the schema of an empty database, and leaves one that servers work on to them', async () => {
    const guest = await open({ role: 'guest' });
    await guest.ledger.openAccount(local);
    await database.run('DELETE FROM migrations; INSERT INTO migrations VALUES (1, $$before$$, 1)');
    await expect(open({ role: 'guest' })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('Start a server of this version first'),
    });
  });

  test.each([
    ['a wrong password', (url: URL) => void (url.password = 'wrong'), /password authentication failed.*Look at the user/],
    ['a database that is not there', (url: URL) => void (url.pathname = '/nowhere'), /"nowhere" does not exist.*CREATE DATABASE/],
    [
      'a parameter that the server does not know',
      (url: URL) => url.searchParams.set('channel_binding', 'require'),
      /channel_binding.*Take that parameter out/,
    ],
    [
      'a parameter that lets stray statements write',
      (url: URL) => url.searchParams.set('default_transaction_read_only', 'off'),
      /default_transaction_read_only off.*take that parameter out/,
    ],
  ])('%s is refused with what to change, and without the password', async (_, change, words) => {
    const url = new URL(database.url);
    change(url);
    const opening = openOn({ url: url.href });
    await expect(opening).rejects.toMatchObject({ code: 'conflict', message: expect.stringMatching(words) });
    await expect(opening).rejects.not.toMatchObject({ message: expect.stringContaining('only for tests') });
  });

  test('a server that cannot be reached is waited for, and then told as such', async () => {
    const url = new URL(database.url);
    url.port = '1';
    await expect(openOn({ url: url.href }, { patienceMs: 100 })).rejects.toMatchObject({
      code: 'overloaded',
      message: 'The database of DATABASE_URL cannot be reached: connect ECONNREFUSED 127.0.0.1:1.',
    });
  });

  test('a process with another pepper is refused, before it can make a key that the others refuse', async () => {
    await open();
    for (const role of ['owner', 'guest'] as const) {
      await expect(open({ role, pepper: new Uint8Array(32).fill(8) })).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining('FLASHMUX_PEPPER'),
      });
    }
    expect(JSON.stringify(await database.run('SELECT * FROM settings'))).not.toContain('07'.repeat(16));
  });
});

test('a guest works beside servers, and cannot hold', async () => {
  const [server, guest] = [await open(), await open({ role: 'guest' })];
  await guest.ledger.openAccount(local);
  await server.ledger.hold(holdOf('r1'));
  await expect(guest.ledger.hold(holdOf('r2'))).rejects.toThrow('foreign key');
  expect(await guest.ledger.findHold('r1')).toMatchObject({ state: 'open' });
  expect(await server.ledger.findAccount('local')).toMatchObject({ pending: 5n });
});

test('a full queue refuses what is new and never what ends a hold', async () => {
  const store = await open({ connections: 1, longestQueue: 2 });
  await store.ledger.openAccount(local);
  await store.ledger.hold(holdOf('r1'));
  const waiting = [1, 2, 3].map(() => store.ledger.findAccount('local'));
  await expect(store.ledger.hold(holdOf('r2'))).rejects.toMatchObject({ code: 'overloaded', retryAfterSeconds: 1 });
  expect(await store.ledger.void({ requestId: 'r1', at: 1 })).toMatchObject({ kind: 'voided' });
  await Promise.all(waiting);
  expect(await store.ledger.hold(holdOf('r2'))).toMatchObject({ kind: 'held' });
});

test('a database that stands still is not waited for for ever: what is new is refused, what ends a hold is done afterwards', async () => {
  const store = await open({ connections: 1, patienceMs: 150 });
  await store.ledger.openAccount(local);
  await store.ledger.hold(holdOf('r1'));
  await database.run('BEGIN; LOCK TABLE holds');
  const ending = store.ledger.void({ requestId: 'r1', at: 1 });
  await expect(store.ledger.hold(holdOf('r2'))).rejects.toMatchObject({ code: 'overloaded' });
  await database.run('COMMIT');
  expect(await ending).toMatchObject({ kind: 'voided' });
  expect(await store.ledger.findHold('r2')).toBeUndefined();
});

test('a wait for a lock ends by itself, and nothing of the call is left', async () => {
  const limits = { connectMs: 5_000, statementMs: 5_000, lockMs: 50, transactionMs: 5_000 };
  const store = await open({ patienceMs: 200, limits });
  await store.ledger.openAccount(local);
  await database.run(`BEGIN; UPDATE accounts SET pending = pending WHERE id = 'local'`);
  await expect(store.ledger.hold(holdOf('r1'))).rejects.toMatchObject({
    code: 'overloaded',
    cause: { message: expect.stringContaining('lock timeout') },
  });
  await database.run('COMMIT');
  expect(await store.ledger.findHold('r1')).toBeUndefined();
  expect(await store.ledger.findAccount('local')).toMatchObject({ pending: 0n });
});

test('connections that the server ends are made anew, and no call fails', async () => {
  const log = recordingLog();
  const store = await open({ log });
  await store.ledger.openAccount(local);
  for (let round = 1; round <= 5; round++) {
    const holds = Array.from({ length: 20 }, (_, number) => store.ledger.hold(holdOf(`r${round}_${number}`)));
    await database.run(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    for (const answer of await Promise.all(holds)) expect(['held', 'replayed']).toContain(answer.kind);
  }
  expect(await store.ledger.findAccount('local')).toMatchObject({ pending: 500n });
  expect(log.lines).toContainEqual({ error: expect.objectContaining({ name: 'ConnectionLost' }) });
});

test('what two transactions did to each other is undone and run again: of one request there is one hold', async () => {
  const [one, other] = [await open({ epochId: 'a' }), await open({ epochId: 'b' })];
  await one.ledger.openAccount(local);
  const same = await Promise.all(Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? one : other).ledger.hold(holdOf('r1'))));
  expect(same.filter(({ kind }) => kind === 'held')).toHaveLength(1);
  expect(same.filter(({ kind }) => kind === 'replayed')).toHaveLength(39);
  const credit = { accountId: 'local', kind: 'topup', amount: 3n, ref: 'payment', at: 1 } as const;
  const credits = await Promise.all(Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? one : other).ledger.credit(credit)));
  expect(credits.filter(({ kind }) => kind === 'credited')).toHaveLength(1);
  expect(await one.ledger.findAccount('local')).toMatchObject({ credits: 3n, pending: 5n });
});

test('a text that PostgreSQL cannot keep is told as such', async () => {
  const store = await open();
  await expect(store.ledger.openAccount({ ...local, id: 'a\0b' })).rejects.toMatchObject({ code: 'invalid_request' });
});

test('closing finishes what was asked for, releases what was left, and refuses what comes after', async () => {
  const store = await open();
  await store.ledger.openAccount(local);
  const held = store.ledger.hold(holdOf('r1'));
  const closed = store.close();
  await expect(store.ledger.findAccount('local')).rejects.toMatchObject({ code: 'shutting_down' });
  expect(await held).toMatchObject({ kind: 'held' });
  await Promise.all([closed, store.close()]);
  const next = await open({ epochId: 'boot_2' });
  expect(await next.ledger.findHold('r1')).toMatchObject({ state: 'expired' });
  expect(await next.ledger.findAccount('local')).toMatchObject({ pending: 0n });
});
