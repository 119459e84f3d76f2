import type { Catalogue, Listing, ModelEntry, Order, Variant } from '../catalogue/catalogue.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { GenerateRequest } from '../model/request.ts';
import type { Host, PlannedAttempt } from './plan.ts';
import { standInRequest } from './stand-in.ts';
import { announced } from './unused-preferences.ts';

/** The model that the embedded engine has, or would have once it was pulled. */
export interface LocalModel {
  readonly modelId: string;
  readonly provider: string;
  readonly ready: boolean;
  /** Why it cannot answer and what helps, where waiting a moment would not. */
  readonly missing?: string;
}

export interface RoutingOptions {
  readonly catalogue: Catalogue;
  readonly hosts: readonly Host[];
  /** Asked at each request: the local model may arrive while the server runs. Undefined: no engine is configured. */
  readonly local: () => LocalModel | undefined;
}

export interface Routing {
  /** At least one attempt, of the order made from what the caller `asked`. Throws `no_host` or `model_not_ready`. */
  plan(order: Order, asked: GenerateRequest): readonly PlannedAttempt[];
  /** Every model of the catalogue that somebody would answer for. */
  listings(): readonly Listing[];
  /** By canonical id, alias, or `id:variant`. */
  listing(id: string): Listing | undefined;
}

/**
 * Decides who answers. Hosts that really have the model come first, in the order of the configuration. Where there is none, the
 * local model stands in for the model families that allow it, and says so. The local model answers for itself always.
 */
export function createRouting({ catalogue, hosts, local }: RoutingOptions): Routing {
  const hostsByModel = Map.groupBy(hosts, (host) => host.model);
  const hostsOf = (model: ModelEntry, variantId?: string): readonly Host[] =>
    (variantId === undefined ? undefined : hostsByModel.get(variantId)) ??
    (variantId === undefined ? (hostsByModel.get(model.id) ?? []) : []);

  return {
    plan(order, asked) {
      const hosted = hostsOf(order.model, order.variant?.id).map((host): PlannedAttempt => ({
        provider: host.provider,
        upstreamModel: host.upstreamModel,
        hostId: `${host.provider}/${host.upstreamModel}`,
        request: order.request,
        answeringModel: order.variant?.id ?? order.model.id,
        limits: order.limits,
        priceList: order.priceList,
        notices: [],
      }));
      return announced(hosted.length > 0 ? hosted : [localAttempt(order, asked)], asked.routing);
    },
    listings() {
      return catalogue.list().flatMap((model) => listing(model) ?? []);
    },
    listing(id) {
      const found = catalogue.find(id);
      return found === undefined ? undefined : listing(found.model, found.variant);
    },
  };

  function localAttempt(order: Order, asked: GenerateRequest): PlannedAttempt {
    const named = order.variant?.id ?? order.model.id;
    const running = local();
    if (running !== undefined && running.modelId === order.model.id) {
      refuseMissing(running);
      return {
        provider: running.provider,
        upstreamModel: running.modelId,
        hostId: `${running.provider}/${running.modelId}`,
        request: order.request,
        answeringModel: running.modelId,
        limits: order.limits,
        priceList: order.priceList,
        notices: [],
      };
    }
    const standIn = running === undefined ? undefined : standInFor(order.model, running);
    if (running === undefined || standIn === undefined) throw noHost(order.model, named);
    refuseMissing(running);
    const { request, notices } = standInRequest(order, asked, standIn);
    return {
      provider: running.provider,
      upstreamModel: running.modelId,
      hostId: `${running.provider}/${running.modelId}`,
      request,
      answeringModel: running.modelId,
      limits: standIn.limits,
      // The caller pays for the model that answers, not for the one that was named.
      priceList: catalogue.priceList(standIn, order.accountId),
      notices: [{ code: 'stand-in', path: 'model', message: standInNote(standIn, named) }, ...notices],
    };
  }

  /** The local model, where it may answer for this one. */
  function standInFor(model: ModelEntry, running: LocalModel): ModelEntry | undefined {
    const { standInFamily } = model;
    const candidate = catalogue.find(running.modelId)?.model;
    return standInFamily !== undefined && candidate?.standsInFor?.includes(standInFamily) === true ? candidate : undefined;
  }

  function listing(model: ModelEntry, variant?: Variant): Listing | undefined {
    const running = local();
    const which = { model, ...(variant === undefined ? {} : { variant }) };
    const hosted = new Set(hostsOf(model, variant?.id).map(({ provider }) => provider));
    if (hosted.size > 0) return { ...which, providers: [...hosted], ready: true };
    if (running === undefined) return undefined;
    const locally = { ...which, providers: [running.provider], ready: running.ready };
    if (running.modelId === model.id) return locally;
    const standIn = standInFor(model, running);
    if (standIn === undefined) return undefined;
    return { ...locally, standIn: { model: running.modelId, note: standInNote(standIn, model.id) } };
  }
}

function standInNote(standIn: ModelEntry, named: string): string {
  const note = standIn.standInNote === undefined ? '' : ` ${standIn.standInNote}`;
  return `The local model "${standIn.id}" stands in for "${named}", because no configured provider hosts it.${note}`;
}

function refuseMissing({ missing }: LocalModel): void {
  if (missing !== undefined) throw new FlashmuxError('model_not_ready', missing, { param: 'model', retryAfterSeconds: 30 });
}

function noHost(model: ModelEntry, named: string): FlashmuxError {
  if (model.standsInFor !== undefined) {
    return new FlashmuxError(
      'model_not_ready',
      `The local model "${model.id}" is not running here. Pull it with "flashmux models pull ${model.id}" and start the server with --model ${model.id}.`,
      { param: 'model', retryAfterSeconds: 30 },
    );
  }
  return new FlashmuxError(
    'no_host',
    `No configured provider serves "${named}". Add one under "providers" in flashmux.yaml, with "${named}" among its models.`,
    { param: 'model', retryAfterSeconds: 30 },
  );
}
