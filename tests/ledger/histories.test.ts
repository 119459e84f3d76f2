import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LedgerStore, NewSettlement } from '../../src/ledger/ledger-store.ts';
import type { CallFacts } from '../../src/ledger/request-record.ts';
import { emptyTables } from '../../src/store/memory/memory-tables.ts';
import { MemoryLedgerStore } from '../../src/store/memory/memory-ledger-store.ts';
import type { SqlPort } from '../../src/store/sqlite/sql-port.ts';
import { ManualStore } from './manual-store.ts';

// Law 7 of the architecture: whatever happens, in whatever order, however often, and whenever the process dies, the books are
// right, and the plain memory store and SQLite tell the same story.

type Step =
  | { readonly kind: 'credit'; readonly account: string; readonly amount: bigint; readonly ref: string }
  | {
      readonly kind: 'hold';
      readonly account: string;
      readonly amount: bigint;
      readonly request: string;
      readonly lifetime: number;
    }
  | { readonly kind: 'settle'; readonly request: string; readonly cost: bigint }
  | { readonly kind: 'void'; readonly request: string }
  | { readonly kind: 'expire' };

type Moment =
  | { readonly kind: 'group'; readonly steps: readonly Step[] }
  /** The process dies before the group's commit: nothing of it may be seen. */
  | { readonly kind: 'lost-group'; readonly steps: readonly Step[] }
  | { readonly kind: 'restart' }
  | { readonly kind: 'time'; readonly milliseconds: number };

const anyAccount = fc.constantFrom('prepaid', 'overdrawn', 'free', 'nobody');
const anyRequest = fc.constantFrom('r1', 'r2', 'r3', 'r4', 'r5', 'r6');
const anyAmount = fc.bigInt({ min: 0n, max: 100n });

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('credit' as const),
    account: anyAccount,
    amount: fc.bigInt({ min: 1n, max: 100n }),
    ref: fc.constantFrom('a', 'b', 'c'),
  }),
  fc.record({
    kind: fc.constant('hold' as const),
    account: anyAccount,
    amount: anyAmount,
    request: anyRequest,
    lifetime: fc.nat(20),
  }),
  fc.record({
    kind: fc.constant('hold' as const),
    account: anyAccount,
    amount: anyAmount,
    request: anyRequest,
    lifetime: fc.nat(20),
  }),
  fc.record({ kind: fc.constant('settle' as const), request: anyRequest, cost: anyAmount }),
  fc.record({ kind: fc.constant('void' as const), request: anyRequest }),
  fc.constant({ kind: 'expire' as const }),
);
const someSteps = fc.array(anyStep, { minLength: 1, maxLength: 8 });

const anyMoment: fc.Arbitrary<Moment> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('group' as const), steps: someSteps }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lost-group' as const), steps: someSteps }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('time' as const), milliseconds: fc.nat(60) }) },
);

async function take(ledger: LedgerStore, step: Step, at: number): Promise<unknown> {
  switch (step.kind) {
    case 'credit':
      return ledger.credit({ accountId: step.account, kind: 'topup', amount: step.amount, ref: step.ref, at });
    case 'hold':
      return ledger.hold({
        requestId: step.request,
        accountId: step.account,
        amount: step.amount,
        createdAt: at,
        expiresAt: at + step.lifetime,
      });
    case 'settle':
      return ledger.settle(settlement(step.request, step.cost, at));
    case 'void':
      return ledger.void({ requestId: step.request, at, record: { outcome: 'failed', call: callOf(step.request, at) } });
    case 'expire':
      return ledger.expire(at);
  }
}

function settlement(requestId: string, cost: bigint, at: number): NewSettlement {
  const rate = { usd: '0.40', per: 1_000_000 };
  const line = { meter: 'output-text', quantity: 3, rate, amount: cost - cost / 2n } as const;
  const tool = { meter: 'tool:web_search', quantity: 1, rate, amount: cost / 2n } as const;
  return {
    requestId,
    at,
    cost,
    bill: { lines: [line, tool], total: cost, priceListId: 'list@1' },
    usage: { input: { total: 7 }, output: { total: 3 }, toolCalls: { web_search: 1 } },
    outcome: 'complete',
    call: callOf(requestId, at),
  };
}

function callOf(requestId: string, at: number): CallFacts {
  return {
    answerId: `gen_${requestId}`,
    keyId: `key-${at % 2}`,
    namedModel: 'm',
    answeringModel: `model-${at % 3}`,
    provider: 'p',
    attempts: [{ provider: 'p', model: 'theirs', durationMs: 5, ...(at % 2 === 0 ? {} : { fault: 'upstream_failed' as const }) }],
    streamed: at % 2 === 0,
    createdAt: at - 5,
    totalMs: 5,
    ...(at % 2 === 0 ? { firstTokenMs: 2, finishReason: 'stop' as const } : {}),
  };
}

/** Everything that a store tells of itself. */
async function tell(ledger: LedgerStore): Promise<unknown> {
  const accounts = ['prepaid', 'overdrawn', 'free', 'nobody'];
  const requests = ['r1', 'r2', 'r3', 'r4', 'r5', 'r6'];
  return Promise.all([
    ...accounts.map((id) => ledger.findAccount(id)),
    ...accounts.map((id) => ledger.entries({ accountId: id, limit: 1_000 })),
    ...requests.map((id) => ledger.findHold(id)),
    ...requests.map((id) => ledger.findRecord(id)),
    ...requests.map((id) => ledger.findRecordOfAnswer(`gen_${id}`)),
    ...accounts.map((accountId) => ledger.records({ accountId, limit: 2 })),
    ...accounts.map((accountId) => ledger.records({ accountId, limit: 2, before: { requestId: 'r4', at: 1_100 } })),
    ...accounts.map((accountId) => ledger.toolUsage({ accountId, from: 1_020, until: 1_300 })),
    ...(['model', 'key', 'day'] as const).flatMap((groupBy) =>
      accounts.map((accountId) => ledger.usage({ accountId, groupBy, from: 1_020, until: 1_300 })),
    ),
    ledger.usage({ accountId: 'free', groupBy: 'model', keyId: 'key-1', from: 0, until: 10_000 }),
  ]);
}

async function told(store: ManualStore, ledger: LedgerStore): Promise<unknown> {
  const answer = tell(ledger);
  store.commit('succeeds');
  return answer;
}

/** Rows that break an invariant; the books are right when each of these finds none. */
const wrongs: Readonly<Record<string, string>> = {
  'credits - debits is the sum of the entries': `
    SELECT id FROM accounts WHERE credits - debits <> (SELECT COALESCE(SUM(amount), 0) FROM entries WHERE account_id = accounts.id)`,
  'credits are the sum of what came in': `
    SELECT id FROM accounts
    WHERE credits <> (SELECT COALESCE(SUM(amount), 0) FROM entries WHERE account_id = accounts.id AND kind = 'topup')`,
  'pending is the sum of the open holds': `
    SELECT id FROM accounts
    WHERE pending <> (SELECT COALESCE(SUM(amount), 0) FROM holds WHERE account_id = accounts.id AND state = 'open')`,
  'no balance is below its floor': `
    SELECT id FROM accounts WHERE spending_limit = 'prepaid' AND credits + overdraft - debits - pending < 0`,
  'each request is charged at most once': `
    SELECT ref FROM entries WHERE kind IN ('usage', 'late') GROUP BY ref HAVING COUNT(*) > 1`,
  'a posted hold has one record, and its charge is its entry': `
    SELECT request_id FROM holds WHERE state = 'posted' AND (
      (SELECT COUNT(*) FROM request_records WHERE request_id = holds.request_id AND charged = holds.charged) <> 1
      OR charged <> (SELECT COALESCE(-SUM(amount), 0) FROM entries WHERE ref = holds.request_id AND kind IN ('usage', 'late')))`,
  'the records of a request say what its entries say': `
    SELECT request_id FROM request_records
    WHERE charged <> (SELECT COALESCE(-SUM(amount), 0) FROM entries WHERE ref = request_id AND kind IN ('usage', 'late'))`,
  'what was not posted was not charged': `
    SELECT request_id FROM holds WHERE state <> 'posted'
      AND (charged IS NOT NULL OR EXISTS (SELECT 1 FROM entries WHERE ref = request_id AND kind IN ('usage', 'late')))`,
  'no charge is above its hold': 'SELECT request_id FROM holds WHERE charged > amount',
  'entries are numbered without gaps':
    'SELECT 1 FROM (SELECT COUNT(*) AS rows, COALESCE(MAX(seq), 0) AS last FROM entries) WHERE rows <> last',
};

function expectRightBooks(sql: SqlPort): void {
  for (const [rule, text] of Object.entries(wrongs)) {
    expect(sql.rows({ text, values: [] }), rule).toEqual([]);
  }
}

function emptyBooks(sql: SqlPort): void {
  sql.script(`
    DROP TRIGGER entries_are_never_removed;
    DELETE FROM tool_lines; DELETE FROM request_records; DELETE FROM entries; DELETE FROM holds; DELETE FROM accounts; DELETE FROM epochs;
    CREATE TRIGGER entries_are_never_removed BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'append-only'); END`);
}

async function live(store: ManualStore, history: readonly Moment[]): Promise<void> {
  let now = 1_000;
  let epoch = 1;
  const tables = emptyTables();
  let memory: LedgerStore = new MemoryLedgerStore(tables, 'epoch-1', now);
  let sqlite = store.begin('epoch-1', now);
  for (const wish of [
    { id: 'prepaid', limit: 'prepaid', overdraft: 0n, createdAt: 1 },
    { id: 'overdrawn', limit: 'prepaid', overdraft: 50n, createdAt: 1 },
    { id: 'free', limit: 'none', overdraft: 0n, createdAt: 1 },
  ] as const) {
    const opened = sqlite.openAccount(wish);
    store.commit('succeeds');
    expect(await opened).toEqual(await memory.openAccount(wish));
  }

  for (const moment of history) {
    switch (moment.kind) {
      case 'time':
        now += moment.milliseconds;
        break;
      case 'restart':
        epoch += 1;
        memory = new MemoryLedgerStore(tables, `epoch-${epoch}`, now);
        sqlite = store.begin(`epoch-${epoch}`, now);
        break;
      case 'group': {
        const answers = moment.steps.map((each) => take(sqlite, each, now));
        store.commit('succeeds');
        expect(await Promise.all(answers)).toEqual(await Promise.all(moment.steps.map((each) => take(memory, each, now))));
        break;
      }
      case 'lost-group': {
        const answers = moment.steps.map((each) => take(sqlite, each, now));
        store.commit('fails');
        for (const answer of await Promise.allSettled(answers)) expect(answer.status).toBe('rejected');
        break;
      }
    }
    expectRightBooks(store.sql);
    expect(await told(store, sqlite)).toEqual(await tell(memory));
  }
}

test('for any history of credits, holds, settlements, releases, expiries, replays and crashes the books are right', async () => {
  const store = new ManualStore(':memory:');
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(anyMoment, { minLength: 1, maxLength: 20 }), async (history) => {
        emptyBooks(store.sql);
        await live(store, history);
      }),
      { numRuns: Number(process.env['FLASHMUX_FUZZ_RUNS'] ?? 500) },
    );
  } finally {
    store.sql.close();
  }
});

test.each([
  ['a hold that appears from nowhere', `UPDATE accounts SET pending = 1 WHERE id = 'free'`, 'pending is the sum'],
  ['a debit without an entry', `UPDATE accounts SET debits = 1 WHERE id = 'free'`, 'credits - debits is the sum'],
])('the books are really looked at: %s is found', async (_, damage, rule) => {
  const store = new ManualStore(':memory:');
  try {
    await live(store, [{ kind: 'group', steps: [{ kind: 'hold', account: 'free', amount: 5n, request: 'r1', lifetime: 9 }] }]);
    store.sql.script(damage);
    expect(() => expectRightBooks(store.sql)).toThrow(rule);
  } finally {
    store.sql.close();
  }
});
