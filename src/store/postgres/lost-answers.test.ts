import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CuttingProxy } from '../../../tests/support/postgres/cutting-proxy.ts';
import { makeDatabase } from '../../../tests/support/postgres/database.ts';
import type { TestDatabase } from '../../../tests/support/postgres/database.ts';
import type { NewSettlement } from '../../ledger/ledger-store.ts';
import type { CallFacts } from '../../ledger/request-record.ts';
import type { JsonObject } from '../../model/json.ts';
import type { KeptResponse } from '../../sessions/kept-response.ts';
import type { EpochHold } from '../sql/hold-operations.ts';
import type { Call, OperationName } from '../sql/operations.ts';
import type { PostgresStore } from './open-postgres-store.ts';
import { openOn } from './open-postgres-store.test-support.ts';

// When a connection breaks at a COMMIT, nobody knows whether it happened, so the operation runs again. Here each operation that
// writes is cut at its COMMIT, before or after the server has heard of it: what is in the database afterwards is what one run leaves.

type Reading =
  | 'account.find'
  | 'account.find-path'
  | 'account.list'
  | 'conversation.find'
  | 'conversation.items'
  | 'entry.list'
  | 'epoch.list'
  | 'grant.list'
  | 'hold.find'
  | 'hold.overdue'
  | 'key.find'
  | 'key.list'
  | 'lease.recalled'
  | 'lease.wanted'
  | 'record.find'
  | 'record.find-answer'
  | 'record.list'
  | 'response.events'
  | 'response.find'
  | 'response.items'
  | 'response.running'
  | 'usage.sum'
  | 'usage.sum-tools';

const at = 1_700_000_000_000;
const later = at + 1_000;

function holdOf(requestId: string, amount: bigint, more: Partial<EpochHold> = {}): EpochHold {
  return { requestId, accountId: 'customer', amount, createdAt: at, expiresAt: at + 500, epochId: 'boot_1', ...more };
}

function settlementOf(requestId: string, cost: bigint, more: Partial<NewSettlement> = {}): NewSettlement {
  const rate = { usd: '0.40', per: 1_000_000 };
  const tool = { meter: 'tool:web_search', quantity: 1, rate, amount: cost } as const;
  return {
    requestId,
    at: later,
    cost,
    bill: { lines: [tool], total: cost, priceListId: 'list@1' },
    usage: { input: { total: 7 }, output: { total: 3 }, toolCalls: { web_search: 1 } },
    outcome: 'complete',
    ...more,
  };
}

const facts: CallFacts = {
  answerId: 'gen_1',
  keyId: 'key',
  namedModel: 'm',
  answeringModel: 'm',
  provider: 'p',
  attempts: [],
  streamed: true,
  endUser: 'u',
  tags: ['a', 'b'],
  usedOwnKey: true,
  createdAt: at,
  totalMs: 5,
};
const budget = { amount: 500n, period: 'day' } as const;
const idempotency = { key: 'k', fingerprint: 'f', expiresAt: later };
const key = { id: 'key', name: 'laptop', accountId: 'customer', hash: 'ab', createdAt: at };
const epoch = { processId: 1, host: 'host', startedAt: at };

const response: KeptResponse = {
  id: 'resp_1',
  accountId: 'customer',
  status: 'completed',
  createdAt: at,
  expiresAt: later,
  object: { id: 'resp_1' },
  input: [said('m5')],
  output: [said('m6')],
};
const conversation = { id: 'conv_1', accountId: 'customer', metadata: {}, createdAt: at, expiresAt: later };
const limits = { responses: 10, characters: 1_000 };

function said(id: string): JsonObject {
  return { type: 'message', id };
}

function ofCustomer(id: string): { readonly accountId: string; readonly id: string } {
  return { accountId: 'customer', id };
}

function inBackground(id: string): KeptResponse {
  return { ...response, id, status: 'queued', output: [] };
}

const story = [
  { name: 'epoch.join', input: { id: 'boot_1', ...epoch } },
  { name: 'epoch.join', input: { id: 'dead', ...epoch } },
  { name: 'epoch.beat', input: { id: 'boot_1' } },
  { name: 'account.open', input: { id: 'customer', limit: 'prepaid', overdraft: 0n, createdAt: at } },
  { name: 'account.open', input: { id: 'team', limit: 'prepaid', overdraft: 0n, createdAt: at, parentId: 'customer', budget } },
  { name: 'account.change', input: { id: 'customer', overdraft: 5n, lowBalance: 800n, at } },
  { name: 'account.change', input: { id: 'team', budget: { amount: 900n, period: 'week' }, at } },
  { name: 'account.credit', input: { accountId: 'customer', kind: 'topup', amount: 1_000n, ref: 'payment', at } },
  { name: 'account.credit', input: { accountId: 'customer', kind: 'adjust', amount: -10n, ref: 'mistake', at } },
  {
    name: 'account.grant',
    input: { ref: 'welcome', accountId: 'customer', gift: { unit: 'usd', amount: 20n }, expiresAt: later + 1, at },
  },
  {
    name: 'account.grant',
    input: { ref: 'trial', accountId: 'customer', gift: { unit: 'tokens', count: 1_000 }, expiresAt: later + 1, at },
  },
  { name: 'hold.place', input: holdOf('r1', 100n, { idempotency }) },
  { name: 'hold.place', input: holdOf('r2', 100n, { budgetId: 'team', tokens: { count: 10, amount: 60n, model: 'm' } }) },
  { name: 'hold.place', input: holdOf('r3', 50n) },
  { name: 'hold.place', input: holdOf('r4', 50n, { budgetId: 'team' }) },
  { name: 'hold.place', input: holdOf('too much', 10_000n, { idempotency: { ...idempotency, key: 'unused' } }) },
  { name: 'hold.place', input: holdOf('r5', 7n, { epochId: 'dead' }) },
  { name: 'hold.settle', input: settlementOf('r1', 70n, { result: '{}' }) },
  { name: 'hold.settle', input: settlementOf('r2', 80n, { tokens: { count: 8, amount: 60n } }) },
  { name: 'hold.void', input: { requestId: 'r3', at: later, record: { outcome: 'failed', call: facts } } },
  { name: 'hold.expire', input: { requestIds: ['r4'], at: later } },
  { name: 'account.refund', input: { requestId: 'r1', amount: 30n, ref: 'sorry', at: later } },
  { name: 'account.tell-low', input: { accountId: 'customer', below: 2_000n, at: later } },
  { name: 'account.untell-low', input: { accountId: 'customer' } },
  { name: 'idempotency.prune', input: { at: later } },
  { name: 'lease.take', input: { leaseId: 'lse_1', accountId: 'customer', most: 300n, least: 1n, at, epochId: 'boot_1' } },
  {
    name: 'lease.end',
    input: {
      leaseId: 'lse_1',
      epochId: 'boot_1',
      ends: [
        { kind: 'settle', requestId: 'l1', held: 40n, createdAt: at, at: later, settlement: settlementOf('l1', 25n) },
        { kind: 'void', requestId: 'l2', held: 40n, createdAt: at, at: later },
      ],
    },
  },
  { name: 'lease.recall', input: { accountId: 'customer' } },
  { name: 'lease.return', input: { leaseId: 'lse_1', needed: 20n, at: later } },
  { name: 'lease.return', input: { leaseId: 'lse_1', at: later } },
  { name: 'key.insert', input: key },
  { name: 'key.rotate', input: { id: 'key', hash: 'cd', previousUntil: later } },
  { name: 'key.update', input: { id: 'key', changes: { name: 'desk', requestsPerMinute: 3 } } },
  { name: 'key.touch', input: { id: 'key', at } },
  { name: 'key.revoke', input: { id: 'key', at } },
  {
    name: 'rate.share',
    input: { changed: [{ keyId: 'key', requests: 1, tokens: 2 }], watched: ['key'], leftBehind: [], replicaId: 'boot_1' },
  },
  { name: 'conversation.open', input: { conversation, items: [said('m1')] } },
  { name: 'conversation.describe', input: { ...ofCustomer('conv_1'), metadata: { topic: 'rain' } } },
  { name: 'conversation.add', input: { ...ofCustomer('conv_1'), items: [said('m2'), said('m3')], expiresAt: later } },
  { name: 'conversation.remove-item', input: { ...ofCustomer('conv_1'), itemId: 'm2' } },
  { name: 'response.keep', input: { response: { ...response, conversationId: 'conv_1' }, epochId: 'boot_1' } },
  { name: 'response.chain', input: { ...ofCustomer('resp_1'), limits, at, expiresAt: later + 90_000_000 } },
  { name: 'response.keep', input: { response: inBackground('resp_2'), epochId: 'boot_1' } },
  { name: 'response.begin', input: ofCustomer('resp_2') },
  { name: 'response.add-events', input: { responseId: 'resp_2', first: 0, texts: ['{}', '{}'] } },
  {
    name: 'response.finish',
    input: {
      ...ofCustomer('resp_2'),
      status: 'completed',
      object: {},
      output: [said('m4')],
      events: { responseId: 'resp_2', first: 2, texts: ['{}'] },
    },
  },
  { name: 'response.keep', input: { response: inBackground('resp_3'), epochId: 'boot_1' } },
  { name: 'response.cancel', input: ofCustomer('resp_3') },
  { name: 'response.keep', input: { response: inBackground('resp_4'), epochId: 'dead' } },
  { name: 'response.remove', input: ofCustomer('resp_3') },
  { name: 'conversation.remove', input: ofCustomer('conv_1') },
  { name: 'epoch.bury', input: { id: 'dead', beats: 0, at: later } },
  { name: 'response.give-up', input: null },
  { name: 'epoch.end', input: { id: 'boot_1', at: later } },
  { name: 'session.prune', input: { at: later + 1 } },
  { name: 'epoch.begin', input: { id: 'boot_2', ...epoch } },
] as const satisfies readonly Call[];

/** An operation that is new has to prove itself here: without a step of its own this does not compile. */
const allAreTold: [Untold] extends [never] ? true : Untold = true;
type Untold = Exclude<OperationName, Reading | (typeof story)[number]['name']>;

/** Everything in the database but the numbers that a second run draws anew, which some refs end with. */
async function contents(database: TestDatabase): Promise<string> {
  const tables = [
    'accounts',
    'entries',
    'grants',
    'holds',
    'idempotency',
    'request_records',
    'tool_lines',
    'usage_sums',
    'tool_sums',
    'api_keys',
  ];
  const sessions = ['conversations', 'responses', 'kept_items', 'response_events'];
  const listed = [...tables, ...sessions, 'rate_windows', 'epochs'].map(
    (table) => `'${table}', (SELECT jsonb_agg(to_jsonb(t) - 'seq' - 'beat' - 'beats' ORDER BY t) FROM ${table} t)`,
  );
  const [row] = await database.run(`SELECT jsonb_pretty(jsonb_build_object(${listed.join(', ')})) AS everything`);
  return String(row?.['everything']).replaceAll(/(change@\d+)#\d+/g, '$1');
}

let database: TestDatabase;
let other: TestDatabase;
let proxy: CuttingProxy;
let store: PostgresStore;
let otherStore: PostgresStore;

beforeEach(async () => {
  [database, other] = await Promise.all([makeDatabase(), makeDatabase()]);
  proxy = await CuttingProxy.before(database.url);
  // A guest has nothing of its own that commits between the steps.
  const guest = { role: 'guest', connections: 1 } as const;
  [store, otherStore] = await Promise.all([openOn(proxy, guest), openOn(other, guest)]);
});
afterEach(async () => {
  await Promise.all([store.close(), otherStore.close()]);
  await proxy.close();
  await Promise.all([database.drop(), other.drop()]);
});

describe.each(['before-commit', 'after-commit'] as const)('a connection that breaks %s', (cut) => {
  test('leaves of every operation exactly one', async () => {
    expect(allAreTold).toBe(true);
    for (const call of story) {
      const cutsBefore = proxy.cuts;
      proxy.cutNext(cut);
      await store.perform<OperationName>(call);
      await otherStore.perform<OperationName>(call);
      expect(proxy.cuts, `${call.name} did not commit`).toBe(cutsBefore + 1);
      expect(await contents(database), call.name).toBe(await contents(other));
    }
  });
});
