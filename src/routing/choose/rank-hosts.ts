import type { Feature } from '../../model/capability.ts';
import type { RoutingPreferences, RoutingSort } from '../../model/routing-preferences.ts';
import type { ExplorationSettings, RoutingStrategy } from '../settings.ts';
import { isNamed, type Candidate } from './candidate.ts';
import { costOf, isSlow, sortHosts } from './sort-hosts.ts';

export interface RankOptions {
  readonly wishes: Partial<RoutingPreferences>;
  /** Hosts that lack one of these come after those that have them all. */
  readonly wishedFeatures: readonly Feature[];
  /** What holds where the caller does not wish for a sort. */
  readonly strategy: RoutingStrategy;
  readonly exploration: ExplorationSettings;
  /** Host that has the conversation in its cache. */
  readonly stickyHostId: string | undefined;
  readonly leastInput: number;
  readonly chance: () => number;
  readonly ticks: () => number;
}

/** The hosts in the order in which they are tried, at least one of them if there was one. */
export function rankHosts(hosts: readonly Candidate[], options: RankOptions): readonly Candidate[] {
  const { wishes, stickyHostId } = options;
  const { order = [], allowFallbacks = true } = wishes;
  const placeOf = ({ host }: Candidate): number => {
    const place = order.findIndex((name) => isNamed(host, name));
    return place < 0 ? order.length : place;
  };
  const named = hosts.filter((each) => placeOf(each) < order.length);
  // Whoever wants nobody but its first choice means the hosts that it named, where it named any.
  const wanted = !allowFallbacks && named.length > 0 ? named : hosts;
  if (wanted.length < 2) return wanted;
  const sorted = sortHosts(wanted, strategyOf(wishes.sort, options.strategy), options);
  const keyOf = (each: Candidate): Key => [
    standing(each, named),
    placeOf(each),
    lacksOne(each, options.wishedFeatures) ? 1 : 0,
    isSlow(each, wishes) ? 1 : 0,
  ];
  const keys = new Map(sorted.map((each) => [each, keyOf(each)]));
  const ranked = sorted.toSorted((one, other) => compareKeys(keys.get(one), keys.get(other)));
  if (!allowFallbacks) return ranked.slice(0, 1);
  if (named.length > 0) return ranked;
  const isUsable = (each: Candidate): boolean => {
    const [standingOf, , lacks] = keys.get(each) ?? noKey;
    return standingOf === 0 && lacks === 0;
  };
  const preferred =
    ranked.find((each) => each.hostId === stickyHostId && isUsable(each)) ?? explored(ranked.filter(isUsable), options);
  return preferred === undefined ? ranked : [preferred, ...ranked.filter((each) => each !== preferred)];
}

/** OpenRouter's `exacto` sorts by how well tools are called, which nobody measures here; a notice says so. */
function strategyOf(sort: RoutingSort | undefined, otherwise: RoutingStrategy): RoutingStrategy {
  return sort === 'exacto' ? 'latency' : (sort ?? otherwise);
}

/** 0: may be asked. 1: only where no other is left, says the operator. 2: failed or asked to be left alone. */
function standing(candidate: Candidate, named: readonly Candidate[]): 0 | 1 | 2 {
  const { state } = candidate.record.circuit;
  if (state.kind === 'open' || state.kind === 'resting' || (state.kind === 'half-open' && state.isTried)) return 2;
  return candidate.host.traits?.weight === 0 && !named.includes(candidate) ? 1 : 0;
}

function lacksOne({ capabilities }: Candidate, features: readonly Feature[]): boolean {
  return features.some((feature) => !capabilities.features.includes(feature));
}

/** Compared from the left: the earlier number decides. */
type Key = readonly [standing: number, place: number, lacks: number, slow: number];
const noKey: Key = [0, 0, 0, 0];

function compareKeys(one: Key = noKey, other: Key = noKey): number {
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2] || one[3] - other[3];
}

/** Strategies in which figures decide: the others ask whom they ask, however fast it is. */
const explores: Readonly<Record<RoutingStrategy, boolean>> = {
  balanced: true,
  latency: true,
  throughput: true,
  price: false,
  configured: false,
};

/** Of the hosts that would not be asked first, now and then the one that nobody has heard of for the longest time. */
function explored(usable: readonly Candidate[], options: RankOptions): Candidate | undefined {
  const { exploration, wishes, leastInput, chance, ticks } = options;
  const strategy = strategyOf(wishes.sort, options.strategy);
  // Before anything is known of anybody there is nothing that could be stale.
  const isKnown = usable.some(({ record }) => record.heardOfAt !== undefined);
  if (!explores[strategy] || !isKnown || usable.length < 2 || chance() < 1 - exploration.share) return undefined;
  const staleBefore = ticks() - exploration.staleAfterMs;
  const most = strategy === 'balanced' ? 2n * cheapestOf(usable, leastInput) : undefined;
  const stale = usable
    .slice(1)
    .filter(({ record }) => record.heardOfAt === undefined || record.heardOfAt < staleBefore)
    // Who has said nothing about speed is not made to pay much for others' knowledge of it.
    .filter((each) => (most === undefined || costOf(each, leastInput) <= most) && !isSlow(each, wishes));
  return stale.toSorted((one, other) => (one.record.heardOfAt ?? -1) - (other.record.heardOfAt ?? -1))[0];
}

function cheapestOf(hosts: readonly Candidate[], leastInput: number): bigint {
  return hosts.map((host) => costOf(host, leastInput)).reduce((least, cost) => (cost < least ? cost : least));
}
