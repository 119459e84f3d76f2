import type { KeyLimits } from './key-limits.ts';

/** Who calls. Made from a key once the key was found valid; nothing in it is secret. */
export interface Caller extends KeyLimits {
  readonly keyId: string;
  readonly accountId: string;
  /** The account below `accountId` that is the key's own budget; absent: the key has none. */
  readonly budgetId?: string;
}

export interface Access {
  /**
   * Throws `missing_key` or `invalid_key`, and `forbidden` for a key that is kept to other addresses. The key is compared in
   * constant time and never logged. `address` is where the call comes from; unknown, it is in no list.
   */
  authenticate(presentedKey: string | undefined, address?: string): Promise<Caller>;
}

/** One API key as it is kept: its secret only as HMAC-SHA-256 under the pepper. */
export interface StoredKey extends KeyLimits {
  readonly id: string;
  readonly name: string;
  readonly accountId: string;
  readonly hash: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
  /** Unix milliseconds from which the key opens nothing. Absent: it does not expire. */
  readonly expiresAt?: number;
  /** Addresses and CIDR blocks from which the key opens. Absent: from everywhere. */
  readonly allowedAddresses?: readonly string[];
  /** As in Caller. */
  readonly budgetId?: string;
  /** The secret before the last rotation, which opens until its time (Unix milliseconds) has come. */
  readonly previous?: PreviousSecret;
  readonly revokedAt?: number;
  /** Unix milliseconds, up to a minute late. Absent: never. */
  readonly lastUsedAt?: number;
}

export interface PreviousSecret {
  readonly hash: string;
  readonly until: number;
}

/** Storage of keys, implemented by store/. */
export interface KeyStore {
  insert(key: StoredKey): Promise<void>;
  find(id: string): Promise<StoredKey | undefined>;
  list(): Promise<readonly StoredKey[]>;
  /** False where no live key has the id. */
  revoke(id: string, at: number): Promise<boolean>;
  /**
   * Puts a new secret in place; the one it replaces becomes the previous one, and the one previous to that is gone. False where no
   * live key has the id.
   */
  rotate(rotation: KeyRotation): Promise<boolean>;
  /** False where no live key has the id. */
  update(id: string, changes: StoredChanges): Promise<boolean>;
  /** Keeps the latest time of all that it was told. */
  touch(id: string, at: number): Promise<void>;
}

export interface KeyRotation {
  readonly id: string;
  readonly hash: string;
  /** Unix milliseconds. */
  readonly previousUntil: number;
}

/** What may change of a key that was made. Absent: it stays as it is; null: it is not there any more. */
export interface StoredChanges extends Changes<KeyLimits & Pick<StoredKey, 'expiresAt' | 'allowedAddresses' | 'budgetId'>> {
  readonly name?: string;
}

export type Changes<Of> = { readonly [Name in keyof Of]?: Exclude<Of[Name], undefined> | null };
