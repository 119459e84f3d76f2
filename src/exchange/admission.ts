import { FlashmuxError } from '../model/fault.ts';

export interface AdmissionLimits {
  /** Requests that run at the same time. */
  readonly maxInFlight: number;
  /** Requests that run at the same time for one API key. */
  readonly maxInFlightPerKey: number;
  /** Requests that wait for a place. */
  readonly maxQueued: number;
  /** Longest wait for a place. */
  readonly maxQueueMs: number;
}

/** A place among the running requests. Leaving twice is leaving once. */
export interface Place {
  leave(): void;
}

/**
 * Bounds the requests in flight and the queue before them. A key over its own limit gets `rate_limited` (429), a server over
 * its limit `overloaded` (503), both with `retry-after`. First come, first served.
 */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #perKey = new Map<string, number>();
  readonly #queue = new Set<() => void>();
  #inFlight = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get queued(): number {
    return this.#queue.size;
  }

  /** `maxOfKey`: the limit of this key where it has one of its own, above or below that of every key. */
  async enter(keyId: string, signal: AbortSignal, maxOfKey = this.#limits.maxInFlightPerKey): Promise<Place> {
    signal.throwIfAborted();
    const ofKey = this.#perKey.get(keyId) ?? 0;
    if (ofKey >= maxOfKey) {
      throw new FlashmuxError(
        'rate_limited',
        `This key has ${ofKey} requests in flight, its limit is ${maxOfKey}. Try again when one has ended.`,
        { retryAfterSeconds: 1 },
      );
    }
    this.#perKey.set(keyId, ofKey + 1);
    try {
      if (this.#inFlight >= this.#limits.maxInFlight) await this.#wait(signal);
      else this.#inFlight++;
    } catch (error) {
      this.#forget(keyId);
      throw error;
    }
    return this.#place(keyId);
  }

  /** A leaving request hands its place over, so `#inFlight` stays as it is while somebody waits. */
  async #wait(signal: AbortSignal): Promise<void> {
    const { maxQueued, maxQueueMs } = this.#limits;
    if (this.#queue.size >= maxQueued) {
      throw new FlashmuxError('overloaded', `The server is busy: ${maxQueued} requests wait already.`, { retryAfterSeconds: 2 });
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // Out of the queue in the same turn as the refusal: a place handed to a waiter that has given up would be lost.
    const giveUp = (fault: FlashmuxError): void => {
      this.#queue.delete(resolve);
      reject(fault);
    };
    const expired = setTimeout(() => {
      giveUp(new FlashmuxError('overloaded', `The server is busy: no place within ${maxQueueMs} ms.`, { retryAfterSeconds: 2 }));
    }, maxQueueMs);
    const left = (): void => giveUp(new FlashmuxError('cancelled', 'The caller left while waiting for a place.'));
    signal.addEventListener('abort', left, { once: true });
    this.#queue.add(resolve);
    try {
      await promise;
    } finally {
      clearTimeout(expired);
      signal.removeEventListener('abort', left);
    }
  }

  #place(keyId: string): Place {
    let left = false;
    return {
      leave: () => {
        if (left) return;
        left = true;
        this.#forget(keyId);
        const next = this.#queue.values().next().value;
        if (next === undefined) {
          this.#inFlight--;
          return;
        }
        this.#queue.delete(next);
        next();
      },
    };
  }

  #forget(keyId: string): void {
    const ofKey = (this.#perKey.get(keyId) ?? 1) - 1;
    if (ofKey === 0) this.#perKey.delete(keyId);
    else this.#perKey.set(keyId, ofKey);
  }
}
