import type { Listing, ModelEntry } from '../../catalogue/catalogue.ts';
import type { JsonObject } from '../../model/json.ts';
import type { ModelDeps } from '../model-routes.ts';
import { releasedSeconds } from '../describe-model.ts';
import { describeArchitecture, openrouterId, supportedParameters } from './describe-openrouter-model.ts';
import { describePricing } from './describe-pricing.ts';

/** Who answers for a model, one endpoint a provider, in the order in which they are tried. */
export function describeEndpoints(listing: Listing, models: Pick<ModelDeps['models'], 'find'>): JsonObject {
  const { model } = listing;
  return {
    id: openrouterId(listing),
    name: model.name,
    created: releasedSeconds(model),
    description: model.description,
    architecture: { ...describeArchitecture(model), tokenizer: null },
    endpoints: listing.providers.map((provider) => describeEndpoint(listing, provider, models)),
  };
}

/** A model that stands in has its own limits, and is paid at its own prices. */
function describeEndpoint(listing: Listing, provider: string, models: Pick<ModelDeps['models'], 'find'>): JsonObject {
  const answering = listing.standIn === undefined ? listing : (models.find(listing.standIn.model) ?? listing);
  const { limits, priceList } = answering.variant ?? answering.model;
  return {
    name: `${provider} | ${openrouterId(answering)}`,
    model_id: openrouterId(listing),
    model_name: answering.model.name,
    provider_name: provider,
    tag: provider,
    context_length: limits.context,
    max_completion_tokens: limits.output,
    max_prompt_tokens: limits.input ?? null,
    pricing: describePricing(priceList),
    quantization: 'unknown',
    supported_parameters: supportedParameters(answering),
    supports_implicit_caching: answering.model.capabilities.features.includes('implicit-cache'),
    supports_tool_choice: toolChoices(answering.model),
    supports_voice_cloning: false,
    // Below 0 an endpoint is not offered at the moment (@openrouter/sdk 1.3.19 lists the numbers without their meanings).
    status: listing.ready ? 0 : -1,
    ...unmeasured,
  };
}

function toolChoices({ capabilities }: ModelEntry): JsonObject {
  const calls = capabilities.features.includes('tools');
  return { auto: calls, none: calls, required: calls, function: calls };
}

/** OpenRouter's word for too few observations. */
const unmeasured = {
  uptime_last_5m: null,
  uptime_last_30m: null,
  uptime_last_1d: null,
  latency_last_30m: null,
  throughput_last_30m: null,
} as const;
