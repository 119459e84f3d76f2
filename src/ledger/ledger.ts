import type { Bill } from '../model/event.ts';
import type { NanoUsd } from '../model/money.ts';
import type { Usage } from '../model/usage.ts';
import type { Idempotency } from './idempotency.ts';
import type { HeldTokens } from './ledger-store.ts';
import type { CallFacts, Outcome } from './request-record.ts';

/**
 * Who may spend what, and what was spent. Each hold ends exactly once: settled, voided or expired; doing it twice changes
 * nothing, because the transfer's id is the request's id.
 */
export interface Ledger {
  /**
   * Reserves the worst case of a request. Throws InsufficientCredits (and reserves nothing) where it does not fit.
   */
  hold(wish: HoldWish): Promise<PlacedHold>;
  /**
   * The same for a request that must not be done twice. Throws `still_running` too, where one with its key runs still, and
   * `idempotency_mismatch` where the key was used for another request.
   */
  holdOnce(wish: HoldWish, idempotency: Idempotency): Promise<PlacedHold | AnsweredBefore>;
  /** Posts the bill, at most the held amount, and releases the rest. Durable once it returns. */
  settle(hold: Hold, settlement: Settlement): Promise<Settled>;
  /** Releases the whole hold: nothing was produced. With `record`, the call is recorded all the same. */
  void(hold: Hold, record?: VoidRecord): Promise<Balance>;
  /** `budgetId`: the budget that takes part in what is available, as that of an API key. */
  balance(accountId: string, budgetId?: string): Promise<Balance>;
}

export interface HoldWish extends Hold {
  /** The part of it that free tokens may cover. */
  readonly tokens?: HeldTokens;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

export interface Hold {
  readonly requestId: string;
  /** Who pays. */
  readonly accountId: string;
  /** An account below it whose budget counts as well: that of an API key. */
  readonly budgetId?: string;
  readonly amount: NanoUsd;
}

/** The idempotency key of the wish was used by a request that was charged; nothing was held. */
export interface AnsweredBefore {
  readonly kind: 'answered-before';
  readonly requestId: string;
  /** As its settlement left it; absent where it was not kept. */
  readonly result?: string;
}

export interface PlacedHold extends Hold {
  readonly kind: 'placed';
  /** Of the account, with this hold in it. */
  readonly balance: Balance;
}

export interface Settlement {
  readonly bill: Bill;
  readonly usage: Usage;
  /** How the request ended; it is kept in the record. */
  readonly outcome: Outcome;
  /** Kept in the record too. */
  readonly call?: CallFacts;
  /** What the request used of the tokens that its hold told. */
  readonly tokens?: Pick<HeldTokens, 'count' | 'amount'>;
  /** For whoever sends the idempotency key again. */
  readonly result?: string;
}

export interface Settled {
  /** What was posted: the bill's total, unless an alarm says otherwise. */
  readonly charged: NanoUsd;
  readonly balance: Balance;
}

export interface VoidRecord {
  readonly outcome: Outcome;
  readonly call: CallFacts;
}

export interface Balance {
  /** What can still be held: credits and overdraft, less debits and open holds; null for an account without a limit. */
  readonly available: NanoUsd | null;
  /** Everything posted so far. */
  readonly spent: NanoUsd;
  readonly pending: NanoUsd;
}
