import type { Listing, ModelEntry } from '../../catalogue/catalogue.ts';
import type { EndpointView } from '../../catalogue/endpoint-view.ts';
import type { JsonObject } from '../../model/json.ts';
import { describeQuantiles } from '../describe-endpoint.ts';
import { releasedSeconds } from '../describe-model.ts';
import type { ModelDeps } from '../model-routes.ts';
import { describeArchitecture, openrouterId, supportedParameters } from './describe-openrouter-model.ts';
import { describePricing } from './describe-pricing.ts';

type Models = Pick<ModelDeps['models'], 'find' | 'endpoints'>;

/** Who answers for a model, one endpoint a host, in the order of the configuration. */
export function describeEndpoints(listing: Listing, models: Models): JsonObject {
  const { model, variant } = listing;
  return {
    id: openrouterId(listing),
    name: model.name,
    created: releasedSeconds(model),
    description: model.description,
    architecture: { ...describeArchitecture(model), tokenizer: null },
    endpoints: models.endpoints(variant?.id ?? model.id).map((view) => describeEndpoint(listing, view, models)),
  };
}

/** A model that stands in has its own limits, and is paid at its own prices. */
function describeEndpoint(listing: Listing, view: EndpointView, models: Models): JsonObject {
  const { provider, limits, priceList, figures, capabilities, missingParameters } = view;
  const answering = models.find(view.model) ?? listing;
  const { uptime } = figures;
  return {
    name: `${provider} | ${openrouterId(answering)}`,
    model_id: openrouterId(listing),
    model_name: answering.model.name,
    provider_name: provider,
    tag: tagOf(view),
    context_length: limits.context,
    max_completion_tokens: limits.output,
    max_prompt_tokens: limits.input ?? null,
    pricing: describePricing(priceList),
    quantization: view.quantization ?? 'unknown',
    supported_parameters: supportedParameters(answering).filter((name) => !missingParameters.includes(name)),
    supports_implicit_caching: capabilities.features.includes('implicit-cache'),
    supports_tool_choice: toolChoices(capabilities),
    supports_voice_cloning: false,
    // Below 0 an endpoint is not offered at the moment (@openrouter/sdk 1.3.19 lists the numbers without their meanings).
    status: isOffered(view) ? 0 : -1,
    uptime_last_5m: percent(uptime.last5Minutes),
    uptime_last_30m: percent(uptime.last30Minutes),
    uptime_last_1d: percent(uptime.lastDay),
    latency_last_30m: describeQuantiles(figures.latencyMs),
    throughput_last_30m: describeQuantiles(figures.throughput),
  };
}

/** The word by which a caller can mean just this endpoint in `order`, `only` and `ignore`. */
function tagOf({ provider, region, quantization }: EndpointView): string {
  const detail = region ?? quantization;
  return detail === undefined ? provider : `${provider}/${detail}`;
}

function isOffered({ ready, circuit }: EndpointView): boolean {
  return ready && (circuit.state === 'closed' || circuit.state === 'half-open');
}

/** OpenRouter's word for too few observations is null. */
function percent(share: number | undefined): number | null {
  return share === undefined ? null : Math.round(share * 10_000) / 100;
}

function toolChoices({ features }: ModelEntry['capabilities']): JsonObject {
  const calls = features.includes('tools');
  return { auto: calls, none: calls, required: calls, function: calls };
}
