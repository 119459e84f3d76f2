import type { Caller } from './access.ts';
import type { Allowance } from './allowance.ts';
import { RequestWindow } from './request-window.ts';
import { TokenWindow } from './token-window.ts';

/** Where a key stands; absent: it has no such limit. */
export interface RateLimits {
  readonly requests?: Allowance;
  readonly tokens?: Allowance;
}

/** As much of a caller as its limits by the minute need. */
export type Limited = Pick<Caller, 'keyId' | 'requestsPerMinute' | 'tokensPerMinute'>;

/** What was counted of a key in the last minute. */
export interface KeyCount {
  readonly requests: number;
  readonly tokens: number;
}

interface Windows {
  readonly requests: RequestWindow;
  readonly tokens: TokenWindow;
  /** What other processes count, as far as they have told. */
  elsewhere: KeyCount;
}

const sweepEveryMs = 60_000;

/** Requests and tokens by the minute of every key that has such a limit. Decides by what this process knows, and at once. */
export class RateLimiter {
  readonly #windows = new Map<string, Windows>();
  #sweptAt = Number.NEGATIVE_INFINITY;

  /**
   * Counts a request, unless a `retryMs` in the answer says that it is refused; a refused one counts nowhere. `now` as in
   * RequestWindow.
   */
  admit(caller: Limited, now: number): RateLimits {
    const before = this.look(caller, now);
    const { requestsPerMinute } = caller;
    if (requestsPerMinute === undefined || before.tokens?.retryMs !== undefined) return before;
    const { requests, elsewhere } = this.#windowsOf(caller.keyId, now);
    return { ...before, requests: requests.take(requestsPerMinute, now, elsewhere.requests) };
  }

  /** Where the key stands. */
  look({ keyId, requestsPerMinute, tokensPerMinute }: Limited, now: number): RateLimits {
    if (requestsPerMinute === undefined && tokensPerMinute === undefined) return {};
    const { requests, tokens, elsewhere } = this.#windowsOf(keyId, now);
    return {
      ...(requestsPerMinute === undefined ? {} : { requests: requests.look(requestsPerMinute, now, elsewhere.requests) }),
      ...(tokensPerMinute === undefined ? {} : { tokens: tokens.look(tokensPerMinute, now, elsewhere.tokens) }),
    };
  }

  /** What a request has used, once it has ended. */
  count({ keyId, tokensPerMinute }: Limited, tokens: number, now: number): void {
    if (tokensPerMinute !== undefined) this.#windowsOf(keyId, now).tokens.count(tokens, now);
  }

  /** What this process itself counts, for every key that it remembers. */
  counts(now: number): ReadonlyMap<string, KeyCount> {
    this.#sweep(now);
    return new Map(
      [...this.#windows].map(([keyId, { requests, tokens }]) => [
        keyId,
        { requests: requests.counted(now), tokens: tokens.counted(now) },
      ]),
    );
  }

  /** What the other processes count of a key; it is taken for true until it is told anew. */
  tellElsewhere(keyId: string, elsewhere: KeyCount): void {
    const windows = this.#windows.get(keyId);
    if (windows !== undefined) windows.elsewhere = elsewhere;
  }

  /** Keys that it remembers. */
  get size(): number {
    return this.#windows.size;
  }

  #windowsOf(keyId: string, now: number): Windows {
    this.#sweep(now);
    const known = this.#windows.get(keyId);
    if (known !== undefined) return known;
    const windows = { requests: new RequestWindow(), tokens: new TokenWindow(), elsewhere: { requests: 0, tokens: 0 } };
    this.#windows.set(keyId, windows);
    return windows;
  }

  /** Empty windows say no more than none. */
  #sweep(now: number): void {
    if (now - this.#sweptAt < sweepEveryMs) return;
    this.#sweptAt = now;
    for (const [keyId, { requests, tokens }] of this.#windows)
      if (requests.counted(now) === 0 && tokens.counted(now) === 0) this.#windows.delete(keyId);
  }
}
