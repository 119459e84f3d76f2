import type { Catalogue, Listing, ModelEntry, Order } from '../catalogue/catalogue.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { Host, PlannedAttempt } from './plan.ts';

/** The model that the embedded engine has, or would have once it was pulled. */
export interface LocalModel {
  readonly modelId: string;
  readonly provider: string;
  readonly ready: boolean;
}

export interface RoutingOptions {
  readonly catalogue: Catalogue;
  readonly hosts: readonly Host[];
  /** Asked at each request: the local model may arrive while the server runs. Undefined: no engine is configured. */
  readonly local: () => LocalModel | undefined;
}

export interface Routing {
  /** At least one attempt. Throws `no_host` or `model_not_ready`. */
  plan(order: Order): readonly PlannedAttempt[];
  /** Every model of the catalogue that somebody would answer for. */
  listings(): readonly Listing[];
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
    plan(order) {
      const hosted = hostsOf(order.model, order.variant?.id).map((host): PlannedAttempt => ({
        provider: host.provider,
        upstreamModel: host.upstreamModel,
        answeringModel: order.variant?.id ?? order.model.id,
        priceList: order.priceList,
        notices: [],
      }));
      if (hosted.length > 0) return hosted;
      return [localAttempt(order)];
    },
    listings() {
      return catalogue.list().flatMap((model) => listing(model));
    },
  };

  function localAttempt(order: Order): PlannedAttempt {
    const named = order.variant?.id ?? order.model.id;
    const running = local();
    if (running !== undefined && running.modelId === order.model.id) {
      return {
        provider: running.provider,
        upstreamModel: running.modelId,
        answeringModel: running.modelId,
        priceList: order.priceList,
        notices: [],
      };
    }
    const standIn =
      running === undefined || order.model.standInFamily === undefined ? undefined : catalogue.find(running.modelId);
    if (running === undefined || standIn === undefined) throw noHost(order.model, named);
    return {
      provider: running.provider,
      upstreamModel: running.modelId,
      answeringModel: running.modelId,
      // The caller pays for the model that answers, not for the one that was named.
      priceList: standIn.model.priceList,
      notices: [{ code: 'stand-in', path: 'model', message: standInNote(standIn.model, named) }],
    };
  }

  function listing(model: ModelEntry): readonly Listing[] {
    const running = local();
    if (hostsOf(model).length > 0) return [{ model, ready: true }];
    if (running?.modelId === model.id) return [{ model, ready: running.ready }];
    if (running === undefined || model.standInFamily === undefined) return [];
    const standIn = catalogue.find(running.modelId);
    if (standIn === undefined) return [];
    return [{ model, ready: running.ready, standIn: { model: running.modelId, note: standInNote(standIn.model, model.id) } }];
  }
}

function standInNote(standIn: ModelEntry, named: string): string {
  const note = standIn.standInNote === undefined ? '' : ` ${standIn.standInNote}`;
  return `The local model "${standIn.id}" stands in for "${named}", because no configured provider hosts it.${note}`;
}

function noHost(model: ModelEntry, named: string): FlashmuxError {
  if (model.local !== undefined) {
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
