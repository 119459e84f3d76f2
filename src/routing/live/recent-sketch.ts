import { LogSketch, type SketchRange } from './log-sketch.ts';

export const minuteMs = 60_000;

/** The sketch of a minute of the past, kept until its place is needed for another minute. */
interface Minute {
  readonly minute: number;
  readonly sketch: LogSketch;
}

/**
 * What was measured in the last minutes: a sketch for each in which there was something, in a ring. The running minute is one of
 * them, so that a window of 30 minutes reaches back between 29 and 30.
 */
export class RecentSketch {
  readonly #range: SketchRange;
  readonly #ticks: () => number;
  readonly #ring: (Minute | undefined)[];

  constructor(range: SketchRange, minutes: number, ticks: () => number) {
    this.#range = range;
    this.#ticks = ticks;
    this.#ring = Array.from({ length: minutes }, () => undefined);
  }

  add(value: number): void {
    const minute = this.#minute();
    const place = minute % this.#ring.length;
    let kept = this.#ring[place];
    if (kept?.minute !== minute) this.#ring[place] = kept = { minute, sketch: new LogSketch(this.#range) };
    kept.sketch.add(value);
  }

  /** Everything of the window in one sketch. */
  merged(): LogSketch {
    const oldest = this.#minute() - this.#ring.length;
    const all = new LogSketch(this.#range);
    for (const kept of this.#ring) if (kept !== undefined && kept.minute > oldest) all.absorb(kept.sketch);
    return all;
  }

  #minute(): number {
    return Math.floor(this.#ticks() / minuteMs);
  }
}
