import type { StoredKey } from './access.ts';

/** How long a key may be used without looking into the store: a revocation in another process is seen within this time. */
const longestAgeMs = 1_000;
const mostKeys = 10_000;

/** Keys that were found and fitted, so that a busy caller does not ask the store for each request. */
export class KeyCache {
  readonly #ticks: () => number;
  readonly #entries = new Map<string, { readonly key: StoredKey; readonly readAt: number }>();
  #forgotten = 0;

  /** `ticks`: milliseconds on a clock that never goes back. */
  constructor(ticks: () => number) {
    this.#ticks = ticks;
  }

  get(id: string): StoredKey | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    if (this.#ticks() - entry.readAt < longestAgeMs) return entry.key;
    this.#entries.delete(id);
    return undefined;
  }

  /**
   * Call before the store is read, and the returned function once the key was found to fit. Its age counts from here, and a
   * key that was forgotten in between is not kept: the read may have seen it before its revocation.
   */
  reading(): (key: StoredKey) => void {
    const readAt = this.#ticks();
    const forgottenBefore = this.#forgotten;
    return (key) => {
      if (this.#forgotten !== forgottenBefore) return;
      const [oldest] = this.#entries.keys();
      if (this.#entries.size >= mostKeys && oldest !== undefined) this.#entries.delete(oldest);
      this.#entries.set(key.id, { key, readAt });
    };
  }

  /** Undefined: every key. */
  forget(id: string | undefined): void {
    this.#forgotten += 1;
    if (id === undefined) this.#entries.clear();
    else this.#entries.delete(id);
  }
}
