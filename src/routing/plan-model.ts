import type { Catalogue, Order } from '../catalogue/catalogue.ts';
import type { GenerateRequest } from '../model/request.ts';
import type { RoutingPreferences } from '../model/routing-preferences.ts';
import { beginningsOf } from './choose/beginnings.ts';
import { isNamed, type Candidate } from './choose/candidate.ts';
import { demandsOf } from './choose/demands.ts';
import { filterHosts } from './choose/filter-hosts.ts';
import { charactersOf } from './choose/least-tokens.ts';
import { nobodyLeft } from './choose/nobody-left.ts';
import { rankHosts } from './choose/rank-hosts.ts';
import type { StickyHosts } from './choose/sticky-hosts.ts';
import { fitRequest } from './fit-request.ts';
import type { HostRegistry } from './host-registry.ts';
import { localHost, noHost, refuseMissing, standInFor, standInNote, type LocalModel } from './local-model.ts';
import type { Host, PlannedAttempt } from './plan.ts';
import type { RoutingSettings } from './settings.ts';
import { standInRequest } from './stand-in.ts';
import { wishNotices } from './wish-notices.ts';

/** What a plan is made with. */
export interface PlanMeans {
  readonly catalogue: Catalogue;
  readonly registry: HostRegistry;
  readonly sticky: StickyHosts;
  readonly settings: RoutingSettings;
  readonly local: () => LocalModel | undefined;
  readonly ticks: () => number;
  readonly chance: () => number;
}

/** A resolved request, and what its caller said. */
export interface Planned {
  readonly order: Order;
  readonly asked: GenerateRequest;
  readonly accountId: string | undefined;
}

/** The attempts for one model, at least one. Throws what nobodyLeft and noHost tell, and `model_not_ready`. */
export function planModel(what: Planned, means: PlanMeans): readonly PlannedAttempt[] {
  const { order } = what;
  const named = order.variant?.id ?? order.model.id;
  const running = means.local();
  const isLocal = running?.modelId === order.model.id && order.variant === undefined;
  const configured = means.registry.hostsOf(named);
  // Beside hosts that were configured for it, the local copy of a model is the last resort.
  const hosts = isLocal && running.ready ? [...configured, localHost(running, named)] : configured;
  return configured.length > 0 ? hostedAttempts(hosts, what, means) : localAttempt(what, running, means);
}

function hostedAttempts(hosts: readonly Host[], what: Planned, means: PlanMeans): readonly PlannedAttempt[] {
  const { order, asked } = what;
  const candidates = hosts.map((host) => candidateOf(host, order, means));
  const { ranked, beginnings } = choose(candidates, what, means);
  const wishes = asked.routing;
  const notices = wishNotices(wishes, hosts);
  const hasOthers = ranked.length > 1;
  const inputMs = hasOthers ? charactersOf(order.request.turns.flatMap(({ parts }) => parts)) / charactersAMillisecond : 0;
  return ranked.map((candidate, index): PlannedAttempt => {
    const { host, hostId, limits, priceList } = candidate;
    const fitted = fitRequest(order.request, asked, limits);
    const isLast = index === ranked.length - 1;
    const firstEventMs = patience(candidate, { hasOthers, isLast, inputMs }, wishes, means.settings);
    return {
      provider: host.provider,
      upstreamModel: host.upstreamModel,
      hostId,
      request: fitted.request,
      answeringModel: order.variant?.id ?? order.model.id,
      limits,
      priceList,
      notices: [...notices, ...fitted.notices],
      ...(firstEventMs === undefined ? {} : { firstEventMs }),
      ...(beginnings.length === 0 ? {} : { beginnings }),
    };
  });
}

interface Choice {
  readonly ranked: readonly Candidate[];
  /** None where it makes no difference who has the conversation in its cache. */
  readonly beginnings: readonly string[];
}

/** The hosts that can and may answer, best first. Throws where there is none. */
function choose(candidates: readonly Candidate[], { order, asked, accountId }: Planned, means: PlanMeans): Choice {
  const { settings, sticky, chance, ticks } = means;
  const wishes: Partial<RoutingPreferences> = asked.routing ?? {};
  const thinks = order.request.thinking.kind !== 'off';
  const demands = demandsOf(asked, thinks, Math.min(...candidates.map(smallestLimit)));
  const { kept, removed } = filterHosts(candidates, demands, wishes);
  const named = order.variant?.id ?? order.model.id;
  if (kept.length === 0) throw nobodyLeft(named, removed, wishes.saidAt ?? 'model');
  if (kept.length === 1) return { ranked: kept, beginnings: [] };
  const beginnings = kept.some(caches) ? beginningsOf(asked, named, accountId) : [];
  const ranked = rankHosts(kept, {
    wishes,
    wishedFeatures: demands.wishedFeatures,
    strategy: settings.strategies[named] ?? settings.strategy,
    exploration: settings.exploration,
    stickyHostId: sticky.hostOf(beginnings),
    leastInput: demands.leastInput(),
    chance,
    ticks,
  });
  const [first] = ranked;
  if (first?.record.circuit.state.kind === 'half-open') first.record.circuit.offers();
  return { ranked, beginnings };
}

function candidateOf(host: Host, order: Order, { catalogue, registry }: PlanMeans): Candidate {
  const { traits = {} } = host;
  const hostId = registry.hostIdOf(host);
  const sold = order.variant ?? order.model;
  return {
    host,
    hostId,
    capabilities: traits.capabilities ?? order.model.capabilities,
    limits: traits.limits === undefined ? order.limits : { ...order.limits, isAssumed: false, ...traits.limits },
    priceList:
      traits.priceList === undefined
        ? order.priceList
        : catalogue.priceList({ id: sold.id, priceList: sold.priceList, hostPriceList: traits.priceList }, order.accountId),
    record: registry.recordOf(hostId),
  };
}

/** What the length of an input is compared with: the limits of a host and the steps of its prices. */
function smallestLimit({ limits, priceList }: Candidate): number {
  return Math.min(limits.input ?? limits.context, priceList.tiers[0]?.maxInputTokens ?? Infinity);
}

function caches({ capabilities: { features } }: Candidate): boolean {
  return features.includes('explicit-cache') || features.includes('implicit-cache');
}

/** What the slowest hosts read of a prompt: a million tokens are four million characters and take them some two minutes. */
const charactersAMillisecond = 40;

interface Place {
  readonly hasOthers: boolean;
  readonly isLast: boolean;
  /** For reading the input; 0 where nobody else could be asked meanwhile. */
  readonly inputMs: number;
}

/**
 * How long this host is waited for, where that is less than usual: the caller's wish, a host that is only found out about, or one behind
 * which another stands.
 */
function patience(
  { host, record }: Candidate,
  { hasOthers, isLast, inputMs }: Place,
  { providerTimeoutsMs = {} }: Partial<RoutingPreferences> = {},
  { probeFirstEventMs, silentAfterMs }: RoutingSettings,
): number | undefined {
  const named = Object.entries(providerTimeoutsMs).flatMap(([name, milliseconds]) => (isNamed(host, name) ? [milliseconds] : []));
  const isProbe = hasOthers && record.circuit.state.kind === 'half-open';
  const usual = probeFactor * (record.latencyPace.value ?? 0);
  const probe = isProbe ? [Math.max(probeFirstEventMs, usual)] : [];
  const silent = isLast ? [] : [Math.max(silentAfterMs + Math.round(inputMs), usual)];
  const least = Math.min(...named, ...probe, ...silent);
  return least === Infinity ? undefined : least;
}

/** A host that answers again may be slower than it was, but not by more than this. */
const probeFactor = 4;

/** The local model for itself, or in the place of another. Throws `no_host` or `model_not_ready`. */
function localAttempt(what: Planned, running: LocalModel | undefined, means: PlanMeans): readonly PlannedAttempt[] {
  const { order, asked } = what;
  const named = order.variant?.id ?? order.model.id;
  if (running === undefined) throw noHost(order.model, named);
  const hosts = [localHost(running, named)];
  if (running.modelId === order.model.id) {
    refuseMissing(running);
    return hostedAttempts(hosts, what, means).map((attempt) => ({ ...attempt, answeringModel: running.modelId }));
  }
  const standIn = standInFor(means.catalogue, order.model, running);
  if (standIn === undefined) throw noHost(order.model, named);
  refuseMissing(running);
  // The caller pays for the model that answers, not for the one that was named.
  const priceList = means.catalogue.priceList(standIn, order.accountId);
  const { request, notices } = standInRequest(order, asked, standIn);
  // Filtered as the named model: what the stand-in is not able to do, the engine says, with the path of what it was.
  return hostedAttempts(hosts, { ...what, order: { ...order, priceList } }, means).map((attempt) => ({
    ...attempt,
    request,
    answeringModel: running.modelId,
    limits: standIn.limits,
    notices: [{ code: 'stand-in', path: 'model', message: standInNote(standIn, named) }, ...notices, ...attempt.notices],
  }));
}
