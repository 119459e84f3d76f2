/** Who calls. Made from a key once the key was found valid; nothing in it is secret. */
export interface Caller {
  readonly keyId: string;
  readonly accountId: string;
  /** Models the key may call, each by any of its ids; `id:variant` means that variant only. Absent: all. */
  readonly allowedModels?: readonly string[];
  /** Requests that the key may make in any minute; absent: as many as it likes. */
  readonly requestsPerMinute?: number;
  /** Requests of the key that may run at the same time; absent: the limit that the server has for every key. */
  readonly maxInFlight?: number;
}

export interface Access {
  /** Throws `missing_key` or `invalid_key`. The key is compared in constant time and never logged. */
  authenticate(presentedKey: string | undefined): Promise<Caller>;
}

/** One API key as it is kept: its secret only as HMAC-SHA-256 under the pepper. */
export interface StoredKey {
  readonly id: string;
  readonly name: string;
  readonly accountId: string;
  readonly hash: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
  /** Unix milliseconds from which the key opens nothing. Absent: it does not expire. */
  readonly expiresAt?: number;
  /** As in Caller. */
  readonly allowedModels?: readonly string[];
  /** As in Caller. */
  readonly requestsPerMinute?: number;
  /** As in Caller. */
  readonly maxInFlight?: number;
  /** The secret before the last rotation, which opens until its time (Unix milliseconds) has come. */
  readonly previous?: PreviousSecret;
  readonly revokedAt?: number;
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
}

export interface KeyRotation {
  readonly id: string;
  readonly hash: string;
  /** Unix milliseconds. */
  readonly previousUntil: number;
}
