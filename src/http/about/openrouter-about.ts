import {
  anyOf,
  flag,
  listOf,
  nothing,
  nullable,
  objectOf,
  recordOf,
  ref,
  said,
  text,
  wholeFrom,
} from '../../model/json-schema.ts';
import type { JsonObject } from '../../model/json.ts';
import { modelParameters } from '../openrouter/select-models.ts';
import type { RouteAbout } from '../route-about.ts';
import { generation, keyFields } from './account-about.ts';

const group = 'OpenRouter';
const count = wholeFrom(0);
const dollars = { type: 'number' };
const price = said('Dollars for one token, call or request, as decimal text.', text);

const priced = { prompt: price, completion: price, audio: price, input_cache_read: price, input_cache_write: price };

const architecture = {
  modality: text,
  input_modalities: listOf(text),
  output_modalities: listOf(text),
  tokenizer: nullable(text),
  instruct_type: nothing,
};

const model: JsonObject = {
  id: text,
  canonical_slug: text,
  name: text,
  created: said('Unix seconds of its release; 0 where the day is not known.', count),
  description: text,
  context_length: said('Tokens of input and output together.', count),
  architecture: recordOf(architecture),
  pricing: ref('OpenrouterPricing'),
  top_provider: recordOf({ context_length: count, max_completion_tokens: count, is_moderated: flag }),
  per_request_limits: nothing,
  supported_parameters: listOf(text),
  default_parameters: nullable({ type: 'object', additionalProperties: true }),
  supported_voices: nothing,
  expiration_date: said('Day from which its maker no longer serves it.', nullable(text)),
  links: recordOf({ details: text }),
};

const number = { type: 'number' };
const measured = nullable(recordOf({ p50: number, p75: number, p90: number, p99: number }));
const uptime = said('Percent of the calls that went well; null where there were too few.', nullable(number));

const figures = {
  uptime_last_5m: uptime,
  uptime_last_30m: uptime,
  uptime_last_1d: uptime,
  latency_last_30m: said('Milliseconds to the first token.', measured),
  throughput_last_30m: said('Tokens a second.', measured),
};

const endpoint: JsonObject = recordOf({
  name: text,
  model_id: text,
  model_name: text,
  provider_name: text,
  tag: text,
  context_length: count,
  max_completion_tokens: count,
  max_prompt_tokens: nullable(count),
  pricing: ref('OpenrouterPricing'),
  quantization: text,
  supported_parameters: listOf(text),
  supports_implicit_caching: flag,
  supports_tool_choice: recordOf({ auto: flag, none: flag, required: flag, function: flag }),
  supports_voice_cloning: flag,
  status: said('Below 0: it is not offered at the moment.', { type: 'integer' }),
  ...figures,
});

const definitions: Readonly<Record<string, JsonObject>> = {
  OpenrouterModel: objectOf(
    {
      ...model,
      reasoning: objectOf(
        {
          mandatory: flag,
          default_enabled: flag,
          supports_max_tokens: flag,
          supported_efforts: listOf(nullable(text)),
          default_effort: text,
        },
        ['mandatory', 'default_enabled', 'supports_max_tokens'],
      ),
    },
    Object.keys(model),
  ),
  OpenrouterPricing: objectOf(
    {
      ...priced,
      image_token: price,
      audio_output: price,
      internal_reasoning: price,
      request: price,
      web_search: price,
      overrides: said(
        'Prices of requests with more prompt tokens than this; a later one wins.',
        listOf(objectOf({ min_prompt_tokens: count, ...priced }, ['min_prompt_tokens'])),
      ),
    },
    ['prompt', 'completion'],
  ),
  OpenrouterEndpoint: endpoint,
};

const unknown = said('flashmux does not keep it.', anyOf(nothing, text));

const generationFields: JsonObject = {
  ...generation,
  tokens_prompt: count,
  tokens_completion: count,
  num_search_results: count,
  num_fetches: count,
  provider_responses: listOf(
    recordOf({ provider_name: text, model_permaslug: text, latency: dollars, status: count, is_byok: flag }),
  ),
  ...Object.fromEntries(
    [
      'api_type',
      'app_id',
      'cache_discount',
      'data_region',
      'http_referer',
      'moderation_latency',
      'native_finish_reason',
      'native_tokens_completion_images',
      'num_input_audio_prompt',
      'num_media_completion',
      'num_media_prompt',
      'origin',
      'preset_id',
      'router',
      'service_tier',
      'upstream_id',
      'user_agent',
      'web_search_engine',
      'workspace_id',
    ].map((name) => [name, unknown]),
  ),
};

const zeroUsage = recordOf({ limit: count, used: count, remaining: count });
const keyMore: JsonObject = {
  byok_usage: dollars,
  byok_usage_daily: dollars,
  byok_usage_weekly: dollars,
  byok_usage_monthly: dollars,
  include_byok_in_limit: flag,
  free_model_daily_requests: zeroUsage,
  allowed_data_regions: listOf(text),
  is_provisioning_key: flag,
  creator_user_id: nothing,
  organization_id: nothing,
  workspace_id: nothing,
  rate_limit: recordOf({ requests: said('-1: no limit.', wholeFrom(-1)), interval: text, note: text }),
};

/** Of the parameters that are known, those by which nothing is kept here are refused. */
const listQuery: Readonly<Record<string, JsonObject>> = {
  ...Object.fromEntries(modelParameters.map((name) => [name, text])),
  offset: said('How many to leave out.', { ...text, pattern: '^\\d{1,9}$' }),
  limit: said('How many to tell, 1000 at most.', { ...text, pattern: '^\\d{1,9}$' }),
  supported_parameters: said('Names, with commas between them; only models that have all.', text),
  input_modalities: said('Words, with commas between them; only models that take all.', text),
  output_modalities: said('Words, with commas between them; `text` where it is not given, `all` for any.', text),
  q: said('Only models in whose id, name or description this stands.', text),
};

function lookUp(operationId: string, summary: string, answer: JsonObject, more: Partial<RouteAbout> = {}): RouteAbout {
  return {
    operationId,
    group,
    summary,
    answers: { '200': { description: 'As OpenRouter tells it.', content: { 'application/json': answer } } },
    ...more,
  };
}

const list = recordOf({
  data: listOf(ref('OpenrouterModel')),
  links: recordOf({ next: said('The address of the next page.', nullable(text)) }),
  total_count: count,
});
const oneModel: Partial<RouteAbout> = {
  parameters: { author: 'What stands before the slash of an id, or the owner of the model.', slug: 'What stands after it.' },
  faults: ['unknown_model'],
  definitions,
};

export const openrouterAbouts: Readonly<Record<string, RouteAbout>> = {
  'GET /api/v1/models': lookUp('listOpenrouterModels', 'The models that the key may call', list, {
    query: listQuery,
    definitions,
  }),
  'GET /api/v1/models/user': lookUp('listOpenrouterUserModels', 'The same list', list, { query: listQuery, definitions }),
  'GET /api/v1/models/count': lookUp('countOpenrouterModels', 'How many these are', recordOf({ data: recordOf({ count }) }), {
    query: listQuery,
  }),
  'GET /api/v1/model/{author}/{slug}': lookUp(
    'getOpenrouterModel',
    'One model',
    recordOf({ data: ref('OpenrouterModel') }),
    oneModel,
  ),
  'GET /api/v1/models/{author}/{slug}/endpoints': lookUp(
    'listOpenrouterEndpoints',
    'Who answers for a model, in the order of the configuration',
    recordOf({
      data: recordOf({
        id: text,
        name: text,
        created: count,
        description: text,
        architecture: recordOf(architecture),
        endpoints: listOf(ref('OpenrouterEndpoint')),
      }),
    }),
    oneModel,
  ),
  'GET /api/v1/credits': lookUp(
    'getOpenrouterCredits',
    'What the account paid in and spent',
    recordOf({ data: recordOf({ total_credits: said('Dollars.', dollars), total_usage: said('Dollars.', dollars) }) }),
  ),
  'GET /api/v1/key': lookUp(
    'getOpenrouterKey',
    'What the key has spent and may still spend',
    recordOf({ data: recordOf({ ...keyFields, ...keyMore }) }),
    { faults: ['not_found'] },
  ),
  'GET /api/v1/generation': lookUp(
    'getOpenrouterGeneration',
    'What became of one call',
    recordOf({ data: recordOf(generationFields) }),
    { query: { id: said('Id of an answer of this account.', { ...text, minLength: 1 }) }, needed: ['id'], faults: ['not_found'] },
  ),
};
