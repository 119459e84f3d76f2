import {
  anyOf,
  anything,
  exactly,
  flag,
  listOf,
  mapOf,
  nothing,
  nullable,
  numberFrom,
  objectOf,
  recordOf,
  ref,
  said,
  text,
  wholeFrom,
  wordOf,
} from '../../model/json-schema.ts';
import type { JsonObject } from '../../model/json.ts';
import type { RouteAbout } from '../route-about.ts';

const group = 'Models';
const tokens = wholeFrom(0);
const modality = wordOf('text', 'image', 'audio', 'video', 'document');
const dollars = said('Dollars as decimal text.', text);
const tiers = listOf(ref('PriceTier'));

const modelFields: JsonObject = {
  id: text,
  object: exactly('model'),
  created: said('Unix seconds of its release; 0 where the day is not known.', wholeFrom(0)),
  owned_by: text,
  name: text,
  description: text,
  aliases: said('Other ids that mean this model.', listOf(text)),
  region: said('Of a variant: where it runs.', text),
  architecture: recordOf({ input_modalities: listOf(modality), output_modalities: listOf(modality) }),
  features: said('What it can do beside words, such as tools or thinking.', listOf(text)),
  context_length: said('Tokens of input and output together.', tokens),
  top_provider: recordOf({ context_length: tokens, max_completion_tokens: tokens }),
  limits: ref('ModelLimits'),
  pricing: ref('ModelPricing'),
  thinking_default: said('Whether it thinks where a request does not say.', flag),
  supported_parameters: said('Names of the parameters of the chat dialect that it takes.', listOf(text)),
  default_parameters: said('What holds where a request does not say.', mapOf(anything)),
  variants: listOf(ref('ModelVariant')),
  stand_in: said('There where another model answers in its place.', recordOf({ model: text, note: text })),
  stand_in_note: said('There on a model that is offered only to have something to run.', text),
  ready: said('False: a call would be answered with 503 now.', flag),
};

const sometimes = new Set(['region', 'variants', 'stand_in', 'stand_in_note']);
const always = Object.keys(modelFields).filter((name) => !sometimes.has(name));

const definitions: Readonly<Record<string, JsonObject>> = {
  Model: objectOf(modelFields, always),
  ModelWithParameters: objectOf(
    {
      ...modelFields,
      parameters: said('JSON Schema of a chat request to this model: its media, its parameters with their ranges and defaults.', {
        type: 'object',
        additionalProperties: true,
      }),
    },
    [...always, 'parameters'],
  ),
  ModelList: recordOf({ object: exactly('list'), data: listOf(ref('Model')) }),
  AnthropicModelList: said(
    'For callers that send the header anthropic-version.',
    recordOf({ data: listOf(ref('AnthropicModel')), has_more: flag, first_id: nullable(text), last_id: nullable(text) }),
  ),
  AnthropicModel: recordOf({
    type: exactly('model'),
    id: text,
    display_name: text,
    created_at: { ...text, format: 'date-time' },
    max_input_tokens: nullable(tokens),
    max_tokens: nullable(tokens),
    capabilities: nothing,
    lifecycle: exactly('active'),
    line: nothing,
    deprecated_at: nothing,
    retires_at: nothing,
  }),
  ModelLimits: said(
    'Tokens.',
    objectOf({ context: tokens, input: tokens, output: tokens, thinking: tokens }, ['context', 'output']),
  ),
  ModelVariant: objectOf(
    {
      id: said('The id of the model, a colon, and the name of the variant.', text),
      region: text,
      context_length: tokens,
      limits: ref('ModelLimits'),
      pricing: ref('ModelPricing'),
    },
    ['id', 'context_length', 'limits', 'pricing'],
  ),
  ModelPricing: objectOf(
    {
      currency: exactly('USD'),
      price_list: said('Id of the price list.', text),
      from: said('Day from which it holds.', text),
      converted: said(
        'There where the figures were published in another currency.',
        recordOf({ from: text, rate: dollars, on: text }),
      ),
      input: said('Dollars for a million tokens of short requests.', text),
      output: said('Dollars for a million tokens of short requests.', text),
      tiers: said('One tier prices a whole request; its input tokens choose it.', tiers),
      batch_tiers: tiers,
    },
    ['currency', 'price_list', 'from', 'tiers'],
  ),
  PriceTier: objectOf(
    {
      max_input_tokens: said('Absent: no upper end.', tokens),
      rates: said(
        'Prices by what is counted.',
        mapOf(recordOf({ usd: dollars, per: said('For so many units.', numberFrom(1, Number.MAX_SAFE_INTEGER)) })),
      ),
    },
    ['rates'],
  ),
};

const modelListAbout: RouteAbout = {
  operationId: 'listModels',
  group,
  summary: 'The models that the key may call',
  headers: { 'anthropic-version': said('With it, the answer is the list that the clients of Anthropic read.', text) },
  query: {
    limit: said('With anthropic-version: how many, from 1 to 1000, 20 where it is not given.', text),
    after_id: said('With anthropic-version: the id after which to go on.', text),
    before_id: said('With anthropic-version: the id before which to go on.', text),
  },
  answers: {
    '200': {
      description: 'All of them.',
      content: { 'application/json': anyOf(ref('ModelList'), ref('AnthropicModelList')) },
    },
  },
  definitions,
};

const modelAbout: RouteAbout = {
  operationId: 'getModel',
  group,
  summary: 'One model, with the JSON Schema of the requests that it takes',
  parameters: { id: 'Id, alias, or id with a variant. Slashes may stand in it as they are.' },
  answers: {
    '200': {
      description: 'The model.',
      content: { 'application/json': anyOf(ref('ModelWithParameters'), ref('AnthropicModel')) },
    },
  },
  faults: ['unknown_model'],
  definitions,
};

const measured = said(
  'Of the last 30 minutes; null where there were too few calls.',
  nullable(recordOf({ p50: { type: 'number' }, p75: { type: 'number' }, p90: { type: 'number' }, p99: { type: 'number' } })),
);
const uptime = said(
  'Successes among successes and failures, from 0 to 1; null where there were too few.',
  nullable(numberFrom(0, 1)),
);

const endpointDefinitions: Readonly<Record<string, JsonObject>> = {
  ...definitions,
  ModelEndpoint: recordOf({
    provider: text,
    model: said('The model that answers there: another one where that stands in.', text),
    region: nullable(text),
    architecture: recordOf({ input_modalities: listOf(modality), output_modalities: listOf(modality) }),
    features: listOf(text),
    limits: ref('ModelLimits'),
    pricing: ref('ModelPricing'),
    missing_parameters: said('Parameters of the chat dialect that the model takes and this place does not.', listOf(text)),
    quantization: nullable(text),
    privacy: said(
      'What it says of prompts; null where nobody said.',
      nullable(recordOf({ keeps_no_data: flag, retains_nothing: flag, trains_on_nothing: flag })),
    ),
    ready: said('False: a call would be answered with 503 now.', flag),
    circuit: recordOf({
      state: said(
        'open: left alone after failures. half-open: one call finds out. resting: it asked to be left alone.',
        wordOf('closed', 'open', 'half-open', 'resting'),
      ),
      asked_again_in_seconds: said('There while it is open or resting.', nullable(wholeFrom(0))),
    }),
    latency_ms_last_30m: said('Milliseconds to the first token.', measured),
    throughput_last_30m: said('Tokens a second after the first one.', measured),
    uptime_last_5m: uptime,
    uptime_last_30m: uptime,
    uptime_last_1d: uptime,
  }),
};

const endpointsAbout: RouteAbout = {
  operationId: 'listModelEndpoints',
  group,
  summary: 'Who serves a model, with prices, limits and live figures',
  parameters: { id: 'Id, alias, or id with a variant; its slashes percent-encoded.' },
  answers: {
    '200': {
      description: 'The hosts, in the order of the configuration.',
      content: { 'application/json': recordOf({ object: exactly('list'), model: text, data: listOf(ref('ModelEndpoint')) }) },
    },
  },
  faults: ['unknown_model'],
  definitions: endpointDefinitions,
};

export const modelAbouts: Readonly<Record<string, RouteAbout>> = {
  'GET /v1/models': modelListAbout,
  'GET /v1/models/{id+}': modelAbout,
  'GET /v1/models/{id}/endpoints': endpointsAbout,
  'GET /v1/models/{author}/{slug}/endpoints': {
    ...endpointsAbout,
    operationId: 'listAuthoredModelEndpoints',
    summary: 'The same for an id with a slash',
    parameters: { author: 'What stands before the slash of the id.', slug: 'What stands after it.' },
  },
};
