import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { millisecondsOfDay, millisecondsOfHour } from '../../src/ledger/request-record.ts';
import type { CallFacts, RequestRecord, UsageFilter, UsageQuery } from '../../src/ledger/request-record.ts';
import type { ChargeLine } from '../../src/model/money.ts';
import type { Usage } from '../../src/model/usage.ts';
import type { Store } from '../../src/store/store.ts';
import { toolSums, usageSums } from './plain-records.ts';
import { storeKinds, type StorePlace } from './stores.ts';

// Look-ups add sums of hours and days instead of counting records. Whatever was recorded, in whatever order, and whatever is asked of
// it, they say what counting the records gives. (tests/ledger/histories.test.ts holds the tables themselves to that.)

const numRuns = Number(process.env['FLASHMUX_FUZZ_RUNS'] ?? 12);
const beginning = Date.UTC(2026, 10, 18);

/** On the border of an hour or a day, beside one, or anywhere, within four days. */
const anyMoment: fc.Arbitrary<number> = fc
  .record({
    days: fc.nat({ max: 3 }),
    hours: fc.oneof(fc.constant(0), fc.nat({ max: 23 })),
    rest: fc.oneof(fc.constantFrom(-1, 0, 1), fc.nat({ max: millisecondsOfHour - 1 })),
  })
  .map(({ days, hours, rest }) => beginning + days * millisecondsOfDay + hours * millisecondsOfHour + rest);

const kinds = {
  keyId: fc.constantFrom('key-1', 'key-2'),
  provider: fc.constantFrom('p', 'q'),
  endUser: fc.constantFrom('ann', 'bob'),
  tags: fc.subarray(['chat', 'beta', 'team']),
  usedOwnKey: fc.boolean(),
};

const anyCall: fc.Arbitrary<CallFacts> = fc
  .record(
    { ...kinds, provider: fc.constantFrom('p', 'q', ''), answeringModel: fc.constantFrom('m', 'n') },
    { requiredKeys: ['keyId', 'provider', 'answeringModel'] },
  )
  .map((facts) => ({ answerId: 'gen', namedModel: 'm', attempts: [], streamed: false, createdAt: 1, totalMs: 1, ...facts }));

/** What a host may tell, nonsense included. */
const anyCount = fc.oneof(fc.nat({ max: 1_000 }), fc.constantFrom(-1, 0.5, 1e12, 1e300));

const anyUsage: fc.Arbitrary<Usage> = fc.record({
  input: fc.record({ total: anyCount, cacheRead: anyCount }, { requiredKeys: [] }),
  output: fc.record({ total: anyCount, reasoning: anyCount }, { requiredKeys: [] }),
  toolCalls: fc.constant({}),
});

const anyLine: fc.Arbitrary<ChargeLine> = fc.record({
  meter: fc.constantFrom('output-text', 'tool:search', 'tool:code'),
  quantity: anyCount,
  rate: fc.constant({ usd: '1', per: 1 }),
  // Also more than a double holds exactly.
  amount: fc.bigInt({ min: 0n, max: 2n ** 55n }),
});

/** A request that was billed, or one of which nothing came and which is recorded all the same. */
const anySpent = fc.record({
  at: anyMoment,
  call: fc.option(anyCall, { nil: undefined, freq: 9 }),
  billed: fc.option(fc.record({ lines: fc.array(anyLine, { maxLength: 4 }), usage: anyUsage }), { nil: undefined }),
});

const anyFilter: fc.Arbitrary<UsageFilter> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  ...Object.entries({ ...kinds, model: fc.constantFrom('m', 'n') }).map(([kind, value]) => ({
    weight: 1,
    arbitrary: fc.record({ [kind]: value }),
  })),
  { weight: 1, arbitrary: fc.record({ ...kinds, model: fc.constantFrom('m', 'n') }, { requiredKeys: [] }) },
);

/** Also spans that hold nothing, that end before they begin, and that lie within one hour. */
const anyQuestion: fc.Arbitrary<Omit<UsageQuery, 'accountId'>> = fc
  .record({
    from: fc.oneof(anyMoment, fc.constant(0)),
    until: fc.oneof(anyMoment, fc.constant(beginning + 9 * millisecondsOfDay)),
    groupBy: fc.constantFrom('model', 'key', 'day', 'hour', 'provider', 'user', 'tag', 'credential'),
    filter: anyFilter,
  })
  .map(({ filter, ...span }) => ({ ...span, ...filter }));

type Spent = typeof anySpent extends fc.Arbitrary<infer Value> ? Value : never;

async function spend(store: LedgerStore, record: RequestRecord): Promise<void> {
  const { requestId, accountId, charged, at, outcome, bill, usage, call } = record;
  await store.hold({ requestId, accountId, amount: charged, createdAt: at, expiresAt: at + 1 });
  const facts = { outcome, ...(call === undefined ? {} : { call }) };
  if (bill !== undefined && usage !== undefined) await store.settle({ requestId, at, cost: charged, bill, usage, ...facts });
  else if (call !== undefined) await store.void({ requestId, at, record: { outcome, call } });
  else await store.void({ requestId, at });
}

function recordOf(accountId: string, number: number, { at, call, billed }: Spent): RequestRecord {
  const total = billed?.lines.reduce((sum, { amount }) => sum + amount, 0n) ?? 0n;
  return {
    requestId: `${accountId}-${number}`,
    accountId,
    outcome: billed === undefined ? 'failed' : 'complete',
    charged: total,
    at,
    ...(billed === undefined ? {} : { usage: billed.usage, bill: { lines: billed.lines, total, priceListId: 'list@1' } }),
    ...(call === undefined ? {} : { call: { ...call, answerId: `gen-${accountId}-${number}` } }),
  };
}

describe.each(storeKinds)('look-ups of usage on $kind', ({ makePlace }) => {
  let place: StorePlace;
  let store: Store;
  let accounts = 0;
  beforeAll(async () => {
    place = await makePlace();
    store = await place.open('boot_1');
  });
  afterAll(async () => {
    await store.close();
    await place.remove();
  });

  test(
    'say what counting the records gives, whatever was recorded and whatever is asked',
    { timeout: 60_000 + 1_000 * numRuns },
    async () => {
      const { ledger } = store;
      const histories = fc.array(anySpent, { minLength: 20, maxLength: 40 });
      await fc.assert(
        fc.asyncProperty(histories, fc.array(anyQuestion, { minLength: 40, maxLength: 40 }), async (history, questions) => {
          const accountId = `account-${++accounts}`;
          await ledger.openAccount({ id: accountId, limit: 'none', overdraft: 0n, createdAt: 1 });
          const records = history.map((spent, number) => recordOf(accountId, number, spent));
          await Promise.all(records.map((record) => spend(ledger, record)));
          const kept = records.filter(({ bill, call }) => bill !== undefined || call !== undefined);
          for (const question of questions) {
            const asked = { accountId, ...question };
            expect(await ledger.usage(asked)).toEqual(usageSums(kept, asked));
            expect(await ledger.toolUsage(asked)).toEqual(toolSums(kept, asked));
          }
        }),
        { numRuns },
      );
    },
  );
});
