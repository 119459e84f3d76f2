import type { Clock } from '../../model/ports.ts';

interface Pin<State> {
  readonly state: State;
  readonly bytes: number;
  lifetimeMs: number;
  /** On the clock's ticks. */
  expiresAtMs: number;
}

/**
 * Saved states by key, each for its lifetime, which begins anew with every use. Never more bytes than the budget: what was used
 * longest ago is given up first.
 */
export class PinStore<State> {
  /** In the order of their last use. */
  readonly #pins = new Map<string, Pin<State>>();
  readonly #budgetBytes: number;
  readonly #clock: Pick<Clock, 'ticks'>;
  #bytes = 0;

  constructor(budgetBytes: number, clock: Pick<Clock, 'ticks'>) {
    this.#budgetBytes = budgetBytes;
    this.#clock = clock;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#pins.size;
  }

  /** Does not count as a use. */
  find(key: string): State | undefined {
    return this.#alive(key)?.state;
  }

  /** Counts as a use. `lifetimeMs` absent: the one that the pin has. What is left of a longer lifetime is not cut. */
  use(key: string, lifetimeMs?: number): void {
    const pin = this.#alive(key);
    if (pin === undefined) return;
    pin.lifetimeMs = lifetimeMs ?? pin.lifetimeMs;
    pin.expiresAtMs = Math.max(pin.expiresAtMs, this.#clock.ticks() + pin.lifetimeMs);
    this.#pins.delete(key);
    this.#pins.set(key, pin);
  }

  /** Keeps a state in place of the one that the key had. False: it alone is larger than the budget. */
  keep(key: string, state: State, bytes: number, lifetimeMs: number): boolean {
    this.drop(key);
    if (bytes > this.#budgetBytes) return false;
    this.sweep();
    for (const oldest of this.#pins.keys()) {
      if (this.#bytes + bytes <= this.#budgetBytes) break;
      this.drop(oldest);
    }
    this.#pins.set(key, { state, bytes, lifetimeMs, expiresAtMs: this.#clock.ticks() + lifetimeMs });
    this.#bytes += bytes;
    return true;
  }

  drop(key: string): void {
    this.#bytes -= this.#pins.get(key)?.bytes ?? 0;
    this.#pins.delete(key);
  }

  /** Lets go of all whose lifetime is over. */
  sweep(): void {
    for (const key of this.#pins.keys()) this.#alive(key);
  }

  #alive(key: string): Pin<State> | undefined {
    const pin = this.#pins.get(key);
    if (pin === undefined || pin.expiresAtMs > this.#clock.ticks()) return pin;
    this.drop(key);
    return undefined;
  }
}
