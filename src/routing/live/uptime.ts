import { minuteMs } from './recent-sketch.ts';

const minutesOfDay = 1_440;

/** Fewer calls than this in a window say nothing about it. */
export const leastCalls = 5;

/**
 * How many calls of a host went well and how many failed, minute by minute for a day. What the caller did wrong, calls that were
 * turned away for coming too often (429), and calls whose caller left are neither.
 */
export class Uptime {
  readonly #ticks: () => number;
  readonly #minutes = new Float64Array(minutesOfDay).fill(-1);
  readonly #successes = new Uint32Array(minutesOfDay);
  readonly #failures = new Uint32Array(minutesOfDay);

  constructor(ticks: () => number) {
    this.#ticks = ticks;
  }

  count(outcome: 'success' | 'failure'): void {
    const minute = this.#minute();
    const place = minute % minutesOfDay;
    if (this.#minutes[place] !== minute) {
      this.#minutes[place] = minute;
      this.#successes[place] = 0;
      this.#failures[place] = 0;
    }
    const counts = outcome === 'success' ? this.#successes : this.#failures;
    counts[place] = (counts[place] ?? 0) + 1;
  }

  /** Successes among all calls of the last `minutes`, 0 to 1, the running minute included; undefined with fewer than `leastCalls`. */
  share(minutes: 5 | 30 | 1440): number | undefined {
    const now = this.#minute();
    let [successes, all] = [0, 0];
    for (let minute = Math.max(0, now - minutes + 1); minute <= now; minute++) {
      const place = minute % minutesOfDay;
      if (this.#minutes[place] !== minute) continue;
      const succeeded = this.#successes[place] ?? 0;
      successes += succeeded;
      all += succeeded + (this.#failures[place] ?? 0);
    }
    return all < leastCalls ? undefined : successes / all;
  }

  #minute(): number {
    return Math.floor(this.#ticks() / minuteMs);
  }
}
