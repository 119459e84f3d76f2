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

export const modelAbouts: Readonly<Record<string, RouteAbout>> = {
  'GET /v1/models': modelListAbout,
  'GET /v1/models/{id+}': modelAbout,
};
