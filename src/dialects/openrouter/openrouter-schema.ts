import {
  anyOf,
  anything,
  exactly,
  flag,
  listOf,
  nullable,
  objectOf,
  option,
  recordOf,
  ref,
  said,
  text,
  wholeFrom,
  wordOf,
} from '../../model/json-schema.ts';
import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import { openaiCompletionsSchemas } from '../../protocols/openai-completions/schema.ts';
import { openaiChatSchemas } from '../../protocols/openai-chat/schema.ts';
import type { WireSchemas } from '../../protocols/wire-schemas.ts';

const name: JsonObject = { ...text, minLength: 1 };
const names = listOf(name);
const positive: JsonObject = { type: 'number', exclusiveMinimum: 0 };
const percentiles = said(
  'A number is the median.',
  anyOf(
    positive,
    objectOf({ p50: nullable(positive), p75: nullable(positive), p90: nullable(positive), p99: nullable(positive) }),
    {
      type: 'null',
    },
  ),
);
const price = said(
  'Dollars from 0, with up to 12 decimals.',
  anyOf(
    { ...text, pattern: '^\\d{1,12}(\\.\\d{1,12})?$' },
    { type: 'number', minimum: 0, maximum: 999_999_999_999 },
    { type: 'null' },
  ),
);
const order = wordOf('price', 'throughput', 'latency', 'exacto');

const provider: JsonObject = objectOf({
  order: option('Hosts in the order in which to try them.', names),
  only: option('No others.', names),
  ignore: option('None of these.', names),
  allow_fallbacks: option('Whether others may be tried after those of order.', flag),
  require_parameters: option('Only hosts that know every parameter of the request.', flag),
  data_collection: option('deny: only hosts that keep nothing.', wordOf('allow', 'deny')),
  zdr: option('Only hosts without any retention of data.', flag),
  enforce_distillable_text: option('Only models whose answers may be used to train others.', flag),
  quantizations: option('Only these precisions.', names),
  sort: said('What to prefer.', anyOf(order, objectOf({ by: nullable(order) }), { type: 'null' })),
  max_price: option('No host that costs more. Dollars for a million tokens, for one image or for one request.', {
    ...objectOf({ prompt: price, completion: price, image: price, audio: price, request: price }),
    additionalProperties: false,
  }),
  preferred_max_latency: said('Seconds until the first token.', percentiles),
  preferred_min_throughput: said('Tokens in a second.', percentiles),
});

const own: JsonObject = {
  model: option('Id of a model, with a suffix for a wish: `:nitro` throughput, `:floor` price, `:online` a web search.', name),
  models: option('Models to try in this order. The first is the model where none is named.', names),
  provider: nullable(ref('OpenrouterProvider')),
  plugins: option(
    'The web plugin is a web search; others go to hosts of this protocol as they are.',
    listOf(objectOf({ id: text, enabled: option('false switches it off.', flag) }, ['id'])),
  ),
  reasoning: option(
    'Whether and how much to think.',
    objectOf({
      enabled: option('Whether to think.', flag),
      effort: option('How much.', wordOf('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max')),
      max_tokens: option('The most tokens of thoughts.', wholeFrom(1)),
      exclude: option('Thinks, and does not tell the thoughts.', flag),
    }),
  ),
  include_reasoning: option('false: does not tell the thoughts.', flag),
  usage: option('Usage is told always.', objectOf({ include: option('Changes nothing.', flag) })),
  transforms: option('Go to hosts of this protocol as they are.', { type: 'array' }),
};

const chat = openaiChatSchemas.definitions;

function extended(schema: JsonObject | undefined, properties: JsonObject): JsonObject {
  const before = schema?.['properties'];
  return { ...schema, properties: { ...(isJsonObject(before) ? before : {}), ...properties } };
}

const isNamed: JsonObject = anyOf(
  objectOf({ model: text }, ['model']),
  objectOf({ models: { type: 'array', minItems: 1 } }, ['models']),
);

const request: JsonObject = {
  ...extended(chat['ChatRequest'], own),
  description: 'Chat completions with the words of OpenRouter. Either model or models is needed.',
  required: ['messages'],
  allOf: [...listIn(chat['ChatRequest']?.['allOf']), isNamed],
};

function listIn(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

const failedChoice = recordOf({
  index: wholeFrom(0),
  delta: recordOf({ content: exactly('') }),
  finish_reason: exactly('error'),
  native_finish_reason: exactly('error'),
});

const definitions: Readonly<Record<string, JsonObject>> = {
  OpenrouterRequest: request,
  OpenrouterProvider: provider,
  OpenrouterCompletion: extended(chat['ChatCompletion'], { usage: ref('OpenrouterUsage') }),
  OpenrouterChunk: extended(chat['ChatChunk'], { usage: ref('OpenrouterUsage') }),
  OpenrouterUsage: extended(chat['ChatUsage'], {
    server_tool_use_details: said(
      'There where tools of the server ran.',
      recordOf({ web_search_requests: wholeFrom(0), tool_calls_executed: wholeFrom(1) }),
    ),
  }),
  OpenrouterFailedChunk: said(
    'Ends a stream that failed.',
    objectOf(
      {
        id: text,
        object: exactly('chat.completion.chunk'),
        created: wholeFrom(0),
        model: text,
        provider: text,
        error: ref('OpenrouterErrorDetails'),
        choices: listOf(failedChoice),
      },
      ['id', 'object', 'created', 'model', 'error', 'choices'],
    ),
  ),
  OpenrouterEvent: said(
    'The JSON of one `data:` line. After the last chunk comes `data: [DONE]`; after an error comes nothing.',
    anyOf(ref('OpenrouterFailedChunk'), ref('OpenrouterChunk')),
  ),
  OpenrouterError: recordOf({ error: ref('OpenrouterErrorDetails') }),
  OpenrouterErrorDetails: recordOf({
    code: said('The status.', wholeFrom(400, 599)),
    message: said('What was wrong, where, and what would be right.', text),
    metadata: objectOf(
      {
        error_type: text,
        flashmux_code: said('The code of the same fault in the other dialects.', text),
        request_id: text,
        param: said('Path of the field that was wrong.', text),
        provider_name: text,
        raw: anything,
      },
      ['error_type', 'flashmux_code', 'request_id'],
    ),
  }),
};

export const openrouterSchemas: WireSchemas = {
  definitions: { ...chat, ...definitions },
  request: 'OpenrouterRequest',
  answer: 'OpenrouterCompletion',
  event: 'OpenrouterEvent',
  fault: 'OpenrouterError',
};

export const openrouterCompletionsSchemas: WireSchemas = {
  ...openaiCompletionsSchemas,
  definitions: {
    ...openaiCompletionsSchemas.definitions,
    ...definitions,
    ...chat,
    OpenrouterCompletionEvent: said(
      'The JSON of one `data:` line. After the last chunk comes `data: [DONE]`; after an error comes nothing.',
      anyOf(ref('CompletionChunk'), ref('OpenrouterError')),
    ),
  },
  event: 'OpenrouterCompletionEvent',
  fault: 'OpenrouterError',
};
