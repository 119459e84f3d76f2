import type { StoredKey } from './access.ts';

/** Access for those who look after it. */
export interface KeyAdmin {
  /** Makes a key; its secret is returned here and never again. Throws `not_found` where the account does not exist. */
  create(wish: KeyWish): Promise<{ readonly id: string; readonly secret: string }>;
  list(): Promise<readonly KeyInfo[]>;
  find(id: string): Promise<KeyInfo | undefined>;
  /** False where no live key has the id. Seen at once in this process, within a second in others. */
  revoke(id: string): Promise<boolean>;
}

export interface KeyWish {
  /** For people: 1 to 100 characters. */
  readonly name: string;
  readonly accountId: string;
}

export type KeyInfo = Omit<StoredKey, 'hash'>;
