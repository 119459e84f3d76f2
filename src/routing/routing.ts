import type { Catalogue, Listing, ModelEntry, Order, Variant } from '../catalogue/catalogue.ts';
import type { EndpointView } from '../catalogue/endpoint-view.ts';
import type { GenerateRequest } from '../model/request.ts';
import { markedForMs } from './choose/beginnings.ts';
import { StickyHosts } from './choose/sticky-hosts.ts';
import { endpointViews } from './endpoint-views.ts';
import { HostRegistry } from './host-registry.ts';
import { createHostWatch, type HostWatch } from './live/host-watch.ts';
import { standInFor, standInNote, type LocalModel } from './local-model.ts';
import { readSuffix } from './model-suffix.ts';
import type { PlanMeans } from './plan-model.ts';
import { planModels, type Allows } from './plan-models.ts';
import type { Host, PlannedAttempt } from './plan.ts';
import { defaultRoutingSettings, type RoutingSettings } from './settings.ts';

export interface RoutingOptions {
  readonly catalogue: Catalogue;
  readonly hosts: readonly Host[];
  /** Asked at each request: the local model may arrive while the server runs. Undefined: no engine is configured. */
  readonly local: () => LocalModel | undefined;
  /** Milliseconds on a clock that never goes back. Absent: time stands still, as tests like it. */
  readonly ticks?: () => number;
  /** From 0 to below 1. Absent: 0 always, which draws the first and explores never. */
  readonly chance?: () => number;
  readonly settings?: Partial<RoutingSettings>;
}

export interface PlanContext {
  /** Whose conversation it is. Absent: the account of the order. */
  readonly accountId?: string;
  /** Whether the caller may have a model that stands in. Absent: any. */
  readonly allows?: Allows;
}

export interface Routing {
  /**
   * At least one attempt, of the order made from what the caller `asked`, best first. Throws `no_host`, `model_not_ready`, and
   * `unsupported_value` or `context_length_exceeded` where no configured host is able to.
   */
  plan(order: Order, asked: GenerateRequest, context?: PlanContext): readonly PlannedAttempt[];
  /** The request with the suffix of its model's id, such as `:nitro`, read as a wish. To be resolved and planned instead of it. */
  understood(request: GenerateRequest): GenerateRequest;
  /** To be told what becomes of every attempt. */
  readonly watch: HostWatch;
  /** Every model of the catalogue that somebody would answer for. */
  listings(): readonly Listing[];
  /** By canonical id, alias, or `id:variant`. */
  listing(id: string): Listing | undefined;
  /** Who serves a model, by the same ids, with live figures; nobody for an id that is not known. */
  endpoints(id: string): readonly EndpointView[];
}

/**
 * Decides who answers. Of the hosts that have the model, those that cannot or may not answer are filtered out, and the rest are put in
 * an order: by the caller's wishes, by what the operator wants, by prices, and by how each has answered of late. Where there is none,
 * the local model stands in for the model families that allow it, and says so.
 */
export function createRouting(options: RoutingOptions): Routing {
  const { catalogue, local, ticks = () => 0, chance = () => 0 } = options;
  const settings: RoutingSettings = { ...defaultRoutingSettings, ...options.settings };
  const registry = new HostRegistry(options.hosts, settings, ticks);
  const sticky = new StickyHosts(settings.sticky, ticks);
  const means: PlanMeans = { catalogue, registry, sticky, settings, local, ticks, chance };

  return {
    plan(order, asked, { accountId = order.accountId, allows = () => true } = {}) {
      return planModels({ order, asked, accountId }, allows, means);
    },
    understood: (request) => readSuffix(request, { catalogue, regionsOf: (id) => registry.regionsOf(id) }),
    watch: createHostWatch({
      recordOf: (hostId) => registry.recordOf(hostId),
      onAnswer: (attempt, cachedTokens) => remember(sticky, attempt, cachedTokens),
      ticks,
    }),
    listings() {
      return catalogue.list().flatMap((model) => listing(model) ?? []);
    },
    listing(id) {
      const found = catalogue.find(id);
      return found === undefined ? undefined : listing(found.model, found.variant);
    },
    endpoints(id) {
      const found = catalogue.find(id);
      return found === undefined ? [] : endpointViews(found, { catalogue, registry, running: local() });
    },
  };

  function listing(model: ModelEntry, variant?: Variant): Listing | undefined {
    const running = local();
    const which = { model, ...(variant === undefined ? {} : { variant }) };
    const hosts = registry.hostsOf(variant?.id ?? model.id);
    const isAlsoLocal = running?.modelId === model.id && running.ready && variant === undefined;
    const providers = [...hosts, ...(isAlsoLocal ? [running] : [])].map(({ provider }) => provider);
    if (hosts.length > 0) return { ...which, providers: [...new Set(providers)], ready: true };
    if (running === undefined) return undefined;
    const locally = { ...which, providers: [running.provider], ready: running.ready };
    if (running.modelId === model.id) return locally;
    const standIn = standInFor(catalogue, model, running);
    if (standIn === undefined) return undefined;
    return { ...locally, standIn: { model: running.modelId, note: standInNote(standIn, model.id) } };
  }
}

/** A host has a conversation in its cache that the caller had it keep, or that it has just read from there. */
function remember(sticky: StickyHosts, { beginnings = [], hostId, request }: PlannedAttempt, cachedTokens: number): void {
  if (beginnings.length === 0) return;
  const markedFor = markedForMs(request);
  if (markedFor !== undefined || cachedTokens > 0) sticky.keep(beginnings, hostId, markedFor);
}
