import type { FlashmuxError } from '../model/fault.ts';
import type { PlannedAttempt } from '../routing/plan.ts';

/** How often, and for how long, a request is tried before its caller is told that nobody answers. */
export interface RetrySettings {
  /** How often the same host is tried at most, from 1. */
  readonly triesPerHost: number;
  /** From the first try to the beginning of the last, in milliseconds; longer waits are not begun. */
  readonly budgetMs: number;
  /** Before the second round, in milliseconds; twice as long before each further one, up to `longestPauseMs`. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

export interface TriesOptions {
  readonly planned: readonly PlannedAttempt[];
  readonly settings: RetrySettings;
  /** Milliseconds on a clock that never goes back. */
  readonly ticks: () => number;
  /** From 0 up to 1: callers who failed together must not come back together. */
  readonly chance: () => number;
}

interface Candidate {
  readonly attempt: PlannedAttempt;
  tries: number;
  /** On the clock of `ticks`: the host asked not to be asked before. */
  notBefore: number;
  isOut: boolean;
}

/**
 * Which host is tried next, and when: each of the plan once, without a wait between two hosts, then again those that may have been
 * unlucky, after a pause. A host that says when to come back is not asked before.
 */
export class Tries {
  readonly #options: TriesOptions;
  readonly #candidates: readonly Candidate[];
  readonly #startedAt: number;
  #position = 0;
  #round = 1;

  constructor(options: TriesOptions) {
    this.#options = options;
    this.#startedAt = options.ticks();
    this.#candidates = options.planned.map((attempt) => ({ attempt, tries: 0, notBefore: 0, isOut: false }));
  }

  /** The attempt that runs, or ran last. */
  get current(): PlannedAttempt {
    return this.#candidate().attempt;
  }

  /** The current attempt failed before its first word. Milliseconds to wait before `current`, which is the next one then; undefined: nobody is left. */
  failed(fault: FlashmuxError): number | undefined {
    const { ticks, settings } = this.#options;
    const now = ticks();
    const failed = this.#candidate();
    failed.tries += 1;
    failed.isOut = !isWorthRepeating(fault) || failed.tries >= settings.triesPerHost;
    failed.notBefore = now + (fault.retryAfterSeconds ?? 0) * 1_000;
    if (fault.row.retry === 'no') return undefined;
    const isLate = now - this.#startedAt > settings.budgetMs;
    const waiting = this.#candidates.findIndex(
      ({ isOut, tries, notBefore }) => !isOut && tries < this.#round && notBefore <= now && (tries === 0 || !isLate),
    );
    if (waiting === -1) return this.#nextRound(now);
    this.#position = waiting;
    return 0;
  }

  #nextRound(now: number): number | undefined {
    const { settings, chance } = this.#options;
    const [soonest] = this.#candidates
      .map((candidate, index) => ({ candidate, index }))
      .filter(({ candidate }) => !candidate.isOut)
      .toSorted((a, b) => a.candidate.notBefore - b.candidate.notBefore || a.index - b.index);
    if (soonest === undefined) return undefined;
    const most = Math.min(settings.firstPauseMs * 2 ** (this.#round - 1), settings.longestPauseMs);
    const pauseMs = Math.max(soonest.candidate.notBefore - now, most * (0.5 + chance() / 2));
    if (now + pauseMs - this.#startedAt > settings.budgetMs) return undefined;
    this.#round = soonest.candidate.tries + 1;
    this.#position = soonest.index;
    return pauseMs;
  }

  #candidate(): Candidate {
    const candidate = this.#candidates[this.#position];
    if (candidate === undefined) throw new RangeError('a plan has at least one attempt');
    return candidate;
  }
}

/**
 * Whether the same host may answer the same request a moment later. One that was silent until its deadline has had its time, and an engine that
 * crashed may have crashed over this very request.
 */
function isWorthRepeating({ code }: FlashmuxError): boolean {
  return code === 'upstream_failed' || code === 'rate_limited' || code === 'overloaded';
}
