export interface RestartOptions {
  /** Milliseconds before the first restart; each further one waits twice as long. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** A crash this long after the one before starts the count again. */
  readonly forgetAfterMs: number;
  /** Crashes in a row after which there are no more restarts by themselves. */
  readonly crashLimit: number;
  /** After the limit, a request may start the process again when so much time has gone by. */
  readonly pauseMs: number;
}

export const defaultRestarts: RestartOptions = {
  firstWaitMs: 250,
  longestWaitMs: 10_000,
  forgetAfterMs: 60_000,
  crashLimit: 5,
  pauseMs: 30_000,
};

export type RestartDecision =
  | { readonly kind: 'restart'; readonly waitMs: number }
  /** Not before `atMs` on the clock given to `crashed`, and only on demand. */
  | { readonly kind: 'pause'; readonly atMs: number };

/** When a crashed process is started again: at once at first, more and more slowly, then only on demand. Pure but for its count. */
export class RestartPolicy {
  readonly #options: RestartOptions;
  #crashes = 0;
  #lastCrashAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: RestartOptions) {
    this.#options = options;
  }

  crashed(nowMs: number): RestartDecision {
    const { firstWaitMs, longestWaitMs, forgetAfterMs, crashLimit, pauseMs } = this.#options;
    this.#crashes = nowMs - this.#lastCrashAtMs > forgetAfterMs ? 1 : this.#crashes + 1;
    this.#lastCrashAtMs = nowMs;
    if (this.#crashes > crashLimit) return { kind: 'pause', atMs: nowMs + pauseMs };
    return { kind: 'restart', waitMs: Math.min(longestWaitMs, firstWaitMs * 2 ** (this.#crashes - 1)) };
  }

  forget(): void {
    this.#crashes = 0;
    this.#lastCrashAtMs = Number.NEGATIVE_INFINITY;
  }
}
