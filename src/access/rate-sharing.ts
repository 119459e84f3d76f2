import { minuteMs } from './allowance.ts';
import type { KeyCount, RateLimiter } from './rate-limiter.ts';

/** Where processes that serve the same keys tell each other what they count, implemented by store/. */
export interface RateShare {
  /** Writes what this process counts, takes out what others left behind, and reads what the others count, in one transaction. */
  share(round: ShareRound): Promise<readonly OthersCount[]>;
}

export interface ShareRound {
  /** Only what has changed since it was last told; a key of which nothing is counted any more is taken out. */
  readonly changed: readonly OwnCount[];
  /** Keys whose counts of others are wanted. */
  readonly watched: readonly string[];
  readonly leftBehind: readonly Pick<OthersCount, 'keyId' | 'replicaId' | 'beat'>[];
}

export interface OwnCount extends KeyCount {
  readonly keyId: string;
}

export interface OthersCount extends OwnCount {
  readonly replicaId: string;
  /** Grows each time that the other process tells this count. */
  readonly beat: number;
}

export interface RateSharingOptions {
  readonly limiter: RateLimiter;
  readonly share: RateShare;
  /** Milliseconds on a clock that never goes back. */
  readonly ticks: () => number;
  /** Told of each round that failed; decisions go on with what is known. */
  readonly onFault: (error: unknown) => void;
}

const roundEveryMs = 200;
/** Keys of one round; beyond that the others take their turn in the next. */
const mostKeys = 500;
/** A process that lives tells a changed count within a minute, because by then its own minute is over. */
const diesAfterMs = minuteMs + 5_000;

interface Heard extends OthersCount {
  /** When its beat was first seen. */
  readonly since: number;
}

/**
 * Lets processes with one database hold a key's limits by the minute together. Each decides by itself, at once, from its own count
 * and the others' as it last heard of them: at most a fifth of a second late while the key is in use. No clocks are compared; a
 * process that died is known by its silence.
 */
export class RateSharing {
  readonly #options: RateSharingOptions;
  /** What the others were told last, by key. */
  readonly #told = new Map<string, KeyCount>();
  /** By key and process. */
  #heard = new Map<string, Heard>();
  #heardAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setInterval> | undefined;
  #running: Promise<void> | undefined;

  constructor(options: RateSharingOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer ??= setInterval(() => {
      this.#running ??= this.round().finally(() => {
        this.#running = undefined;
      });
    }, roundEveryMs);
    this.#timer.unref();
  }

  /** Resolves once no round runs any more. What was told is left behind, for a minute at most. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#running;
  }

  /** One exchange with the others; nothing where no limited key was used in the last minute. Never rejects. */
  async round(): Promise<void> {
    const { limiter, share, ticks, onFault } = this.#options;
    const counts = limiter.counts(ticks());
    const changed = this.#changed(counts);
    const watched = [...counts.keys()].slice(0, mostKeys);
    if (changed.length === 0 && watched.length === 0) return;
    try {
      const others = await share.share({ changed, watched, leftBehind: this.#leftBehind() });
      for (const { keyId, ...count } of changed) this.#told.set(keyId, count);
      this.#hear(others);
    } catch (error) {
      onFault(error);
      // What was heard a minute ago counts no more, whoever counted it.
      if (ticks() - this.#heardAt >= minuteMs) this.#heard.clear();
    }
    for (const keyId of watched) limiter.tellElsewhere(keyId, this.#elsewhere(keyId));
  }

  #changed(counts: ReadonlyMap<string, KeyCount>): readonly OwnCount[] {
    const changed: OwnCount[] = [];
    for (const keyId of new Set([...counts.keys(), ...this.#told.keys()])) {
      const count = counts.get(keyId) ?? nothing;
      const told = this.#told.get(keyId) ?? nothing;
      if (count.requests !== told.requests || count.tokens !== told.tokens) changed.push({ keyId, ...count });
      else if (isNothing(told)) this.#told.delete(keyId);
    }
    return changed.slice(0, mostKeys);
  }

  #hear(others: readonly OthersCount[]): void {
    const now = this.#options.ticks();
    const heard = new Map<string, Heard>();
    for (const other of others) {
      const place = `${other.keyId} ${other.replicaId}`;
      const before = this.#heard.get(place);
      heard.set(place, { ...other, since: before?.beat === other.beat ? before.since : now });
    }
    this.#heard = heard;
    this.#heardAt = now;
  }

  #elsewhere(keyId: string): KeyCount {
    const living = [...this.#heard.values()].filter((other) => other.keyId === keyId && !this.#isDead(other));
    return {
      requests: living.reduce((sum, { requests }) => sum + requests, 0),
      tokens: living.reduce((sum, { tokens }) => sum + tokens, 0),
    };
  }

  #leftBehind(): ShareRound['leftBehind'] {
    return [...this.#heard.values()]
      .filter((other) => this.#isDead(other))
      .map(({ keyId, replicaId, beat }) => ({ keyId, replicaId, beat }));
  }

  #isDead({ since }: Heard): boolean {
    return this.#options.ticks() - since >= diesAfterMs;
  }
}

const nothing: KeyCount = { requests: 0, tokens: 0 };

function isNothing({ requests, tokens }: KeyCount): boolean {
  return requests === 0 && tokens === 0;
}
