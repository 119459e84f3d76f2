import type { StickySettings } from '../settings.ts';

interface Kept {
  readonly hostId: string;
  /** Ticks. */
  readonly until: number;
}

/** A host keeps what it was told to keep for at most this long, whatever a caller writes into its marks. */
const longestMs = 3_600_000;

/** Which host has a conversation in its cache: bounded, the ones used longest ago are forgotten first. */
export class StickyHosts {
  readonly #settings: StickySettings;
  readonly #ticks: () => number;
  readonly #kept = new Map<string, Kept>();

  constructor(settings: StickySettings, ticks: () => number) {
    this.#settings = settings;
    this.#ticks = ticks;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** The host of the first of these beginnings that one is known of. */
  hostOf(beginnings: readonly string[]): string | undefined {
    const now = this.#ticks();
    for (const beginning of beginnings) {
      const kept = this.#kept.get(beginning);
      if (kept !== undefined && kept.until > now) return kept.hostId;
      this.#kept.delete(beginning);
    }
    return undefined;
  }

  /** The host has these beginnings in its cache from now on, for `forMs` where that is longer than usual. */
  keep(beginnings: readonly string[], hostId: string, forMs = 0): void {
    const { lifetimeMs, mostKept } = this.#settings;
    const until = this.#ticks() + Math.min(Math.max(lifetimeMs, forMs), longestMs);
    for (const beginning of beginnings) {
      this.#kept.delete(beginning);
      this.#kept.set(beginning, { hostId, until });
    }
    // A map lists its keys in the order in which they came, so that the first is the one that was used longest ago.
    for (const [oldest] of this.#kept) {
      if (this.#kept.size <= mostKept) return;
      this.#kept.delete(oldest);
    }
  }
}
