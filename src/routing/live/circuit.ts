/** When a host is left alone after failures, and for how long. */
export interface CircuitSettings {
  /** As many failures in a row open it. */
  readonly failuresInRow: number;
  /** Or this share of the last calls, 0 to 1, once there were `leastCalls` of them within `windowMs`. */
  readonly failureShare: number;
  readonly leastCalls: number;
  readonly windowMs: number;
  /** How long it stays open at first; each time that it opens again doubles that, up to `longestOpenMs`. */
  readonly firstOpenMs: number;
  readonly longestOpenMs: number;
  /** Successes in a row after which a host that had failed is as good as any; until then each failure opens it again. */
  readonly successesToForget: number;
  /** How long a host rests that was asked too often (429) and did not say for how long. */
  readonly restMs: number;
  /** The longest that a host may ask to be left alone. */
  readonly longestRestMs: number;
}

export type CircuitState =
  | { readonly kind: 'closed' }
  /** It failed; nobody asks it before `until` while another host is left. Ticks. */
  | { readonly kind: 'open'; readonly until: number }
  /** It failed a while ago: one call finds out whether it answers again. */
  | { readonly kind: 'half-open'; readonly isTried: boolean }
  /** It asked not to be asked before `until`. That is no failure. */
  | { readonly kind: 'resting'; readonly until: number };

/** A call that runs, as the circuit knows it. */
export interface Trial {
  /** How often the circuit had opened before: what was begun before an opening says nothing about it. */
  readonly openings: number;
}

/** The last calls, as far as the share of failures needs them. */
const mostCalls = 20;
/** A call that was planned for a half-open host comes within this time, or another one may. */
const offerMs = 1_000;

/** Whether a host is asked: the circuit breaker of one host. It decides nothing; whoever plans asks for its state. */
export class Circuit {
  readonly #settings: CircuitSettings;
  readonly #ticks: () => number;
  #calls: { readonly at: number; readonly failed: boolean }[] = [];
  #failuresInRow = 0;
  #successesInRow = 0;
  #openings = 0;
  /** How often it opened since the host was last sound for a while; 0: it is. */
  #level = 0;
  #openUntil: number | undefined;
  #restUntil = 0;
  /** Until when the one call that finds out is waited for. */
  #triedUntil = 0;

  constructor(settings: CircuitSettings, ticks: () => number) {
    this.#settings = settings;
    this.#ticks = ticks;
  }

  get state(): CircuitState {
    const now = this.#ticks();
    if (this.#openUntil !== undefined && now < this.#openUntil) return { kind: 'open', until: this.#openUntil };
    if (now < this.#restUntil) return { kind: 'resting', until: this.#restUntil };
    return this.#openUntil === undefined ? { kind: 'closed' } : { kind: 'half-open', isTried: now < this.#triedUntil };
  }

  /** A plan has the host first that is half-open: for a moment no other plan has. */
  offers(): void {
    this.#triedUntil = Math.max(this.#triedUntil, this.#ticks() + offerMs);
  }

  /** A call goes out. */
  begins(): Trial {
    // It ends by itself; the limit only keeps a call that is lost from closing the host off for ever.
    if (this.#openUntil !== undefined) this.#triedUntil = this.#ticks() + this.#settings.longestOpenMs;
    return { openings: this.#openings };
  }

  succeeded(trial: Trial): void {
    if (trial.openings < this.#openings) return;
    this.#failuresInRow = 0;
    this.#successesInRow += 1;
    if (this.#successesInRow >= this.#settings.successesToForget) this.#level = 0;
    this.#note(false);
    this.#close();
  }

  failed(trial: Trial): void {
    if (trial.openings < this.#openings) return;
    this.#successesInRow = 0;
    this.#failuresInRow += 1;
    this.#note(true);
    if (this.#level > 0 || this.#isTooMuch()) this.#open();
  }

  /** The call ended without a word about the host. */
  saidNothing(trial: Trial): void {
    if (trial.openings === this.#openings) this.#triedUntil = 0;
  }

  /** The host asked to be left alone: for so many milliseconds, or as long as is usual. */
  rests(forMs: number | undefined): void {
    const { restMs, longestRestMs } = this.#settings;
    const until = this.#ticks() + Math.min(forMs ?? restMs, longestRestMs);
    this.#restUntil = Math.max(this.#restUntil, until);
  }

  #open(): void {
    const { firstOpenMs, longestOpenMs } = this.#settings;
    this.#openUntil = this.#ticks() + Math.min(firstOpenMs * 2 ** this.#level, longestOpenMs);
    // Enough for any back-off to have reached its cap.
    this.#level = Math.min(this.#level + 1, 30);
    this.#openings += 1;
    this.#triedUntil = 0;
    this.#failuresInRow = 0;
    this.#calls = [];
  }

  #close(): void {
    this.#openUntil = undefined;
    this.#triedUntil = 0;
  }

  #note(failed: boolean): void {
    this.#calls.push({ at: this.#ticks(), failed });
    if (this.#calls.length > mostCalls) this.#calls.shift();
  }

  #isTooMuch(): boolean {
    const { failuresInRow, failureShare, leastCalls, windowMs } = this.#settings;
    if (this.#failuresInRow >= failuresInRow) return true;
    const from = this.#ticks() - windowMs;
    const recent = this.#calls.filter(({ at }) => at > from);
    return recent.length >= leastCalls && recent.filter(({ failed }) => failed).length >= failureShare * recent.length;
  }
}
