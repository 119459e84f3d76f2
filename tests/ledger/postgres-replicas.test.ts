import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HoldAnswer, NewSettlement } from '../../src/ledger/ledger-store.ts';
import type { PostgresStore } from '../../src/store/postgres/open-postgres-store.ts';
import { openOn } from '../../src/store/postgres/open-postgres-store.test-support.ts';
import { makeDatabase } from '../support/postgres/database.ts';
import type { TestDatabase } from '../support/postgres/database.ts';
import { PostgresServer } from '../support/postgres/postgres-server.ts';

const cent = 10_000_000n;
const never = 2 ** 43;

function settlementOf(requestId: string, cost: bigint): NewSettlement {
  const line = { meter: 'output-text', quantity: 1, rate: { usd: '0.40', per: 1_000_000 }, amount: cost } as const;
  return {
    requestId,
    at: 5,
    cost,
    bill: { lines: [line], total: cost, priceListId: 'list' },
    usage: { input: {}, output: { total: 1 }, toolCalls: {} },
    outcome: 'complete',
  };
}

/** Rows that break an invariant; the books are right when each of these finds none. */
const wrongs: Readonly<Record<string, string>> = {
  'credits - debits is the sum of the entries': `
    SELECT id FROM accounts WHERE credits - debits <> (SELECT COALESCE(SUM(amount), 0) FROM entries WHERE account_id = accounts.id)`,
  'pending is the sum of the open holds': `
    SELECT id FROM accounts
    WHERE pending <> (SELECT COALESCE(SUM(reserved), 0) FROM holds WHERE account_id = accounts.id AND state = 'open')`,
  'each request is charged at most once, and as its hold and its record say': `
    SELECT request_id FROM holds WHERE state = 'posted' AND (
      (SELECT COUNT(*) FROM request_records r WHERE r.request_id = holds.request_id AND r.charged = holds.charged) <> 1
      OR charged <> (SELECT -SUM(amount) FROM entries WHERE ref = holds.request_id AND kind IN ('usage', 'late')))`,
};

async function expectRightBooks(run: TestDatabase['run']): Promise<void> {
  for (const [rule, text] of Object.entries(wrongs)) expect(await run(text), rule).toEqual([]);
}

let database: TestDatabase;
let replicas: readonly [PostgresStore, PostgresStore];

beforeEach(async () => {
  database = await makeDatabase();
  replicas = [await openOn(database, { epochId: 'one' }), await openOn(database, { epochId: 'two' })];
  await replicas[0].ledger.openAccount({ id: 'customer', limit: 'prepaid', overdraft: 0n, createdAt: 1 });
  await replicas[0].ledger.credit({ accountId: 'customer', kind: 'topup', amount: 500n * cent, ref: 'payment', at: 1 });
});
afterEach(async () => {
  await Promise.all(replicas.map((replica) => replica.close()));
  await database.drop();
});

test('of 1,000 holds of $0.10 on two replicas at the same time against $5.00 exactly 50 are placed', async () => {
  const answers = await Promise.all(
    Array.from({ length: 1_000 }, (_, number) =>
      (number % 2 === 0 ? replicas[0] : replicas[1]).ledger.hold({
        requestId: `r${number}`,
        accountId: 'customer',
        amount: 10n * cent,
        createdAt: 1,
        expiresAt: never,
      }),
    ),
  );
  const count = (kind: HoldAnswer['kind']): number => answers.filter((answer) => answer.kind === kind).length;
  expect({ held: count('held'), short: count('short') }).toEqual({ held: 50, short: 950 });
  expect(await replicas[1].ledger.findAccount('customer')).toMatchObject({ pending: 500n * cent });
  await expectRightBooks(database.run);
});

test('two replicas that hold and settle on one account spend it to the last cent and never beyond', async () => {
  const live = async (replica: PostgresStore, name: string): Promise<bigint> => {
    let spent = 0n;
    for (let number = 0; ; number++) {
      const requestId = `${name}_${number}`;
      const amount = BigInt(1 + (number % 7)) * cent;
      const hold = { requestId, accountId: 'customer', amount, createdAt: 1, expiresAt: never };
      const answer = await replica.ledger.hold(hold);
      if (answer.kind === 'short' && amount === cent) return spent;
      if (answer.kind !== 'held') continue;
      expect(answer.path[0]?.pending).toBeLessThanOrEqual(500n * cent);
      if (number % 5 === 4) {
        await replica.ledger.void({ requestId, at: 5 });
        continue;
      }
      const cost = number % 2 === 0 ? amount : amount / 2n;
      await replica.ledger.settle(settlementOf(requestId, cost));
      spent += cost;
    }
  };
  const spent = await Promise.all(
    replicas.flatMap((replica, index) => [1, 2, 3].map((worker) => live(replica, `r${index}_${worker}`))),
  );
  const account = await replicas[0].ledger.findAccount('customer');
  expect(account).toMatchObject({ pending: 0n, debits: spent.reduce((sum, each) => sum + each, 0n) });
  expect(account?.debits).toBeLessThanOrEqual(500n * cent);
  expect(account?.debits).toBeGreaterThan(498n * cent);
  await expectRightBooks(database.run);
});

test('a server that is killed again and again under load loses nothing that was acknowledged and doubles nothing', async () => {
  const server = await PostgresServer.start();
  const kills = Number(process.env['FLASHMUX_FUZZ_RUNS'] ?? 0) > 0 ? 30 : 3;
  const store = await openOn({ url: server.url('postgres') }, { patienceMs: 30_000 });
  try {
    await store.ledger.openAccount({ id: 'customer', limit: 'none', overdraft: 0n, createdAt: 1 });
    const settled = new Map<string, bigint>();
    const over = new AbortController();
    const live = async (worker: number): Promise<void> => {
      for (let number = 0; !over.signal.aborted; number++) {
        const requestId = `r${worker}_${number}`;
        await store.ledger.hold({ requestId, accountId: 'customer', amount: 100n, createdAt: 1, expiresAt: never });
        const cost = BigInt(1 + (number % 90));
        await store.ledger.settle(settlementOf(requestId, cost));
        settled.set(requestId, cost);
      }
    };
    const workers = Array.from({ length: 8 }, (_, worker) => live(worker));
    for (let kill = 1; kill <= kills; kill++) {
      const before = settled.size;
      await expect.poll(() => settled.size, { timeout: 60_000 }).toBeGreaterThan(before + 20);
      await server.kill();
      await server.restart();
    }
    over.abort();
    await Promise.all(workers);
    const entries = await store.ledger.entries({ accountId: 'customer', limit: 1_000_000 });
    expect(new Map(entries.map(({ ref, amount }) => [ref, -amount]))).toEqual(settled);
    expect(entries).toHaveLength(settled.size);
    expect(await store.ledger.findAccount('customer')).toMatchObject({ pending: 0n });
  } finally {
    await store.close();
    await server.stop();
  }
});
