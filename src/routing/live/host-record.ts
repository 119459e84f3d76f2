import type { EndpointCircuit, EndpointFigures, Quantiles } from '../../catalogue/endpoint-view.ts';
import type { RoutingSettings } from '../settings.ts';
import { Circuit } from './circuit.ts';
import type { LogSketch, SketchRange } from './log-sketch.ts';
import { Pace } from './pace.ts';
import { RecentSketch } from './recent-sketch.ts';
import { Uptime } from './uptime.ts';

/** Milliseconds: beyond a quarter of an hour a first token is as good as none. */
const latencyRange: SketchRange = { lowest: 1, highest: 1_000_000 };
/** Tokens a second. */
const throughputRange: SketchRange = { lowest: 0.1, highest: 100_000 };

const windowMinutes = 30;
/** Quantiles are as old as this at most: a plan asks for them more often than they change. */
const quantilesKeptMs = 1_000;

/**
 * Everything that is known of one host from its answers. At most 30 x 2 sketches of 347 buckets of 4 bytes each, a day of minutes
 * of 16 bytes each, and less than 10 KB beside them: below 120 KB a host that is always busy, 25 KB for one that rests.
 */
export class HostRecord {
  readonly circuit: Circuit;
  /** Milliseconds to the first token, as it is right now. */
  readonly latencyPace: Pace;
  /** Tokens a second, as it is right now. */
  readonly throughputPace: Pace;
  readonly #ticks: () => number;
  readonly #latencies: RecentSketch;
  readonly #throughputs: RecentSketch;
  readonly #uptime: Uptime;
  #kept: { readonly at: number; readonly latency: Quantiles | undefined; readonly throughput: Quantiles | undefined } | undefined;
  #failedAt: number | undefined;

  constructor({ circuit, paceHalfLifeMs }: RoutingSettings, ticks: () => number) {
    this.#ticks = ticks;
    this.circuit = new Circuit(circuit, ticks);
    this.latencyPace = new Pace(paceHalfLifeMs, ticks);
    this.throughputPace = new Pace(paceHalfLifeMs, ticks);
    this.#latencies = new RecentSketch(latencyRange, windowMinutes, ticks);
    this.#throughputs = new RecentSketch(throughputRange, windowMinutes, ticks);
    this.#uptime = new Uptime(ticks);
  }

  /** Ticks of the last time that it was heard of; undefined where it was never asked. */
  get heardOfAt(): number | undefined {
    const { seenAt } = this.latencyPace;
    if (this.#failedAt === undefined || seenAt === undefined) return seenAt ?? this.#failedAt;
    return Math.max(seenAt, this.#failedAt);
  }

  get latency(): Quantiles | undefined {
    return this.#quantiles().latency;
  }

  get throughput(): Quantiles | undefined {
    return this.#quantiles().throughput;
  }

  get figures(): EndpointFigures {
    const { latency, throughput } = this.#quantiles();
    const [last5Minutes, last30Minutes, lastDay] = [this.#uptime.share(5), this.#uptime.share(30), this.#uptime.share(1440)];
    return {
      ...(latency === undefined ? {} : { latencyMs: latency }),
      ...(throughput === undefined ? {} : { throughput }),
      uptime: {
        ...(last5Minutes === undefined ? {} : { last5Minutes }),
        ...(last30Minutes === undefined ? {} : { last30Minutes }),
        ...(lastDay === undefined ? {} : { lastDay }),
      },
    };
  }

  get circuitView(): EndpointCircuit {
    const { state } = this.circuit;
    if (state.kind === 'closed' || state.kind === 'half-open') return { state: state.kind };
    return { state: state.kind, askedAgainInSeconds: Math.ceil((state.until - this.#ticks()) / 1_000) };
  }

  /** The first token came after so many milliseconds. */
  firstTokenAfter(milliseconds: number): void {
    this.#latencies.add(milliseconds);
    this.latencyPace.add(Math.max(milliseconds, latencyRange.lowest));
  }

  /** Nobody waited longer than this for a first token. Where it is more than usual, it counts as what it would at least have been. */
  noTokenFor(milliseconds: number): void {
    if (milliseconds > (this.latencyPace.value ?? Infinity)) this.latencyPace.add(milliseconds);
  }

  /** So many tokens came within so many milliseconds after the first one. */
  wrote(tokens: number, milliseconds: number): void {
    if (tokens < leastTokens || milliseconds < leastMs) return;
    const throughput = (tokens * 1_000) / milliseconds;
    this.#throughputs.add(throughput);
    this.throughputPace.add(throughput);
  }

  succeeded(): void {
    this.#uptime.count('success');
  }

  failed(): void {
    this.#failedAt = this.#ticks();
    this.#uptime.count('failure');
  }

  #quantiles() {
    const now = this.#ticks();
    if (this.#kept === undefined || now - this.#kept.at >= quantilesKeptMs) {
      const latency = quantilesOf(this.#latencies.merged());
      this.#kept = { at: now, latency, throughput: quantilesOf(this.#throughputs.merged()) };
    }
    return this.#kept;
  }
}

/** A few words, or an answer that came in one piece, tell nothing about the speed of writing. */
const leastTokens = 8;
const leastMs = 20;

/** Undefined where nothing was measured. */
function quantilesOf(sketch: LogSketch): Quantiles | undefined {
  const [p50, p75, p90, p99] = [0.5, 0.75, 0.9, 0.99].map((share) => sketch.quantile(share));
  if (p50 === undefined || p75 === undefined || p90 === undefined || p99 === undefined) return undefined;
  return { p50, p75, p90, p99 };
}
