import type { Idempotency } from '../../src/ledger/idempotency.ts';
import type { LeaseEnd, LeaseStore } from '../../src/ledger/lease.ts';
import type { LedgerStore, NewSettlement } from '../../src/ledger/ledger-store.ts';
import type { CallFacts } from '../../src/ledger/request-record.ts';
import { keyed } from './history.ts';
import type { Step } from './history.ts';

export interface Ports {
  readonly ledger: LedgerStore;
  readonly leases: LeaseStore;
}

/** How long an idempotency key is remembered: less than the steps of time between them. */
const keyLivesMs = 45;

/** Does what a step says, and gives the store's answer. */
export async function takeStep({ ledger, leases }: Ports, step: Step, at: number): Promise<unknown> {
  switch (step.kind) {
    case 'credit':
      return ledger.credit({ accountId: step.account, kind: 'topup', amount: step.amount, ref: step.ref, at });
    case 'adjust':
      return ledger.credit({ accountId: step.account, kind: 'adjust', amount: step.amount, ref: step.ref, note: 'why', at });
    case 'refund': {
      const { request, amount, ref } = step;
      return ledger.refund({ requestId: request, ref, at, ...(amount === undefined ? {} : { amount }) });
    }
    case 'grant': {
      const { account, ref, terms } = step;
      const { gift, lifetime, renewEveryMs } = terms;
      const renewal = renewEveryMs === undefined ? {} : { renewEveryMs };
      return ledger.grant({ accountId: account, ref, gift, expiresAt: at + lifetime, ...renewal, at });
    }
    case 'change':
      return ledger.changeAccount({ id: step.account, ...step.change, at });
    case 'hold':
      return ledger.hold(holdOf(step, at));
    case 'settle': {
      const result = step.result ? { result: `answer of ${step.request}` } : {};
      return ledger.settle({ ...settlementOf(step.request, step.cost, at), tokens: step.used, ...result });
    }
    case 'void': {
      const record = step.recorded ? { record: { outcome: 'failed', call: callOf(step.request, at) } as const } : {};
      return ledger.void({ requestId: step.request, at, ...record });
    }
    case 'overdue':
      return ledger.overdue(at);
    case 'expire':
      return ledger.expire(step.requests, at);
    case 'prune':
      return ledger.pruneIdempotency(at);
    case 'tell-low':
      return ledger.tellLowBalance(step.account, step.below, at);
    case 'untell-low':
      return ledger.untellLowBalance(step.account);
    case 'lease':
      return leases.take({ leaseId: step.lease, ...step.target, most: step.most, least: step.least, at });
    case 'end-in-lease':
      return leases.end(
        step.lease,
        step.ends.map((end) => endOf(end, at)),
      );
    case 'return':
      return leases.giveBack(step.lease, step.amount, at);
  }
}

function holdOf(step: Extract<Step, { kind: 'hold' }>, at: number): Parameters<LedgerStore['hold']>[0] {
  const { request: requestId, amount, tokens, lifetime } = step;
  const once = step.isOnce ? keyed[requestId] : undefined;
  const target = once?.target ?? step.target;
  const idempotency: Idempotency | undefined = once && {
    key: once.key,
    fingerprint: once.fingerprint,
    expiresAt: at + keyLivesMs,
  };
  return {
    requestId,
    ...target,
    amount,
    createdAt: at,
    expiresAt: at + lifetime,
    ...(tokens === undefined ? {} : { tokens }),
    ...(idempotency === undefined ? {} : { idempotency }),
  };
}

function endOf(
  { request, held, cost, isOverdue }: Extract<Step, { kind: 'end-in-lease' }>['ends'][number],
  at: number,
): LeaseEnd {
  const facts = { requestId: request, held, createdAt: at - 5, at };
  if (isOverdue) return { ...facts, kind: 'expire' };
  if (cost === undefined) return { ...facts, kind: 'void', record: { outcome: 'aborted', call: callOf(request, at) } };
  return { ...facts, kind: 'settle', settlement: settlementOf(request, cost, at) };
}

function settlementOf(requestId: string, cost: bigint, at: number): NewSettlement {
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
    ...(at % 3 === 0 ? {} : { endUser: `user-${at % 3}`, tags: ['b', 'a', 'b'].slice(at % 4), usedOwnKey: at % 5 === 0 }),
  };
}
