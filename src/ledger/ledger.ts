import type { Bill } from '../model/event.ts';
import type { NanoUsd } from '../model/money.ts';
import type { Usage } from '../model/usage.ts';
import type { CallFacts, Outcome } from './request-record.ts';

/**
 * Who may spend what, and what was spent. Each hold ends exactly once: settled, voided or expired; doing it twice changes
 * nothing, because the transfer's id is the request's id.
 */
export interface Ledger {
  /** Reserves the worst case of a request. Throws InsufficientCredits (and reserves nothing) where it does not fit. */
  hold(wish: HoldWish): Promise<PlacedHold>;
  /** Posts the bill, at most the held amount, and releases the rest. Durable once it returns. */
  settle(hold: Hold, settlement: Settlement): Promise<Balance>;
  /** Releases the whole hold: nothing was produced. With `record`, the call is recorded all the same. */
  void(hold: Hold, record?: VoidRecord): Promise<Balance>;
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

export interface PlacedHold extends Hold {
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
