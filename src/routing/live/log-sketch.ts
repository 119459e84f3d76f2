/** The values that a sketch tells apart. What lies outside is counted at the nearer end. */
export interface SketchRange {
  readonly lowest: number;
  readonly highest: number;
}

/** A quantile of a sketch differs from the exact one by at most this share of it. */
export const relativeError = 0.02;

const growth = (1 + relativeError) / (1 - relativeError);
const logOfGrowth = Math.log(growth);

/** How many buckets a range takes; each is a 32-bit count. */
export function bucketsOf({ lowest, highest }: SketchRange): number {
  return Math.ceil(Math.log(highest / lowest) / logOfGrowth) + 1;
}

/**
 * How values are spread, in buckets that each are 4 % wider than the one before (the idea of DDSketch). Sketches of one range add up:
 * merging is adding counts, so the order in which minutes, hosts or processes are merged changes nothing.
 */
export class LogSketch {
  readonly #range: SketchRange;
  readonly #counts: Uint32Array;
  #total = 0;

  constructor(range: SketchRange) {
    this.#range = range;
    this.#counts = new Uint32Array(bucketsOf(range));
  }

  /** How many values were added. */
  get count(): number {
    return this.#total;
  }

  /** Counts a value from 0. */
  add(value: number): void {
    const { lowest } = this.#range;
    const bucket = value <= lowest ? 0 : Math.ceil(Math.log(value / lowest) / logOfGrowth);
    const last = this.#counts.length - 1;
    this.#count(Math.min(bucket, last), 1);
  }

  /** Counts everything that another sketch of the same range has counted. */
  absorb(other: LogSketch): void {
    for (const [bucket, count] of other.#counts.entries()) if (count > 0) this.#count(bucket, count);
  }

  /**
   * The value below or at which this share of the values lies (nearest rank), within `relativeError`; undefined where nothing was
   * counted. `share` is above 0, up to 1.
   */
  quantile(share: number): number | undefined {
    const rank = Math.max(1, Math.ceil(share * this.#total));
    let seen = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count;
      if (count > 0 && seen >= rank) return this.#middleOf(bucket);
    }
    return undefined;
  }

  #count(bucket: number, count: number): void {
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count;
    this.#total += count;
  }

  /** The value whose relative distance to both ends of the bucket is the same. */
  #middleOf(bucket: number): number {
    const { lowest } = this.#range;
    return bucket === 0 ? lowest : (lowest * 2 * growth ** bucket) / (growth + 1);
  }
}
