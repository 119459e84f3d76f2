import type { Chance } from '../simulation/chance.ts';

export const minuteMs = 60_000;
export const dayMs = 1_440 * minuteMs;

/** How a host fails while it does. */
export type Trouble =
  /** Connections are refused at once. */
  | 'refuses'
  /** It answers 500, as late as it would have answered. */
  | 'errs'
  /** It takes the request and says nothing. */
  | 'hangs'
  /** 429, every other time with a retry-after. */
  | 'limits'
  /** Three of ten calls fail. */
  | 'wavers'
  /** One of four streams is cut after its first token. */
  | 'cuts';

const troubles = [
  'refuses',
  'refuses',
  'errs',
  'errs',
  'limits',
  'wavers',
  'hangs',
  'cuts',
] as const satisfies readonly Trouble[];

/** Beside its troubles: of 1,000 calls so many fail before the first token, and of 10,000 streams so many are cut. */
const failuresInThousand = 3;
const cutsInTenThousand = 2;

/** Spread of the time to the first token from call to call; of 100 calls one takes four times as long. */
const noiseSpread = 0.25;
const slowFactor = 4;
const meanNoise = Math.exp(noiseSpread ** 2 / 2) * (0.99 + 0.01 * slowFactor);

export interface Call {
  readonly kind: 'answers' | 'fails' | 'limited' | 'hangs' | 'cut';
  /** Milliseconds until the first token, or until the failure. */
  readonly afterMs: number;
  readonly retryAfterSeconds?: number;
}

interface Outage {
  readonly from: number;
  readonly until: number;
  readonly trouble: Trouble;
}

/** The truth about one host over the whole time, which nobody but the judge knows. */
export class HostWeather {
  /** Tokens a second. */
  readonly throughput: number;
  readonly #levels: Float64Array;
  readonly #outages: readonly Outage[];
  readonly #chance: Chance;

  constructor(chance: Chance, days: number) {
    this.#chance = chance.split();
    this.throughput = chance.between(60, 120);
    this.#levels = drift(chance.split(), days);
    this.#outages = outages(chance.split(), days);
  }

  /** Expected milliseconds to the first token. */
  latencyMs(at: number): number {
    return this.#level(at) * meanNoise;
  }

  isHealthy(at: number): boolean {
    return this.#trouble(at) === undefined;
  }

  get outageCount(): number {
    return this.#outages.length;
  }

  /** What becomes of a call that comes now. */
  call(at: number): Call {
    const chance = this.#chance;
    const latencyMs = this.#level(at) * Math.exp(noiseSpread * normal(chance)) * (chance.oneIn(100) ? slowFactor : 1);
    const trouble = this.#trouble(at);
    if (trouble === 'refuses') return { kind: 'fails', afterMs: 20 };
    if (trouble === 'errs') return { kind: 'fails', afterMs: latencyMs };
    if (trouble === 'hangs') return { kind: 'hangs', afterMs: Infinity };
    if (trouble === 'limits') return { kind: 'limited', afterMs: 50, ...(chance.oneIn(2) ? { retryAfterSeconds: 30 } : {}) };
    if (chance.under(1_000) < (trouble === 'wavers' ? 300 : failuresInThousand)) return { kind: 'fails', afterMs: latencyMs };
    if (chance.under(10_000) < (trouble === 'cuts' ? 2_500 : cutsInTenThousand)) return { kind: 'cut', afterMs: latencyMs };
    return { kind: 'answers', afterMs: latencyMs };
  }

  #level(at: number): number {
    const minute = Math.min(Math.floor(at / minuteMs), this.#levels.length - 1);
    return this.#levels[minute] ?? Number.NaN;
  }

  #trouble(at: number): Trouble | undefined {
    return this.#outages.find(({ from, until }) => from <= at && at < until)?.trouble;
  }
}

/** Median milliseconds to the first token, minute by minute: a walk that returns, the time of day, and slow hours. */
function drift(chance: Chance, days: number): Float64Array {
  const levels = new Float64Array(days * 1_440);
  const baseMs = chance.between(350, 700);
  const phase = chance.under(1_440);
  const returns = Math.exp(-1 / 240);
  let walk = normal(chance);
  let slow = { until: 0, factor: 1 };
  for (const minute of levels.keys()) {
    walk = walk * returns + normal(chance) * Math.sqrt(1 - returns ** 2);
    if (minute >= slow.until) slow = { until: 0, factor: 1 };
    if (slow.until === 0 && chance.oneIn(2_880))
      slow = { until: minute + chance.between(30, 180), factor: chance.between(15, 25) / 10 };
    const day = 0.25 * Math.sin((2 * Math.PI * (minute + phase)) / 1_440);
    levels[minute] = baseMs * Math.exp(0.35 * walk + day) * slow.factor;
  }
  return levels;
}

/** About one in three days, from five minutes to two hours. */
function outages(chance: Chance, days: number): readonly Outage[] {
  const all: Outage[] = [];
  for (let at = 0; ;) {
    at += -Math.log((chance.under(1e9) + 1) / 1e9) * 3 * dayMs;
    if (at >= days * dayMs) return all;
    const until = at + chance.between(5, 120) * minuteMs;
    all.push({ from: at, until, trouble: chance.pick(troubles) });
    at = until;
  }
}

/** A number of the standard normal distribution (Box and Muller). */
function normal(chance: Chance): number {
  const distance = Math.sqrt(-2 * Math.log((chance.under(1e9) + 1) / 1e9));
  return distance * Math.cos((2 * Math.PI * chance.under(1e9)) / 1e9);
}
