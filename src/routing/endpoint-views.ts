import type { Catalogue, ModelEntry, Variant } from '../catalogue/catalogue.ts';
import type { EndpointView } from '../catalogue/endpoint-view.ts';
import type { HostRegistry } from './host-registry.ts';
import { localHost, standInFor, type LocalModel } from './local-model.ts';
import type { Host } from './plan.ts';

/** Everybody who would answer for a model or variant, in the order of the configuration. */
export function endpointViews(
  { model, variant }: { readonly model: ModelEntry; readonly variant?: Variant },
  { catalogue, registry, running }: ViewMeans,
): readonly EndpointView[] {
  const sold = variant ?? model;
  const view = (host: Host, answering: ModelEntry | Variant, isReady: boolean): EndpointView => {
    const { traits = {} } = host;
    const record = registry.recordOf(registry.hostIdOf(host));
    const own = { id: answering.id, priceList: answering.priceList };
    return {
      provider: host.provider,
      ...(traits.region === undefined ? {} : { region: traits.region }),
      model: answering.id,
      capabilities: traits.capabilities ?? ('capabilities' in answering ? answering.capabilities : model.capabilities),
      limits: { ...answering.limits, ...traits.limits },
      priceList:
        traits.priceList === undefined ? answering.priceList : catalogue.priceList({ ...own, hostPriceList: traits.priceList }),
      missingParameters: traits.missingParameters ?? [],
      ...(traits.quantization === undefined ? {} : { quantization: traits.quantization }),
      ...(traits.privacy === undefined ? {} : { privacy: traits.privacy }),
      ready: isReady,
      circuit: record.circuitView,
      figures: record.figures,
    };
  };
  const configured = registry.hostsOf(sold.id).map((host) => view(host, sold, true));
  if (running === undefined) return configured;
  const isReady = running.ready && running.missing === undefined;
  if (running.modelId === model.id && (configured.length === 0 || (isReady && variant === undefined)))
    return [...configured, view(localHost(running, sold.id), sold, isReady)];
  const standIn = configured.length > 0 ? undefined : standInFor(catalogue, model, running);
  return standIn === undefined ? configured : [view(localHost(running, sold.id), standIn, isReady)];
}

export interface ViewMeans {
  readonly catalogue: Pick<Catalogue, 'find' | 'priceList'>;
  readonly registry: HostRegistry;
  readonly running: LocalModel | undefined;
}
