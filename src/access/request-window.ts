/** What a key with a limit may still do, and when it may do more. */
export interface RequestAllowance {
  /** Requests in a minute. */
  readonly limit: number;
  /** How many could follow at once. */
  readonly remaining: number;
  /** Milliseconds until the whole limit is there again. */
  readonly resetMs: number;
  /** Set where this request was refused: milliseconds until one will pass. */
  readonly retryMs?: number;
}

const minuteMs = 60_000;

/**
 * The requests of one key in the last minute: a token bucket whose tokens come back one by one, each a minute after it was taken.
 * The usual bucket, which fills at a steady rate, lets twice its limit pass within the minute after a pause.
 */
export class RequestWindow {
  /** When each request came, the oldest first, in milliseconds; those before `#first` are over. */
  #times: number[] = [];
  #first = 0;

  /** `now`: milliseconds on a clock that never goes back. */
  take(limit: number, now: number): RequestAllowance {
    const before = this.look(limit, now);
    if (before.remaining === 0) {
      const freedBy = this.#times.at(-limit) ?? now;
      return { ...before, retryMs: freedBy + minuteMs - now };
    }
    this.#times.push(now);
    return { limit, remaining: before.remaining - 1, resetMs: minuteMs };
  }

  /** What could be taken. */
  look(limit: number, now: number): RequestAllowance {
    this.#forget(now - minuteMs);
    const taken = this.#times.length - this.#first;
    const last = this.#times.at(-1);
    return {
      limit,
      remaining: Math.max(0, limit - taken),
      resetMs: taken === 0 || last === undefined ? 0 : last + minuteMs - now,
    };
  }

  #forget(until: number): void {
    for (let time = this.#times[this.#first]; time !== undefined && time <= until; time = this.#times[this.#first])
      this.#first += 1;
    // Copied only once half of it is over, so that a request costs the same however many there were.
    if (this.#first * 2 < this.#times.length) return;
    this.#times = this.#times.slice(this.#first);
    this.#first = 0;
  }
}
