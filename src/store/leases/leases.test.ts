import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { account, attempt, dime, settlement, SharedDatabase } from './shared-database.test-support.ts';

let database: SharedDatabase;

beforeEach(() => {
  database = new SharedDatabase();
});

afterEach(() => database.close());

test('of 1,000 holds of 10 cents against 5 dollars, over four processes, exactly 50 pass', async () => {
  const all = await database.replicas(4);
  const [first] = all;
  if (first === undefined) throw new Error('no replica');
  await account(first.store, 'customer', 50n * dime);
  const attempts = Array.from({ length: 1_000 }, (_, number) => {
    const replica = all[number % 4] ?? first;
    return attempt(replica.store, `r${number}`, dime, dime);
  });
  const passed = (await Promise.all(attempts)).filter((answer) => answer === 'passed');
  expect(passed).toHaveLength(50);
  database.expectRightBooks();
  await Promise.all(all.map(({ leased }) => leased.giveBack()));
  expect(await first.store.findAccount('customer')).toMatchObject({ debits: 50n * dime, pending: 0n });
  database.expectRightBooks();
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
          database = new SharedDatabase();
          const all = await database.replicas(count);
          const [first] = all;
          if (first === undefined) throw new Error('no replica');
          await account(first.store, 'customer', BigInt(dimes) * dime + rest);
          database.arrives = () => scheduler.schedule(Promise.resolve());
          const attempts = Array.from({ length: 2 * dimes + 40 }, async (_, number) => {
            const replica = all[number % count] ?? first;
            const hold = { requestId: `r${number}`, accountId: 'customer', amount: dime, createdAt: 1_000, expiresAt: 9_000 };
            return (await replica.store.hold(hold)).kind;
          });
          await scheduler.waitFor(Promise.all(attempts));
          database.arrives = () => new Promise((resolve) => setImmediate(resolve));
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
      database = new SharedDatabase();
      const all = await database.replicas(3);
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
      database.expectRightBooks();
      database.ticks += 10_000;
      await Promise.all(all.map(({ leased }) => leased.tidy()));
      database.expectRightBooks();
      const after = await first.store.findAccount('customer');
      expect(after).toMatchObject({ debits: charged, pending: 0n });
    }),
    { numRuns: Number(process.env['FLASHMUX_FUZZ_RUNS'] ?? 60) },
  );
});

test('a settlement whose answer was lost is posted once, however often it is tried', async () => {
  const only = await database.replica();
  await account(only.store, 'customer', 50n * dime);
  await only.store.hold({ requestId: 'r1', accountId: 'customer', amount: dime, createdAt: 1_000, expiresAt: 9_000 });
  database.losesAnswers = ({ name }) => name === 'lease.end';
  await expect(only.store.settle(settlement('r1', 7n))).rejects.toThrow('the connection was lost');
  await expect(only.store.settle(settlement('r1', 7n))).rejects.toThrow('the connection was lost');
  database.losesAnswers = () => false;
  expect(await only.store.settle(settlement('r1', 7n))).toMatchObject({ kind: 'ended', state: 'posted', charged: 7n });
  await only.leased.giveBack();
  expect(await only.store.findAccount('customer')).toMatchObject({ debits: 7n, pending: 0n });
  database.expectRightBooks();
});

test('what a dead process had leased is released, and what it settles after all is charged as far as the balance reaches', async () => {
  const [dead, other] = await database.replicas(2);
  if (dead === undefined || other === undefined) throw new Error('no replica');
  await account(dead.store, 'customer', 10n * dime);
  await dead.store.hold({ requestId: 'r1', accountId: 'customer', amount: dime, createdAt: 1_000, expiresAt: 9_000 });
  const epochs = await database.perform({ name: 'epoch.list', input: null });
  const beats = epochs.find(({ id }) => id === dead.epochId)?.beats ?? -1;
  expect(await database.perform({ name: 'epoch.bury', input: { id: dead.epochId, beats, at: 1_001 } })).toHaveLength(1);
  expect(await attempt(other.store, 'r2', 10n * dime, 10n * dime)).toBe('passed');
  expect(await dead.store.settle(settlement('r1', dime))).toMatchObject({ kind: 'late', charged: 0n });
  dead.leased.forget();
  database.expectRightBooks();
  expect(await database.perform({ name: 'epoch.beat', input: { id: dead.epochId } })).toBe(false);
});

test('a process sees as available what it has leased itself', async () => {
  const [first, other] = await database.replicas(2);
  if (first === undefined || other === undefined) throw new Error('no replica');
  await account(first.store, 'customer', 50n * dime);
  for (let number = 0; number < 20; number++) await attempt(first.store, `r${number}`, dime, 0n);
  expect(await first.store.findAccount('customer')).toMatchObject({ debits: 0n, pending: 0n });
});
