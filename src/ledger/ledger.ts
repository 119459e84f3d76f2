import type { Bill } from '../model/event.ts';
import type { NanoUsd } from '../model/money.ts';
import type { Usage } from '../model/usage.ts';

/**
 * Who may spend what, and what was spent. Each hold ends exactly once: settled, voided or expired; doing it twice changes
 * nothing, because the transfer's id is the request's id.
 */
export interface Ledger {
  /** Reserves the worst case of a request. Throws `insufficient_credits` (and reserves nothing) where it does not fit. */
  hold(wish: HoldWish): Promise<Hold>;
  /** Posts the bill, at most the held amount, and releases the rest. Durable once it returns. */
  settle(hold: Hold, settlement: Settlement): Promise<Balance>;
  /** Releases the whole hold: nothing was produced. */
  void(hold: Hold): Promise<Balance>;
  balance(accountId: string): Promise<Balance>;
}

export interface HoldWish {
  readonly requestId: string;
  readonly accountId: string;
  readonly amount: NanoUsd;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

export interface Hold {
  readonly requestId: string;
  readonly accountId: string;
  readonly amount: NanoUsd;
}

export interface Settlement {
  readonly bill: Bill;
  readonly usage: Usage;
  /** How the request ended; it is kept in the record. */
  readonly outcome: 'complete' | 'aborted' | 'failed';
}

export interface Balance {
  /** What can still be held: credits - debits - open holds; null for an account without a limit. */
  readonly available: NanoUsd | null;
  /** Everything posted so far. */
  readonly spent: NanoUsd;
  readonly pending: NanoUsd;
}
