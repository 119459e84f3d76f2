/** Chance that can be had again: the same seed gives the same choices (mulberry32). */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to below `end`. */
  under(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  }

  /** From `first` to `last`, both included. */
  between(first: number, last: number): number {
    return first + this.under(last - first + 1);
  }

  oneIn(many: number): boolean {
    return this.under(many) === 0;
  }

  pick<Value>(values: readonly [Value, ...Value[]]): Value {
    return values[this.under(values.length)] ?? values[0];
  }

  /** A chance of its own, so that one part of a world draws the same whatever the others do. */
  split(): Chance {
    return new Chance(this.under(2 ** 32));
  }
}
