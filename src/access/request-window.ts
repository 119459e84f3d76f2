import { askAgainMs, minuteMs, type Allowance } from './allowance.ts';

/**
 * The requests of one key in the last minute: a token bucket whose tokens come back one by one, each a minute after it was taken.
 * The usual bucket, which fills at a steady rate, lets twice its limit pass within the minute after a pause.
 */
export class RequestWindow {
  /** When each request came, the oldest first, in milliseconds; those before `#first` are over. */
  #times: number[] = [];
  #first = 0;

  /** `now`: milliseconds on a clock that never goes back. `elsewhere`: requests that other processes count. */
  take(limit: number, now: number, elsewhere = 0): Allowance {
    const before = this.look(limit, now, elsewhere);
    if (before.remaining === 0) return { ...before, retryMs: this.#roomAt(limit - elsewhere, now) - now };
    this.#times.push(now);
    return { limit, remaining: before.remaining - 1, resetMs: minuteMs };
  }

  /** What could be taken. */
  look(limit: number, now: number, elsewhere = 0): Allowance {
    const remaining = Math.max(0, limit - elsewhere - this.counted(now));
    const last = this.#times.at(-1);
    // When the others' minute ends is not known here; it is over in a minute.
    if (elsewhere > 0) return { limit, remaining, resetMs: minuteMs };
    return { limit, remaining, resetMs: last === undefined ? 0 : last + minuteMs - now };
  }

  /** Requests of the last minute. */
  counted(now: number): number {
    this.#forget(now - minuteMs);
    return this.#times.length - this.#first;
  }

  /** When fewer than `limit` will be counted here. */
  #roomAt(limit: number, now: number): number {
    const freedBy = limit < 1 ? undefined : this.#times.at(-limit);
    return freedBy === undefined ? now + askAgainMs : freedBy + minuteMs;
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
