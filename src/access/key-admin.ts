import type { NanoUsd } from '../model/money.ts';
import type { Changes, StoredKey } from './access.ts';
import type { KeyLimits } from './key-limits.ts';

/** Access for those who look after it. */
export interface KeyAdmin {
  /**
   * Makes a key; its secret is returned here and never again. Throws `not_found` where the account does not exist, and
   * `invalid_request` for a limit out of its range and for a budget below an account that does not exist.
   */
  create(wish: KeyWish): Promise<{ readonly id: string; readonly secret: string }>;
  list(): Promise<readonly KeyInfo[]>;
  find(id: string): Promise<KeyInfo | undefined>;
  /** False where no live key has the id. Seen at once in this process, within a second in others. */
  revoke(id: string): Promise<boolean>;
  /**
   * Gives a key a new secret, returned here and never again. The one before opens for `overlapMs` more (0 to 90 days); a key has
   * no more than these two. Undefined where no key with the id is in force. Throws `invalid_request` for another overlap.
   */
  rotate(id: string, overlapMs: number): Promise<RotatedKey | undefined>;
  /**
   * Changes what a key may do; its secrets stay. Undefined where no live key has the id. Seen like a revocation. Throws
   * `invalid_request` for a limit out of its range.
   */
  update(id: string, changes: KeyChanges): Promise<KeyInfo | undefined>;
  /** Another process has changed a key, or undefined: any of them. It is looked up anew at its next use. */
  changedElsewhere(id: string | undefined): void;
}

/** The terms of a key, as far as they are the key's own. */
export interface KeyTerms extends KeyLimits {
  /** For people: 1 to 100 characters. */
  readonly name: string;
  /** Unix milliseconds, in the future. Absent: the key does not expire. */
  readonly expiresAt?: number;
  /** 1 to 100 ids of models, variants or aliases. Absent: all models. */
  readonly allowedModels?: readonly string[];
  /** Names of server-side tools; empty: none. Absent: all that the model has. */
  readonly allowedTools?: readonly string[];
  /** 1 to 100 addresses and CIDR blocks. Absent: from everywhere. */
  readonly allowedAddresses?: readonly string[];
  /** 1 to 100,000 in any minute. Absent: as many as it likes. */
  readonly requestsPerMinute?: number;
  /** 1 to 1,000,000,000 in any minute. Absent: as many as it likes. */
  readonly tokensPerMinute?: number;
  /** 1 to 10,000 at the same time. Absent: the limit that the server has for every key. */
  readonly maxInFlight?: number;
  /** What the key may spend, beside what its account has. Absent: all of that. */
  readonly budget?: KeyBudget;
}

export interface KeyWish extends KeyTerms {
  readonly accountId: string;
}

/** Absent: it stays as it is; null: the limit is taken away. */
export interface KeyChanges extends Changes<Omit<KeyTerms, 'name'>> {
  readonly name?: string;
}

export interface KeyBudget {
  /** Above 0. */
  readonly amountNanoUsd: NanoUsd;
  /** Days, weeks (from Monday) and months begin at midnight UTC; `total` is given once. */
  readonly period: 'day' | 'week' | 'month' | 'total';
}

/** Where the budgets of keys are kept: as accounts below those of the keys. */
export interface KeyBudgets {
  /** Opens the account, or brings the one that has the id to this budget. Throws a fault where its parent does not exist. */
  set(account: BudgetAccount): Promise<void>;
}

export interface BudgetAccount extends KeyBudget {
  readonly id: string;
  readonly parentId: string;
}

export interface RotatedKey {
  readonly secret: string;
  /** Until when the secret before opens, in Unix milliseconds. */
  readonly previousUntil: number;
}

export interface KeyInfo extends Omit<StoredKey, 'hash' | 'previous'> {
  /** Until when the secret before the last rotation opens, in Unix milliseconds. */
  readonly previousUntil?: number;
}
