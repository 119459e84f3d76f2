import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LedgerStore, NewSettlement } from '../../ledger/ledger-store.ts';
import { openMemoryDatabase, type MemoryDatabase } from '../memory/memory-database.ts';
import { operationOf, type Call, type OperationName, type Perform } from '../sql/operations.ts';
import { sqlLeaseStore, sqlLedgerStore } from '../sql/sql-store.ts';
import { runOperation } from '../sqlite/sql-port.ts';
import { LeasedLedgerStore } from './leased-ledger-store.ts';

// Several processes on one database, each deciding against leases of its own. The database is SQLite here, which knows no
// difference: the statements are the same.

const dime = 100_000_000n;
let database: MemoryDatabase;
let ticks = 0;
let leaseNumber = 0;
/** The way of a call to the database, and of its answer back. */
let arrives = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
/** Calls whose answer is lost on its way back, although the database did what it was asked. */
let losesAnswers: (call: Call) => boolean = () => false;

beforeEach(() => {
  database = openMemoryDatabase();
  ticks = 0;
  losesAnswers = () => false;
});

afterEach(() => database.close());

const perform: Perform = async <Name extends OperationName>(call: Call<Name> & Call) => {
  // As a database on the network does it: never in the same turn.
  await arrives();
  database.script('BEGIN');
  const result = runOperation(database, operationOf<Name>(call));
  database.script('COMMIT');
  await arrives();
  if (losesAnswers(call)) throw new Error('the connection was lost');
  return result;
};

interface Replica {
  readonly epochId: string;
  readonly leased: LeasedLedgerStore;
  readonly store: LedgerStore;
}

async function replicas(count: number): Promise<readonly Replica[]> {
  const all: Replica[] = [];
  for (let number = 1; number <= count; number++) {
    const epochId = `epoch-${number}`;
    await perform({ name: 'epoch.join', input: { id: epochId, processId: number, host: 'test', startedAt: 1 } });
    const leased = new LeasedLedgerStore(
      sqlLedgerStore(perform, () => epochId),
      sqlLeaseStore(perform, () => epochId),
      {
        clock: { now: () => 1_000, ticks: () => ticks },
        newLeaseId: () => `lse_${++leaseNumber}`,
        hotHoldsPerSecond: 0,
        recall: async (accountIds) => {
          await Promise.all(all.filter((each) => each.epochId !== epochId).map((each) => each.leased.giveBack(accountIds)));
        },
      },
    );
    all.push({ epochId, leased, store: leased.asStore() });
  }
  return all;
}

async function account(store: LedgerStore, id: string, amount: bigint): Promise<void> {
  await store.openAccount({ id, limit: 'prepaid', overdraft: 0n, createdAt: 1 });
  await store.credit({ accountId: id, kind: 'topup', amount, ref: `gift-${id}`, at: 1 });
}

function settlement(requestId: string, cost: bigint): NewSettlement {
  const line = { meter: 'output-text', quantity: 1, rate: { usd: '1', per: 1 }, amount: cost } as const;
  return {
    requestId,
    at: 1_001,
    cost,
    bill: { lines: [line], total: cost, priceListId: 'list@1' },
    usage: { input: { total: 1 }, output: { total: 1 }, toolCalls: {} },
    outcome: 'complete',
  };
}

async function attempt(store: LedgerStore, requestId: string, amount: bigint, cost: bigint): Promise<'passed' | 'short'> {
  const hold = { requestId, accountId: 'customer', amount, createdAt: 1_000, expiresAt: 9_000 };
  const answer = await store.hold(hold);
  if (answer.kind !== 'held') return 'short';
  await store.settle(settlement(requestId, cost));
  return 'passed';
}

/** Nothing may be left over or made up: the account has what came in, less what was posted, and no open hold. */
function expectRightBooks(): void {
  const wrong = database.rows({
    text: `SELECT id FROM accounts WHERE credits - debits <> (SELECT COALESCE(SUM(amount), 0) FROM entries WHERE account_id = accounts.id)
             OR credits - debits - pending < 0
             OR pending <> (SELECT COALESCE(SUM(reserved), 0) FROM holds WHERE account_id = accounts.id AND state = 'open')
             OR debits <> (SELECT COALESCE(SUM(charged), 0) FROM request_records WHERE account_id = accounts.id)`,
    values: [],
  });
  expect(wrong).toEqual([]);
}

test('of 1,000 holds of 10 cents against 5 dollars, over four processes, exactly 50 pass', async () => {
  const all = await replicas(4);
  const [first] = all;
  if (first === undefined) throw new Error('no replica');
  await account(first.store, 'customer', 50n * dime);
  const attempts = Array.from({ length: 1_000 }, (_, number) => {
    const replica = all[number % 4] ?? first;
    return attempt(replica.store, `r${number}`, dime, dime);
  });
  const passed = (await Promise.all(attempts)).filter((answer) => answer === 'passed');
  expect(passed).toHaveLength(50);
  expectRightBooks();
  await Promise.all(all.map(({ leased }) => leased.giveBack()));
  expect(await first.store.findAccount('customer')).toMatchObject({ debits: 50n * dime, pending: 0n });
  expectRightBooks();
});

test.each([1, 2, 4])(
  'of many holds that all stay open, over %d processes on a slow database, as many pass as there are credits for',
  async (count) => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.bigInt({ min: 0n, max: dime - 1n }),
        fc.scheduler(),
        async (dimes, rest, scheduler) => {
          database.close();
          database = openMemoryDatabase();
          const all = await replicas(count);
          const [first] = all;
          if (first === undefined) throw new Error('no replica');
          await account(first.store, 'customer', BigInt(dimes) * dime + rest);
          arrives = () => scheduler.schedule(Promise.resolve());
          const attempts = Array.from({ length: 2 * dimes + 40 }, async (_, number) => {
            const replica = all[number % count] ?? first;
            const hold = { requestId: `r${number}`, accountId: 'customer', amount: dime, createdAt: 1_000, expiresAt: 9_000 };
            return (await replica.store.hold(hold)).kind;
          });
          await scheduler.waitFor(Promise.all(attempts));
          arrives = () => new Promise((resolve) => setImmediate(resolve));
          const kinds = await Promise.all(attempts);
          expect(kinds.filter((kind) => kind === 'held')).toHaveLength(dimes);
        },
      ),
      { numRuns: 50 },
    );
  },
);

test('whatever processes hold, settle and give back in whatever order, no more than the balance is spent and nothing is lost', async () => {
  const anyRequest = fc.record({
    replica: fc.nat(2),
    amount: fc.bigInt({ min: 1n, max: 400n }),
    part: fc.nat(100),
    ends: fc.constantFrom('settle' as const, 'settle' as const, 'void' as const),
    turns: fc.nat(3),
  });
  await fc.assert(
    fc.asyncProperty(fc.bigInt({ min: 0n, max: 3_000n }), fc.array(anyRequest, { maxLength: 40 }), async (balance, requests) => {
      database.close();
      database = openMemoryDatabase();
      const all = await replicas(3);
      const [first] = all;
      if (first === undefined) throw new Error('no replica');
      await account(first.store, 'customer', balance + 1n);
      let charged = 0n;
      const work = requests.map(async ({ replica, amount, part, ends, turns }, number) => {
        const { store, leased } = all[replica] ?? first;
        for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
        const requestId = `r${number}`;
        const answer = await store.hold({ requestId, accountId: 'customer', amount, createdAt: 1_000, expiresAt: 9_000 });
        if (answer.kind !== 'held') return;
        if (turns === 2) await leased.tidy();
        if (ends === 'void') await store.void({ requestId, at: 1_001 });
        else {
          const cost = (amount * BigInt(part)) / 100n;
          expect(await store.settle(settlement(requestId, cost))).toMatchObject({ kind: 'posted', charged: cost });
          charged += cost;
        }
      });
      await Promise.all(work);
      expectRightBooks();
      ticks += 10_000;
      await Promise.all(all.map(({ leased }) => leased.tidy()));
      expectRightBooks();
      const after = await first.store.findAccount('customer');
      expect(after).toMatchObject({ debits: charged, pending: 0n });
    }),
    { numRuns: Number(process.env['FLASHMUX_FUZZ_RUNS'] ?? 60) },
  );
});

test('a settlement whose answer was lost is posted once, however often it is tried', async () => {
  const [only] = await replicas(1);
  if (only === undefined) throw new Error('no replica');
  await account(only.store, 'customer', 50n * dime);
  await only.store.hold({ requestId: 'r1', accountId: 'customer', amount: dime, createdAt: 1_000, expiresAt: 9_000 });
  losesAnswers = ({ name }) => name === 'lease.end';
  await expect(only.store.settle(settlement('r1', 7n))).rejects.toThrow('the connection was lost');
  await expect(only.store.settle(settlement('r1', 7n))).rejects.toThrow('the connection was lost');
  losesAnswers = () => false;
  expect(await only.store.settle(settlement('r1', 7n))).toMatchObject({ kind: 'ended', state: 'posted', charged: 7n });
  await only.leased.giveBack();
  expect(await only.store.findAccount('customer')).toMatchObject({ debits: 7n, pending: 0n });
  expectRightBooks();
});

test('what a dead process had leased is released, and what it settles after all is charged as far as the balance reaches', async () => {
  const [dead, other] = await replicas(2);
  if (dead === undefined || other === undefined) throw new Error('no replica');
  await account(dead.store, 'customer', 10n * dime);
  await dead.store.hold({ requestId: 'r1', accountId: 'customer', amount: dime, createdAt: 1_000, expiresAt: 9_000 });
  const epochs = await perform({ name: 'epoch.list', input: null });
  const beats = epochs.find(({ id }) => id === dead.epochId)?.beats ?? -1;
  expect(await perform({ name: 'epoch.bury', input: { id: dead.epochId, beats, at: 1_001 } })).toHaveLength(1);
  expect(await attempt(other.store, 'r2', 10n * dime, 10n * dime)).toBe('passed');
  expect(await dead.store.settle(settlement('r1', dime))).toMatchObject({ kind: 'late', charged: 0n });
  dead.leased.forget();
  expectRightBooks();
  expect(await perform({ name: 'epoch.beat', input: { id: dead.epochId } })).toBe(false);
});

test('a process sees as available what it has leased itself', async () => {
  const [first, other] = await replicas(2);
  if (first === undefined || other === undefined) throw new Error('no replica');
  await account(first.store, 'customer', 50n * dime);
  for (let number = 0; number < 20; number++) await attempt(first.store, `r${number}`, dime, 0n);
  expect(await first.store.findAccount('customer')).toMatchObject({ debits: 0n, pending: 0n });
});
