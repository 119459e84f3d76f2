import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LedgerStore, NewHold, NewSettlement } from '../../src/ledger/ledger-store.ts';
import type { Store } from '../../src/store/store.ts';
import { storeKinds } from './stores.ts';

// The operations are the same text on every database. Here they live the same histories on SQLite in memory and on PostgreSQL, so
// that a difference in how the two read that text is found.

const accounts = ['customer', 'team', 'free', 'nobody'] as const;
const requests = ['r1', 'r2', 'r3', 'r4'] as const;
const start = Date.UTC(2026, 10, 20);

const anyAccount = fc.constantFrom(...accounts);
const anyRequest = fc.constantFrom(...requests);
const anyAmount = fc.bigInt({ min: 0n, max: 120n });

const anyStep = fc.oneof(
  fc.record({ kind: fc.constant('credit' as const), account: anyAccount, amount: anyAmount, ref: fc.constantFrom('a', 'b') }),
  fc.record({ kind: fc.constant('adjust' as const), account: anyAccount, amount: anyAmount, ref: fc.constantFrom('a', 'b') }),
  fc.record({
    kind: fc.constant('grant' as const),
    account: anyAccount,
    amount: fc.bigInt({ min: 1n, max: 60n }),
    ref: fc.constantFrom('g1', 'g2'),
    unit: fc.constantFrom('usd' as const, 'tokens' as const),
    lifetime: fc.nat(100),
    isRenewed: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('hold' as const),
    account: anyAccount,
    amount: anyAmount,
    request: anyRequest,
    isBudgeted: fc.boolean(),
    tokens: fc.option(fc.nat(60), { nil: undefined }),
    hasKey: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('settle' as const), request: anyRequest, cost: anyAmount, tokens: fc.nat(60) }),
  fc.record({ kind: fc.constant('void' as const), request: anyRequest }),
  fc.record({ kind: fc.constant('refund' as const), request: anyRequest, amount: anyAmount, ref: fc.constantFrom('s', 't') }),
  fc.record({ kind: fc.constant('expire' as const), request: anyRequest }),
  fc.record({
    kind: fc.constant('budget' as const),
    amount: anyAmount,
    period: fc.constantFrom('day' as const, 'total' as const),
  }),
  fc.record({ kind: fc.constant('time' as const), milliseconds: fc.constantFrom(1, 50, 86_400_000) }),
);
type Step = typeof anyStep extends fc.Arbitrary<infer Value> ? Value : never;

interface Life {
  readonly ledger: LedgerStore;
  /** Before every id, so that many histories fit into one database. */
  readonly own: (id: string) => string;
  readonly now: number;
}

function holdOf({ own, now }: Life, step: Extract<Step, { kind: 'hold' }>): NewHold {
  const { account, amount, request, isBudgeted, tokens, hasKey } = step;
  // A request id is the server's own, so it never comes with two keys or under the keys of two accounts.
  const key = request <= 'r2' ? 'k1' : 'k2';
  const covered = amount / 2n;
  return {
    requestId: own(request),
    accountId: own(account),
    amount,
    createdAt: now,
    expiresAt: now + 20,
    ...(isBudgeted && account === 'customer' ? { budgetId: own('team') } : {}),
    ...(tokens === undefined ? {} : { tokens: { count: tokens, amount: covered, model: 'm' } }),
    ...(hasKey && account === 'customer' ? { idempotency: { key, fingerprint: `${amount % 2n}`, expiresAt: now + 1_000 } } : {}),
  };
}

function settlementOf({ own, now }: Life, { request, cost, tokens }: Extract<Step, { kind: 'settle' }>): NewSettlement {
  const tool = { meter: 'tool:web_search', quantity: 1, rate: { usd: '1', per: 1 }, amount: cost } as const;
  return {
    requestId: own(request),
    at: now,
    cost,
    bill: { lines: [tool], total: cost, priceListId: 'list' },
    usage: { input: { total: tokens }, output: { total: 1 }, toolCalls: { web_search: 1 } },
    outcome: 'complete',
    tokens: { count: tokens, amount: cost / 2n },
    result: '{"done":true}',
  };
}

async function take(life: Life, step: Step): Promise<unknown> {
  const { ledger, own, now } = life;
  switch (step.kind) {
    case 'credit':
      return ledger.credit({
        accountId: own(step.account),
        kind: 'topup',
        amount: step.amount + 1n,
        ref: own(step.ref),
        at: now,
      });
    case 'adjust':
      return ledger.credit({
        accountId: own(step.account),
        kind: 'adjust',
        amount: -step.amount - 1n,
        ref: own(step.ref),
        at: now,
      });
    case 'grant': {
      const gift =
        step.unit === 'usd'
          ? ({ unit: 'usd', amount: step.amount } as const)
          : ({ unit: 'tokens', count: Number(step.amount) } as const);
      const renewal = step.isRenewed ? { renewEveryMs: 40 } : {};
      const expiresAt = now + 1 + step.lifetime;
      return ledger.grant({ ref: own(step.ref), accountId: own(step.account), gift, expiresAt, at: now, ...renewal });
    }
    case 'hold':
      return ledger.hold(holdOf(life, step));
    case 'settle':
      return ledger.settle(settlementOf(life, step));
    case 'void':
      return ledger.void({ requestId: own(step.request), at: now });
    case 'refund':
      return ledger.refund({ requestId: own(step.request), amount: step.amount + 1n, ref: own(step.ref), at: now });
    case 'expire':
      return ledger.expire([own(step.request)], now);
    case 'budget':
      return ledger.changeAccount({ id: own('team'), budget: { amount: step.amount, period: step.period }, at: now });
    case 'time':
      return undefined;
  }
}

/** Everything that a store tells of one history. The numbers of entries differ where transactions were rolled back. */
async function tell({ ledger, own }: Life): Promise<unknown> {
  const span = { from: 0, until: start * 2 };
  return Promise.all([
    ...accounts.map((id) => ledger.findPath(own(id))),
    ...accounts.map((id) => ledger.grants(own(id))),
    ...accounts.map(async (id) => {
      const entries = await ledger.entries({ accountId: own(id), limit: 1_000 });
      return entries.map(({ seq: _, ...entry }) => entry);
    }),
    ...accounts.map((id) => ledger.records({ accountId: own(id), limit: 3 })),
    ...accounts.map((id) => ledger.usage({ accountId: own(id), groupBy: 'day', ...span })),
    ...accounts.map((id) => ledger.toolUsage({ accountId: own(id), ...span })),
    ...requests.map((id) => ledger.findHold(own(id))),
    ...requests.map((id) => ledger.findRecord(own(id))),
  ]);
}

async function live(stores: readonly Store[], history: readonly Step[], number: number): Promise<void> {
  const own = (id: string): string => `${number}/${id}`;
  let now = start;
  const both = async (act: (life: Life) => Promise<unknown>): Promise<void> => {
    const [one, other] = await Promise.all(stores.map(({ ledger }) => act({ ledger, own, now })));
    expect(other).toEqual(one);
  };
  const opened = { overdraft: 0n, createdAt: now };
  await both(({ ledger }) => ledger.openAccount({ id: own('customer'), limit: 'prepaid', ...opened, overdraft: 20n }));
  const budget = { amount: 100n, period: 'day' } as const;
  await both(({ ledger }) =>
    ledger.openAccount({ id: own('team'), limit: 'prepaid', ...opened, parentId: own('customer'), budget }),
  );
  await both(({ ledger }) => ledger.openAccount({ id: own('free'), limit: 'none', ...opened }));
  for (const step of history) {
    await both((life) => take(life, step));
    if (step.kind === 'time') now += step.milliseconds;
  }
  await both(tell);
}

test('any history goes the same way on SQLite and on PostgreSQL, answer by answer and to the last row', async () => {
  const places = await Promise.all(storeKinds.filter(({ kind }) => kind !== 'sqlite').map(({ makePlace }) => makePlace()));
  const stores = await Promise.all(places.map((place) => place.open('boot_1')));
  const histories = Number(process.env['FLASHMUX_FUZZ_RUNS'] ?? 400) / 10;
  let number = 0;
  try {
    expect(stores).toHaveLength(2);
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 5, maxLength: 25 }), (history) => live(stores, history, number++)),
      { numRuns: histories },
    );
  } finally {
    await Promise.all(stores.map((store) => store.close()));
    await Promise.all(places.map((place) => place.remove()));
  }
});
