import fc from 'fast-check';
import type { LedgerStore, NewSettlement } from '../../src/ledger/ledger-store.ts';

/** One request of a caller, from its hold to its end; or a payment. */
export type Turn =
  | {
      readonly kind: 'request';
      readonly account: string;
      readonly budget?: string;
      readonly amount: bigint;
      readonly cost: bigint;
      readonly end: 'settle' | 'void' | 'expire' | 'leave open' | 'settle late' | 'settle and refund';
    }
  | { readonly kind: 'payment'; readonly account: string; readonly amount: bigint };

const request = fc.record({
  kind: fc.constant('request' as const),
  account: fc.constantFrom('customer', 'team', 'free'),
  amount: fc.bigInt({ min: 0n, max: 60n }),
  cost: fc.bigInt({ min: 0n, max: 80n }),
  end: fc.constantFrom('settle', 'settle', 'settle', 'void', 'expire', 'leave open', 'settle late', 'settle and refund'),
});

const anyTurn: fc.Arbitrary<Turn> = fc.oneof(
  { weight: 5, arbitrary: request },
  // The key of a team has a budget below it.
  { weight: 2, arbitrary: request.map((turn) => ({ ...turn, account: 'team', budget: 'key:k' })) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('payment' as const),
      account: fc.constantFrom('customer', 'free'),
      amount: fc.bigInt({ min: 1n, max: 2_000n }),
    }),
  },
);

/** What several callers do at the same time, each its turns over and over. */
export const anyLoad: fc.Arbitrary<readonly (readonly Turn[])[]> = fc.array(fc.array(anyTurn, { minLength: 1, maxLength: 12 }), {
  minLength: 1,
  maxLength: 8,
});

/** Something that the store has said is done. */
export type Fact =
  | { readonly kind: 'credited'; readonly account: string; readonly ref: string; readonly amount: bigint }
  | { readonly kind: 'charged'; readonly request: string; readonly charged: bigint }
  | { readonly kind: 'refunded'; readonly request: string; readonly ref: string }
  | { readonly kind: 'ended'; readonly request: string; readonly state: 'void' | 'expired' };

export const loadAt = 1_700_000_000_000;

export async function openAccounts(ledger: LedgerStore): Promise<void> {
  const createdAt = loadAt;
  await ledger.openAccount({ id: 'customer', limit: 'prepaid', overdraft: 100n, createdAt });
  await ledger.openAccount({ id: 'team', limit: 'none', overdraft: 0n, createdAt, parentId: 'customer' });
  const budget = { amount: 3_000n, period: 'total' } as const;
  await ledger.openAccount({ id: 'key:k', limit: 'prepaid', overdraft: 0n, createdAt, parentId: 'team', budget });
  await ledger.openAccount({ id: 'free', limit: 'none', overdraft: 0n, createdAt });
}

/** Callers at work until they are told to stop, and what was acknowledged to them, in its order. */
export class Load {
  readonly facts: Fact[] = [];
  readonly #ledger: LedgerStore;
  readonly #done: Promise<unknown>;
  #stopped = false;

  constructor(ledger: LedgerStore, callers: readonly (readonly Turn[])[]) {
    this.#ledger = ledger;
    this.#done = Promise.all(callers.map((turns, caller) => this.#run(turns, caller)));
  }

  /** Resolves once so much was acknowledged. */
  async sees(facts: number): Promise<void> {
    while (this.facts.length < facts) await Promise.race([this.#done, new Promise((resolve) => setImmediate(resolve))]);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }

  async #run(turns: readonly Turn[], caller: number): Promise<void> {
    for (let number = 0; !this.#stopped; number++) {
      const turn = turns[number % turns.length];
      if (turn === undefined) throw new Error('A caller has a turn at least.');
      if (turn.kind === 'payment') await this.#pay(turn, `payment_${caller}_${number}`);
      else await this.#request(turn, `req_${caller}_${number}`);
      // A payment follows each round, so that no load runs dry and acknowledges nothing more.
      const payment = { kind: 'payment', account: 'customer', amount: 100n } as const;
      if (number % turns.length === 0) await this.#pay(payment, `round_${caller}_${number}`);
    }
  }

  async #pay({ account, amount }: Extract<Turn, { kind: 'payment' }>, ref: string): Promise<void> {
    const answer = await this.#ledger.credit({ accountId: account, kind: 'topup', amount, ref, at: loadAt });
    if (answer.kind === 'credited') this.facts.push({ kind: 'credited', account, ref, amount });
  }

  async #request({ account, budget, amount, cost, end }: Extract<Turn, { kind: 'request' }>, requestId: string): Promise<void> {
    const ledger = this.#ledger;
    const held = await ledger.hold({
      requestId,
      accountId: account,
      amount,
      createdAt: loadAt,
      expiresAt: loadAt + 60_000,
      ...(budget === undefined ? {} : { budgetId: budget }),
    });
    if (held.kind !== 'held' || end === 'leave open') return;
    if (end === 'void') {
      await ledger.void({ requestId, at: loadAt });
      this.facts.push({ kind: 'ended', request: requestId, state: 'void' });
      return;
    }
    if (end === 'expire' || end === 'settle late') await ledger.expire([requestId], loadAt);
    if (end === 'expire') {
      this.facts.push({ kind: 'ended', request: requestId, state: 'expired' });
      return;
    }
    const settled = await ledger.settle(settlementOf(requestId, cost));
    if (settled.kind === 'posted' || settled.kind === 'late') {
      this.facts.push({ kind: 'charged', request: requestId, charged: settled.charged });
    }
    if (end !== 'settle and refund') return;
    const ref = `refund_${requestId}`;
    const refunded = await ledger.refund({ requestId, ref, at: loadAt });
    if (refunded.kind === 'refunded') this.facts.push({ kind: 'refunded', request: requestId, ref });
  }
}

function settlementOf(requestId: string, cost: bigint): NewSettlement {
  const rate = { usd: '0.40', per: 1_000_000 };
  const line = { meter: 'output-text', quantity: 3, rate, amount: cost - cost / 2n } as const;
  const tool = { meter: 'tool:web_search', quantity: 1, rate, amount: cost / 2n } as const;
  return {
    requestId,
    at: loadAt,
    cost,
    bill: { lines: [line, tool], total: cost, priceListId: 'list@1' },
    usage: { input: { total: 7 }, output: { total: 3 }, toolCalls: { web_search: 1 } },
    outcome: 'complete',
  };
}
