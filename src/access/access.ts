/** Who calls. Made from a key once the key was found valid; nothing in it is secret. */
export interface Caller {
  readonly keyId: string;
  readonly accountId: string;
  /** Model ids the key may call; absent: all. */
  readonly allowedModels?: readonly string[];
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
  readonly revokedAt?: number;
}

/** Storage of keys, implemented by store/. */
export interface KeyStore {
  insert(key: StoredKey): Promise<void>;
  find(id: string): Promise<StoredKey | undefined>;
  list(): Promise<readonly StoredKey[]>;
  /** False where no live key has the id. */
  revoke(id: string, at: number): Promise<boolean>;
}
