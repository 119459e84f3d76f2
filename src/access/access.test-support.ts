import { randomBytes } from 'node:crypto';
import type { KeyRotation, KeyStore, StoredChanges, StoredKey } from './access.ts';
import { createAccess } from './create-access.ts';
import type { AccessOptions } from './create-access.ts';
import type { BudgetAccount } from './key-admin.ts';

/** A key store that counts how often it is read, and keeps what it was told of last uses. */
export class CountedKeys implements KeyStore {
  reads = 0;
  readonly rows = new Map<string, StoredKey>();
  readonly touches: { readonly id: string; readonly at: number }[] = [];

  async insert(key: StoredKey): Promise<void> {
    this.rows.set(key.id, key);
  }
  async find(id: string): Promise<StoredKey | undefined> {
    this.reads += 1;
    return this.rows.get(id);
  }
  async list(): Promise<readonly StoredKey[]> {
    return [...this.rows.values()];
  }
  async rotate({ id, hash, previousUntil }: KeyRotation): Promise<boolean> {
    const key = this.#live(id);
    if (key === undefined) return false;
    this.rows.set(id, { ...key, hash, previous: { hash: key.hash, until: previousUntil } });
    return true;
  }
  async revoke(id: string, at: number): Promise<boolean> {
    const key = this.#live(id);
    if (key === undefined) return false;
    this.rows.set(id, { ...key, revokedAt: at });
    return true;
  }
  /** Takes away only the limit that the tests take away. */
  async update(id: string, { requestsPerMinute, budgetId, ...changes }: StoredChanges): Promise<boolean> {
    const key = this.#live(id);
    if (key === undefined) return false;
    const { requestsPerMinute: before, budgetId: budgetBefore, ...rest } = key;
    const rate = requestsPerMinute === undefined ? before : requestsPerMinute;
    const budget = budgetId === undefined ? budgetBefore : budgetId;
    const said = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== null && value !== undefined));
    this.rows.set(id, {
      ...rest,
      ...said,
      ...(rate === undefined || rate === null ? {} : { requestsPerMinute: rate }),
      ...(budget === undefined || budget === null ? {} : { budgetId: budget }),
    });
    return true;
  }
  async touch(id: string, at: number): Promise<void> {
    this.touches.push({ id, at });
  }

  #live(id: string): StoredKey | undefined {
    const key = this.rows.get(id);
    return key?.revokedAt === undefined ? key : undefined;
  }
}

export function setUp(changes: Partial<AccessOptions> = {}) {
  const keys = new CountedKeys();
  const time = { ticks: 0 };
  const budgets: BudgetAccount[] = [];
  const options: AccessOptions = {
    keys,
    budgets: { set: async (account) => void budgets.push(account) },
    pepper: new Uint8Array(32).fill(7),
    clock: { now: () => 1_700_000_000_000, ticks: () => time.ticks },
    randomBytes,
    ...changes,
  };
  return { keys, time, options, budgets, access: createAccess(options) };
}

/** Access whose wall clock is moved by hand. */
export function setUpAt(start: number) {
  const time = { now: start };
  const { access } = setUp({ clock: { now: () => time.now, ticks: () => 0 } });
  return { access, time };
}
