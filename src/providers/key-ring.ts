import type { Clock } from '../model/ports.ts';

/** The keys of one provider, taken in turn. A key that its host refused, or throttled, rests for a while. */
export interface KeyRing {
  /** The next key. Where all rest, the one whose rest ends first. Undefined: there is none. */
  take(): string | undefined;
  /** Leaves a key out for so many milliseconds from now. A shorter rest never cuts a longer one; a foreign key is nobody's. */
  rests(key: string, forMs: number): void;
}

export function createKeyRing(keys: readonly string[], clock: Pick<Clock, 'ticks'>): KeyRing {
  return new Ring(keys, clock);
}

class Ring implements KeyRing {
  /** When each key is back, on the clock that never goes back; in the order of the configuration. */
  readonly #backAt: Map<string, number>;
  readonly #keys: readonly string[];
  readonly #clock: Pick<Clock, 'ticks'>;
  #next = 0;

  constructor(keys: readonly string[], clock: Pick<Clock, 'ticks'>) {
    this.#backAt = new Map(keys.map((key) => [key, Number.NEGATIVE_INFINITY]));
    this.#keys = [...this.#backAt.keys()];
    this.#clock = clock;
  }

  take(): string | undefined {
    const now = this.#clock.ticks();
    const turn = [...this.#keys.slice(this.#next), ...this.#keys.slice(0, this.#next)];
    const key = turn.find((candidate) => this.#back(candidate) <= now) ?? this.#soonest(turn);
    if (key !== undefined) this.#next = (this.#keys.indexOf(key) + 1) % this.#keys.length;
    return key;
  }

  rests(key: string, forMs: number): void {
    if (!this.#backAt.has(key)) return;
    this.#backAt.set(key, Math.max(this.#back(key), this.#clock.ticks() + forMs));
  }

  #back(key: string): number {
    return this.#backAt.get(key) ?? Number.NEGATIVE_INFINITY;
  }

  /** A host that refuses all our keys says it better than we could: its own words reach the caller. */
  #soonest(keys: readonly string[]): string | undefined {
    return keys.toSorted((one, other) => this.#back(one) - this.#back(other))[0];
  }
}
