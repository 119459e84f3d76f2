import type { Percentiles } from '../../model/routing-preferences.ts';
import type { Quantiles } from '../../catalogue/endpoint-view.ts';
import type { RoutingStrategy } from '../settings.ts';
import type { Candidate } from './candidate.ts';
import { cheapness, tierFor, usualCost } from './exact-price.ts';

/** Hosts in the order of a strategy; those that it does not tell apart stay in the order of the configuration. */
export function sortHosts(
  hosts: readonly Candidate[],
  strategy: RoutingStrategy,
  { leastInput, chance }: { readonly leastInput: number; readonly chance: () => number },
): readonly Candidate[] {
  switch (strategy) {
    case 'configured':
      return hosts;
    case 'price':
      return hosts.toSorted((one, other) => compare(costOf(one, leastInput), costOf(other, leastInput)));
    case 'latency':
      return hosts.toSorted((one, other) => compare(slowness(one), slowness(other)));
    case 'throughput':
      return hosts.toSorted((one, other) => compare(1 / speed(one), 1 / speed(other)));
    case 'balanced':
      return balanced(hosts, leastInput, chance);
  }
}

export function costOf({ priceList }: Candidate, leastInput: number): bigint {
  return usualCost(tierFor(priceList, leastInput));
}

/** Milliseconds to the first token. A host that was never asked comes first, so that it is known; one that never answered, last. */
function slowness({ record }: Candidate): number {
  return record.latencyPace.value ?? (record.heardOfAt === undefined ? 0 : Infinity);
}

/** Tokens a second. Whoever answered without writing enough to be measured comes last, or it would stay first for ever. */
function speed({ record }: Candidate): number {
  return record.throughputPace.value ?? (record.heardOfAt === undefined ? Infinity : Number.MIN_VALUE);
}

/**
 * One is drawn, with a chance that falls with the square of its price and of its time to the first token; the others follow, the
 * likelier ones first. Nothing is drawn while nothing was measured.
 */
function balanced(hosts: readonly Candidate[], leastInput: number, chance: () => number): readonly Candidate[] {
  const paces = hosts.map(({ record }) => record.latencyPace.value);
  const fastest = Math.min(...paces.map((pace) => pace ?? Infinity));
  if (fastest === Infinity) return hosts;
  const costs = hosts.map((host) => costOf(host, leastInput));
  const cheapest = costs.reduce((least, cost) => (cost < least ? cost : least), costs[0] ?? 0n);
  const weighed = hosts.map((host, index) => {
    const cheap = cheapness(costs[index] ?? 0n, cheapest);
    // A host that was never measured counts as fast, so that it soon will be.
    const fast = fastest / (paces[index] ?? fastest);
    return { host, weight: (host.host.traits?.weight ?? 1) * (cheap * fast) ** 2 };
  });
  const drawn = draw(weighed, chance());
  const rest = weighed.filter((each) => each !== drawn).toSorted((one, other) => other.weight - one.weight);
  return [...(drawn === undefined ? [] : [drawn]), ...rest].map(({ host }) => host);
}

function draw<Weighed extends { readonly weight: number }>(all: readonly Weighed[], lot: number): Weighed | undefined {
  let left = lot * all.reduce((sum, { weight }) => sum + weight, 0);
  return all.find(({ weight }) => (left -= weight) < 0) ?? all[0];
}

/** Whether a host is slower than the caller would like; one that was not measured is not. */
export function isSlow(
  { record }: Candidate,
  wishes: { readonly preferredMaxLatency?: Percentiles; readonly preferredMinThroughput?: Percentiles },
): boolean {
  const { preferredMaxLatency, preferredMinThroughput } = wishes;
  if (preferredMaxLatency !== undefined && breaks(preferredMaxLatency, record.latency, (ms, seconds) => ms > seconds * 1_000))
    return true;
  return (
    preferredMinThroughput !== undefined && breaks(preferredMinThroughput, record.throughput, (speedOf, least) => speedOf < least)
  );
}

const percentiles = ['p50', 'p75', 'p90', 'p99'] as const;

function breaks(
  wished: Percentiles,
  measured: Quantiles | undefined,
  isWorse: (measured: number, wished: number) => boolean,
): boolean {
  if (measured === undefined) return false;
  return percentiles.some((name) => wished[name] !== undefined && isWorse(measured[name], wished[name]));
}

function compare(one: number | bigint, other: number | bigint): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
