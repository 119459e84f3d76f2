import type { NanoUsd } from '../model/money.ts';

/** One movement on an account; never edited. Of one kind and ref there is one on each account at most. */
export interface Entry {
  /** From 1, without gaps in a SQLite file. */
  readonly seq: number;
  readonly accountId: string;
  readonly kind: EntryKind;
  /** Above 0 for credits, below 0 for debits. */
  readonly amount: NanoUsd;
  /** The id of the request, of the grant, or the outside reference of a credit. */
  readonly ref: string;
  readonly note?: string;
  /** Unix milliseconds. */
  readonly at: number;
}

/**
 * `late`: a debit whose hold had expired. `promo`: a grant, or the tokens that one covered. `expiry`: what was left of a grant.
 * `reset`: a budget's new period.
 */
export const entryKinds = ['topup', 'usage', 'late', 'refund', 'adjust', 'promo', 'expiry', 'reset'] as const;

export type EntryKind = (typeof entryKinds)[number];

export interface EntryPage {
  readonly accountId: string;
  /** Entries after this one; absent: from the first. */
  readonly afterSeq?: number;
  /** How many at most, from 1. */
  readonly limit: number;
}
