/**
 * What a figure of a host is right now: a mean whose weights fall by half with every half-life, so that it follows a host that
 * changes, and a host that is asked seldom is judged by what it did last. Means are of logarithms: one answer that took a minute
 * does not outweigh a hundred that took a second.
 */
export class Pace {
  readonly #halfLifeMs: number;
  readonly #ticks: () => number;
  #sum = 0;
  #weight = 0;
  #seenAt = 0;

  constructor(halfLifeMs: number, ticks: () => number) {
    this.#halfLifeMs = halfLifeMs;
    this.#ticks = ticks;
  }

  /** Undefined where nothing was measured yet. */
  get value(): number | undefined {
    return this.#weight === 0 ? undefined : Math.exp(this.#sum / this.#weight);
  }

  /** Ticks of the last measurement. */
  get seenAt(): number | undefined {
    return this.#weight === 0 ? undefined : this.#seenAt;
  }

  /** `value` is above 0. */
  add(value: number): void {
    const now = this.#ticks();
    const kept = 2 ** -((now - this.#seenAt) / this.#halfLifeMs);
    // Beyond this many answers more of them say nothing new, and would hide that the host has changed since.
    const weight = Math.min(this.#weight * kept, mostWeight);
    this.#sum = this.#weight === 0 ? 0 : (this.#sum / this.#weight) * weight;
    this.#sum += Math.log(value);
    this.#weight = weight + 1;
    this.#seenAt = now;
  }
}

const mostWeight = 15;
