/** Steps inside each power of two: a value is kept to within 1 / 64, which is finer than two runs agree. */
const stepsPerOctave = 64;
/** Up to twelve days. */
const octaves = 40;

/**
 * Counts durations in steps that grow with them, so that a million of them take as little memory as ten. Values are microseconds
 * from 1 on; what is below counts as 1.
 */
export class Histogram {
  readonly #counts = new Float64Array(stepsPerOctave * octaves);
  #count = 0;
  #largest = 0;

  add(microseconds: number, times = 1): void {
    const value = Math.max(1, microseconds);
    const step = Math.min(Math.floor(Math.log2(value) * stepsPerOctave), this.#counts.length - 1);
    this.#counts[step] = (this.#counts[step] ?? 0) + times;
    this.#count += times;
    this.#largest = Math.max(this.#largest, value);
  }

  get count(): number {
    return this.#count;
  }

  /** The value that the given share (0 to 1) of all values does not exceed, to within one step. NaN where there is none. */
  quantile(share: number): number {
    if (this.#count === 0) return Number.NaN;
    const rank = Math.max(1, Math.ceil(share * this.#count));
    let seen = 0;
    for (const [step, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= rank) return Math.min(this.#largest, 2 ** ((step + 1) / stepsPerOctave));
    }
    return this.#largest;
  }

  summary(): LatencySummary {
    const inMs = (microseconds: number): number => (Number.isNaN(microseconds) ? 0 : Math.round(microseconds) / 1_000);
    return {
      count: this.#count,
      p50Ms: inMs(this.quantile(0.5)),
      p99Ms: inMs(this.quantile(0.99)),
      p999Ms: inMs(this.quantile(0.999)),
      maxMs: inMs(this.#largest),
    };
  }
}

export interface LatencySummary {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}
