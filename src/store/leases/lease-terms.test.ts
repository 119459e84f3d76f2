import { afterEach, beforeEach, expect, test } from 'vitest';
import { sqlLeaseRecalls, sqlLedgerStore } from '../sql/sql-store.ts';
import { recallingLedgerStore } from './recalling-ledger-store.ts';
import { account, attempt, dime, settlement, SharedDatabase } from './shared-database.test-support.ts';

// When a lease is given up, and what must not be decided against one.

let database: SharedDatabase;

beforeEach(() => {
  database = new SharedDatabase();
});

afterEach(() => database.close());

test('what a busy payer no longer draws from goes back while it is busy', async () => {
  const only = await database.replica();
  await account(only.store, 'customer', 50n * dime);
  for (let second = 1; second <= 4; second++) {
    database.ticks = second * 1_000;
    // Each finds the lease of the one before too small.
    await attempt(only.store, `r${second}`, BigInt(5 + second) * dime, dime / 2n);
    await only.leased.tidy();
  }
  expect(database.openLeases()).toBeLessThanOrEqual(2);
  database.expectRightBooks();
});

test('a request that nobody ended expires, and is charged as far as the balance reaches where it is settled after all', async () => {
  const only = await database.replica();
  const { store } = only;
  await account(store, 'customer', 10n * dime);
  await store.hold({ requestId: 'r1', accountId: 'customer', amount: 8n * dime, createdAt: 1_000, expiresAt: 9_000 });
  expect(await store.overdue(8_999)).toEqual([]);
  expect(await store.overdue(9_000)).toEqual(['r1']);
  expect(await store.expire(['r1', 'nobody'], 9_000)).toEqual(['r1']);
  expect(await store.overdue(9_000)).toEqual([]);
  expect(await store.findAccount('customer')).toMatchObject({ pending: 0n });
  expect(
    await store.hold({ requestId: 'r2', accountId: 'customer', amount: 6n * dime, createdAt: 1_000, expiresAt: 9_000 }),
  ).toMatchObject({ kind: 'held' });
  expect(await store.settle(settlement('r1', 7n * dime))).toMatchObject({ kind: 'late', charged: 4n * dime, held: 8n * dime });
  database.expectRightBooks();
});

test('a limit is lowered, and credits are taken away, as if nothing were leased', async () => {
  const only = await database.replica();
  const { store } = only;
  await account(store, 'customer', 10n * dime);
  await store.openAccount({
    id: 'key',
    limit: 'prepaid',
    overdraft: 0n,
    createdAt: 1,
    parentId: 'customer',
    budget: { amount: 8n * dime, period: 'total' },
  });
  const hold = async (requestId: string): Promise<void> => {
    const wish = { requestId, accountId: 'customer', budgetId: 'key', amount: dime, createdAt: 1_000, expiresAt: 9_000 };
    expect(await store.hold(wish)).toMatchObject({ kind: 'held' });
    expect(await store.settle(settlement(requestId, 1n))).toMatchObject({ kind: 'posted' });
  };
  for (const requestId of ['r1', 'r2', 'r3']) await hold(requestId);
  expect(await store.changeAccount({ id: 'key', budget: { amount: 3n, period: 'total' }, at: 1_002 })).toMatchObject({
    credits: 8n * dime,
    debits: 8n * dime,
    pending: 0n,
  });
  const taken = { accountId: 'customer', kind: 'adjust', amount: 3n - 10n * dime, ref: 'all of it', at: 1_003 } as const;
  expect(await store.credit(taken)).toMatchObject({ kind: 'credited', account: { pending: 0n } });
  database.expectRightSums();
});

test('a free token that was given to a busy payer pays for its next request', async () => {
  const only = await database.replica();
  const { store } = only;
  await account(store, 'customer', 10n * dime);
  await attempt(store, 'r1', dime, dime);
  await store.grant({ accountId: 'customer', ref: 'gift', gift: { unit: 'tokens', count: 9 }, at: 1_000, expiresAt: 9_000 });
  const tokens = { count: 5, amount: dime, model: 'm' };
  await store.hold({ requestId: 'r2', accountId: 'customer', amount: dime, tokens, createdAt: 1_000, expiresAt: 9_000 });
  await store.settle({ ...settlement('r2', dime), tokens });
  expect(await store.grants('customer')).toMatchObject([{ used: 5n, pending: 0n }]);
});

test('a budget whose period is over begins anew with the next request, whatever is leased of the old one', async () => {
  const only = await database.replica();
  const { store } = only;
  const day = 86_400_000;
  await account(store, 'customer', 10n * dime);
  await store.openAccount({
    id: 'key',
    limit: 'prepaid',
    overdraft: 0n,
    createdAt: 1,
    parentId: 'customer',
    budget: { amount: 8n, period: 'day' },
  });
  const hold = { accountId: 'customer', budgetId: 'key', amount: 4n, expiresAt: 3 * day } as const;
  for (const requestId of ['r1', 'r2']) {
    expect(await store.hold({ ...hold, requestId, createdAt: 1_000 })).toMatchObject({ kind: 'held' });
    await store.settle(settlement(requestId, 3n));
  }
  expect(await store.hold({ ...hold, requestId: 'r3', createdAt: 1_000 })).toMatchObject({ kind: 'short' });
  expect(await store.hold({ ...hold, requestId: 'r4', createdAt: day + 1 })).toMatchObject({ kind: 'held' });
  expect(await store.entries({ accountId: 'key', limit: 9 })).toContainEqual(
    expect.objectContaining({ kind: 'reset', ref: expect.stringContaining('period') }),
  );
});

test('a command beside a busy server lowers a budget as if the server had leased nothing', async () => {
  const server = await database.replica();
  const { store, leased } = server;
  await account(store, 'customer', 100n * dime);
  const budget = { amount: 80n * dime, period: 'total' } as const;
  await store.openAccount({ id: 'key', limit: 'prepaid', overdraft: 0n, createdAt: 1, parentId: 'customer', budget });
  let number = 0;
  const request = async (): Promise<string> => {
    const requestId = `r${++number}`;
    const wish = { requestId, accountId: 'customer', budgetId: 'key', amount: dime, createdAt: 1_000, expiresAt: 9_000 };
    const { kind } = await store.hold(wish);
    if (kind === 'held') await store.settle(settlement(requestId, 1n));
    return kind;
  };
  for (let count = 0; count < 20; count++) await request();
  expect(database.openLeases()).toBeGreaterThan(0);
  const guest = () => 'guest';
  const command = recallingLedgerStore(sqlLedgerStore(database.perform, guest), sqlLeaseRecalls(database.perform, guest));
  const change = command.changeAccount({ id: 'key', budget: { amount: 10n, period: 'total' }, at: 1_002 });
  // The server goes on all the while, and looks now and then.
  const serving = setInterval(() => void request().then(() => leased.tidy()), 20);
  await change;
  clearInterval(serving);
  expect(await request()).toBe('short');
  const left = await store.findAccount('key');
  // But for what a request had set aside that ran at that moment; what is leased is eight times as much.
  expect((left?.credits ?? 0n) - (left?.debits ?? 0n)).toBeLessThanOrEqual(10n + dime);
  await leased.giveBack();
  database.expectRightSums();
});

test('a lease that could not be taken or given back while the database was away goes back once it is there again', async () => {
  const only = await database.replica();
  const { store, leased } = only;
  await account(store, 'customer', 50n * dime);
  const wish = { accountId: 'customer', amount: dime, createdAt: 1_000, expiresAt: 9_000 };
  database.losesAnswers = ({ name }) => name === 'lease.take' || name === 'lease.return';
  await expect(store.hold({ ...wish, requestId: 'r1' })).rejects.toThrow('the connection was lost');
  database.losesAnswers = () => false;
  await leased.tidy();
  expect(await store.findAccount('customer')).toMatchObject({ pending: 0n });
  await attempt(store, 'r0', dime, 1n);
  await store.hold({ ...wish, requestId: 'r2' });
  database.isAway = ({ name }) => name === 'lease.return';
  await expect(leased.giveBack()).rejects.toThrow('the database is away');
  database.isAway = () => false;
  await attempt(store, 'r3', dime, 7n);
  expect(await store.settle(settlement('r2', 5n))).toMatchObject({ kind: 'posted', charged: 5n });
  await leased.close();
  expect(database.openLeases()).toBe(0);
  database.expectRightBooks();
});

test('a request that only the database may hold finds what is leased here and not used', async () => {
  const { store } = await database.replica();
  await account(store, 'customer', 10n * dime);
  await attempt(store, 'r1', 8n * dime, 0n);
  expect(database.openLeases()).toBe(1);
  const idempotency = { key: 'k', fingerprint: 'f', expiresAt: 9_000 };
  const wish = { requestId: 'r2', accountId: 'customer', amount: 10n * dime, idempotency, createdAt: 1_000, expiresAt: 9_000 };
  expect(await store.hold(wish)).toMatchObject({ kind: 'held' });
  expect(await store.findHold('r2')).toMatchObject({ state: 'open' });
  database.expectRightBooks();
});

test('where settlements fail nothing more is admitted, until the database holds again', async () => {
  const { store } = await database.replica();
  await account(store, 'customer', 50n * dime);
  for (const requestId of ['r1', 'r2', 'r3']) expect(await attempt(store, requestId, dime, 1n)).toBe('passed');
  database.isAway = () => true;
  await expect(attempt(store, 'r4', dime, 1n), 'admitted, and not settled').rejects.toThrow('the database is away');
  const wish = { requestId: 'r5', accountId: 'customer', amount: dime, createdAt: 1_000, expiresAt: 9_000 };
  await expect(store.hold(wish)).rejects.toThrow('the database is away');
  database.isAway = () => false;
  expect(await store.hold(wish)).toMatchObject({ kind: 'held' });
  expect(await store.findHold('r5')).toMatchObject({ state: 'open' });
  expect(await store.hold({ ...wish, requestId: 'r6' })).toMatchObject({ kind: 'held' });
  expect(await store.findHold('r6')).toBeUndefined();
});
