const writeEveryMs = 60_000;
const mostKeys = 10_000;

/**
 * Decides when the last use of a key is worth a write: the first time this process meets it and then once a minute, so that a
 * busy key costs the store next to nothing.
 */
export class LastUses {
  /** In ticks; the key written longest ago first. */
  readonly #written = new Map<string, number>();

  /** True once a minute for each key. `ticks`: milliseconds on a clock that never goes back. */
  isDue(keyId: string, ticks: number): boolean {
    const written = this.#written.get(keyId);
    if (written !== undefined && ticks - written < writeEveryMs) return false;
    this.#written.delete(keyId);
    const [oldest] = this.#written.keys();
    if (this.#written.size >= mostKeys && oldest !== undefined) this.#written.delete(oldest);
    this.#written.set(keyId, ticks);
    return true;
  }
}
