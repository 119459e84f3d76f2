import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeDatabase, type TestDatabase } from '../../../tests/support/postgres/database.ts';
import type { LedgerStore } from '../../ledger/ledger-store.ts';
import { settlement } from '../leases/shared-database.test-support.ts';
import { openOn } from './open-postgres-store.test-support.ts';
import type { PostgresStore } from './open-postgres-store.ts';

// Four servers on one PostgreSQL, each deciding against leases of its own.

const dime = 100_000_000n;
let database: TestDatabase;
const stores: PostgresStore[] = [];

beforeAll(async () => {
  database = await makeDatabase();
  for (let number = 1; number <= 4; number++) {
    let leases = 0;
    const leasing = { newLeaseId: () => `lse_${number}_${++leases}`, hotHoldsPerSecond: 0 };
    stores.push(await openOn(database, { epochId: `boot_${number}`, leasing }));
  }
});
afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await database.drop();
});

async function open(id: string, amount: bigint): Promise<void> {
  const [first] = stores;
  await first?.ledger.openAccount({ id, limit: 'prepaid', overdraft: 0n, createdAt: 1 });
  await first?.ledger.credit({ accountId: id, kind: 'topup', amount, ref: `gift-${id}`, at: 1 });
}

async function attempt(ledger: LedgerStore, accountId: string, number: number, cost: bigint): Promise<boolean> {
  const requestId = `${accountId}-${number}`;
  const answer = await ledger.hold({ requestId, accountId, amount: cost, createdAt: 1_000, expiresAt: 9_000_000_000_000 });
  if (answer.kind !== 'held') return false;
  expect(await ledger.settle(settlement(requestId, cost))).toMatchObject({ kind: 'posted', charged: cost });
  return true;
}

async function passes(accountId: string, attempts: number, cost: bigint): Promise<number> {
  const all = Array.from({ length: attempts }, (_, number) => {
    const store = stores[number % stores.length];
    return store === undefined ? Promise.resolve(false) : attempt(store.ledger, accountId, number, cost);
  });
  return (await Promise.all(all)).filter(Boolean).length;
}

test('of 1,000 holds of 10 cents against 5 dollars, over four servers with leases, exactly 50 pass', async () => {
  await open('even', 50n * dime);
  expect(await passes('even', 1_000, dime)).toBe(50);
  await expect.poll(async () => (await stores[0]?.ledger.findAccount('even'))?.pending, { timeout: 15_000 }).toBe(0n);
  expect(await stores[0]?.ledger.findAccount('even')).toMatchObject({ debits: 50n * dime, pending: 0n });
});

test('a balance that no lease divides is spent to its last whole request, and not beyond', async () => {
  const cost = 7_777n;
  await open('odd', 50n * cost + 4_321n);
  expect(await passes('odd', 400, cost)).toBe(50);
  expect((await stores[1]?.ledger.findAccount('odd'))?.debits).toBe(50n * cost);
});

test('a request that finds nothing gets what another server had leased and does not need', async () => {
  await open('shared', 100n * dime);
  const [first, second] = stores;
  if (first === undefined || second === undefined) throw new Error('no store');
  for (let number = 0; number < 10; number++) await attempt(first.ledger, 'shared', number, dime);
  const whole = { requestId: 'whole', accountId: 'shared', amount: 90n * dime, createdAt: 1, expiresAt: 9_000_000_000_000 };
  expect(await second.ledger.hold(whole)).toMatchObject({ kind: 'held' });
  expect(await second.ledger.settle(settlement('whole', 90n * dime))).toMatchObject({ kind: 'posted', charged: 90n * dime });
});
