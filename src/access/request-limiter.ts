import type { Caller } from './access.ts';
import { RequestWindow } from './request-window.ts';
import type { RequestAllowance } from './request-window.ts';

const sweepEveryMs = 60_000;

/** The requests a minute of every key that has such a limit, as this process sees them. */
export class RequestLimiter {
  readonly #windows = new Map<string, RequestWindow>();
  #sweptAt = Number.NEGATIVE_INFINITY;

  /** Counts a request, unless its allowance says that it is refused. Undefined for a key without a limit. `now` as in RequestWindow. */
  take(caller: Pick<Caller, 'keyId' | 'requestsPerMinute'>, now: number): RequestAllowance | undefined {
    const { keyId, requestsPerMinute } = caller;
    return requestsPerMinute === undefined ? undefined : this.#windowOf(keyId, now).take(requestsPerMinute, now);
  }

  /** The same without counting. */
  look(caller: Pick<Caller, 'keyId' | 'requestsPerMinute'>, now: number): RequestAllowance | undefined {
    const { keyId, requestsPerMinute } = caller;
    return requestsPerMinute === undefined ? undefined : this.#windowOf(keyId, now).look(requestsPerMinute, now);
  }

  /** Keys that it remembers. */
  get size(): number {
    return this.#windows.size;
  }

  #windowOf(keyId: string, now: number): RequestWindow {
    this.#sweep(now);
    const known = this.#windows.get(keyId);
    if (known !== undefined) return known;
    const window = new RequestWindow();
    this.#windows.set(keyId, window);
    return window;
  }

  /** An empty window says no more than none. */
  #sweep(now: number): void {
    if (now - this.#sweptAt < sweepEveryMs) return;
    this.#sweptAt = now;
    for (const [keyId, window] of this.#windows) if (window.look(1, now).remaining === 1) this.#windows.delete(keyId);
  }
}
