import type { StoredKey } from './access.ts';

/** Access for those who look after it. */
export interface KeyAdmin {
  /** Makes a key; its secret is returned here and never again. Throws `not_found` where the account does not exist. */
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
}

export interface KeyWish {
  /** For people: 1 to 100 characters. */
  readonly name: string;
  readonly accountId: string;
  /** Unix milliseconds, in the future. Absent: the key does not expire. */
  readonly expiresAt?: number;
  /** 1 to 100 ids of models, variants or aliases. Absent: all models. */
  readonly allowedModels?: readonly string[];
  /** 1 to 100,000 in any minute. Absent: as many as it likes. */
  readonly requestsPerMinute?: number;
  /** 1 to 10,000 at the same time. Absent: the limit that the server has for every key. */
  readonly maxInFlight?: number;
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
