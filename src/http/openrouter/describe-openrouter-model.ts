import type { Listing, ModelEntry, Parameter } from '../../catalogue/catalogue.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import { releasedSeconds } from '../describe-model.ts';
import { describePricing } from './describe-pricing.ts';

/**
 * A model as OpenRouter's `GET /models` tells it, with every field that `@openrouter/sdk` 1.3.19 requires. What flashmux does not know
 * (tokenizer, moderation, voices) is told as unknown where that can be said.
 */
export function describeOpenrouterModel(listing: Listing): JsonObject {
  const { model, variant } = listing;
  const { limits, priceList } = variant ?? model;
  const id = openrouterId(listing);
  return {
    id,
    canonical_slug: id,
    name: variant === undefined ? model.name : `${model.name} (${variant.id.slice(model.id.length + 1)})`,
    created: releasedSeconds(model),
    description: model.description,
    context_length: limits.context,
    architecture: describeArchitecture(model),
    pricing: describePricing(priceList),
    top_provider: { context_length: limits.context, max_completion_tokens: limits.output, is_moderated: false },
    per_request_limits: null,
    supported_parameters: supportedParameters(listing),
    default_parameters: defaultParameters(listing),
    supported_voices: null,
    expiration_date: model.retired ?? null,
    ...describeReasoning(listing),
    links: { details: `/api/v1/models/${slugPath(listing)}/endpoints` },
  };
}

/** The id by which a caller of OpenRouter knows the model: author and slug, as far as one of its ids has that form. */
export function openrouterId({ model, variant }: Listing): string {
  const base = [model.id, ...model.aliases].find((id) => id.split('/').length === 2) ?? model.id;
  return variant === undefined ? base : `${base}${variant.id.slice(model.id.length)}`;
}

/** The same as a path, which has an author always: an id without one is told below its owner. */
function slugPath(listing: Listing): string {
  const id = openrouterId(listing);
  return id.includes('/') ? id : `${listing.model.owner}/${id}`;
}

export function describeArchitecture({ capabilities }: ModelEntry): JsonObject {
  const input = capabilities.input.map((medium) => (medium === 'document' ? 'file' : medium));
  const output = outputModalities(capabilities);
  return {
    modality: `${input.join('+')}->${output.join('+')}`,
    input_modalities: input,
    output_modalities: output,
    tokenizer: 'Other',
    instruct_type: null,
  };
}

function outputModalities({ output, features }: ModelEntry['capabilities']): readonly string[] {
  return features.includes('embeddings') ? ['embeddings'] : output;
}

/** Parameters that have a name of their own at OpenRouter. */
const knownParameters = new Set([
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'top_a',
  'frequency_penalty',
  'presence_penalty',
  'repetition_penalty',
  'max_tokens',
  'max_completion_tokens',
  'logit_bias',
  'logprobs',
  'top_logprobs',
  'prediction',
  'seed',
  'response_format',
  'stop',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'reasoning_effort',
]);

export function supportedParameters({ model, variant }: Listing): readonly string[] {
  const { features } = model.capabilities;
  const listed = (variant ?? model).parameters.map(({ name }) => name).filter((name) => knownParameters.has(name));
  return [
    ...listed,
    ...(features.includes('schema') ? ['structured_outputs'] : []),
    ...(features.includes('thinking') ? ['reasoning', 'include_reasoning'] : []),
  ];
}

const defaulted = ['temperature', 'top_p', 'top_k', 'frequency_penalty', 'presence_penalty', 'repetition_penalty'];

function defaultParameters({ model, variant }: Listing): JsonObject | null {
  const { parameters } = variant ?? model;
  const told = defaulted.flatMap((name): [string, Json][] => {
    const value = find(parameters, name)?.schema['default'];
    return value === undefined ? [] : [[name, value]];
  });
  return told.length === 0 ? null : Object.fromEntries(told);
}

function describeReasoning({ model, variant }: Listing): JsonObject {
  if (!model.capabilities.features.includes('thinking')) return {};
  const { parameters } = variant ?? model;
  const effort = find(parameters, 'reasoning_effort')?.schema;
  const efforts = effort?.['enum'];
  return {
    reasoning: {
      mandatory: false,
      default_enabled: model.thinkingDefault,
      supports_max_tokens: find(parameters, 'thinking_budget') !== undefined,
      ...(efforts === undefined ? {} : { supported_efforts: efforts }),
      ...(effort?.['default'] === undefined ? {} : { default_effort: effort['default'] }),
    },
  };
}

function find(parameters: readonly Parameter[], name: string): Parameter | undefined {
  return parameters.find((parameter) => parameter.name === name);
}
