import type { NanoUsd } from '../model/money.ts';

/** Credits or tokens that are given and expire. */
export interface NewGrant {
  /** From outside: granting it again changes nothing. */
  readonly ref: string;
  readonly accountId: string;
  readonly gift: Gift;
  /** Unix milliseconds. */
  readonly expiresAt: number;
  /** Given anew each time that it expires, for this long. Absent: once. */
  readonly renewEveryMs?: number;
  readonly note?: string;
  /** Unix milliseconds. */
  readonly at: number;
}

/**
 * Dollars are credits of the account, and those that expire soonest are spent first. Tokens cover a request whole: one whose
 * worst case fits into what is left of them costs nothing for its tokens; one that does not is paid.
 */
export type Gift =
  | { readonly unit: 'usd'; readonly amount: NanoUsd }
  /** `models`: catalogue ids that they are good for; absent: all. */
  | { readonly unit: 'tokens'; readonly count: number; readonly models?: readonly string[] };

export interface Grant extends Omit<NewGrant, 'at'> {
  readonly createdAt: number;
  /** Of the running period, in the unit of the gift. */
  readonly used: bigint;
  /** Tokens that open holds count on. */
  readonly pending: bigint;
  /** False once nothing of it is left to use. */
  readonly open: boolean;
}
