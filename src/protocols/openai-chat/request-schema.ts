import {
  anyOf,
  anything,
  exactly,
  flag,
  listOf,
  mapOf,
  nullable,
  numberFrom,
  objectOf,
  option,
  ref,
  said,
  text,
  wholeFrom,
  wordOf,
} from '../../model/json-schema.ts';
import type { JsonObject } from '../../model/json.ts';
import { userTextOrNone } from '../wire/attribution-schema.ts';

const effort = wordOf('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max');
const tokens = wholeFrom(1);
const penalty = numberFrom(-2, 2);

/** How tokens are drawn. The ranges are the widest; those of a model, and its defaults: `GET /v1/models/{id}`. */
export const samplingFields: JsonObject = {
  temperature: option('How random the choice of each token is; 0 takes the likeliest.', numberFrom(0, 2)),
  top_p: option('Draws only from the likeliest tokens that together reach this probability.', numberFrom(0, 1)),
  top_k: option('Draws only from this many of the likeliest tokens; 0 and -1 are no limit.', wholeFrom(-1)),
  min_p: option('Leaves out tokens below this share of the likeliest one.', numberFrom(0, 1)),
  frequency_penalty: option('Above 0: a token gets less likely each time that it was written.', penalty),
  presence_penalty: option('Above 0: a token gets less likely once it was written.', penalty),
  repetition_penalty: option('Divides the score of tokens that were written; 1 is off.', { type: 'number', exclusiveMinimum: 0 }),
  seed: option('Repeats an answer to the same request, as far as the host can.', wholeFrom(0)),
  stop: said(
    'Up to four texts; the answer ends before the first of them.',
    anyOf(text, listOf(text, { maxItems: 4 }), { type: 'null' }),
  ),
  logit_bias: option('Added to the scores of tokens, by token id.', {
    ...mapOf(numberFrom(-100, 100)),
    propertyNames: { pattern: '^\\d{1,10}$' },
  }),
};

export const streamFields: JsonObject = {
  stream: option('Sends the answer as it is written, as server-sent events.', flag),
  stream_options: option(
    'Options of a stream. Needs stream.',
    objectOf({ include_usage: option('Ends the stream with a chunk that tells the usage.', flag) }),
  ),
};

/** Whether and how much to think, in the words of Alibaba, OpenAI, OpenRouter and vLLM. */
export const thinkingFields: JsonObject = {
  enable_thinking: option('Whether the model thinks before it answers. Without it, the default of the model holds.', flag),
  thinking_budget: option('The most tokens of thoughts.', tokens),
  reasoning_effort: option('How much the model thinks; "none" switches it off.', effort),
  preserve_thinking: option('Shows the model its earlier thoughts of this conversation again.', flag),
  reasoning: option(
    'Thinking in the words of OpenRouter.',
    objectOf({
      enabled: option('Like enable_thinking.', flag),
      effort: option('Like reasoning_effort.', effort),
      max_tokens: option('Like thinking_budget.', tokens),
    }),
  ),
  chat_template_kwargs: option(
    'Thinking in the words of vLLM.',
    objectOf({ enable_thinking: option('Like enable_thinking.', flag) }),
  ),
};

/** How pictures and clips are looked at. */
export const visionFields: JsonObject = {
  vl_high_resolution_images: option('Looks at pictures in their full resolution.', flag),
  max_pixels: option('The most pixels of a picture before it is made smaller.', tokens),
  video_fps: option('Pictures taken from one second of a clip.', numberFrom(0.1, 10)),
  treat_images_as_video: option('Takes several pictures as the frames of one clip.', flag),
};

/** Tools that the server runs. */
export const serverToolFields: JsonObject = {
  tool_web_search: option('Lets the model search the web. Each search is billed.', flag),
  tool_web_extractor: option('Lets the model read web pages. Each page is billed.', flag),
  tool_code_interpreter: option('Lets the model run code. Each run is billed.', flag),
  tool_web_search_image: option('Lets the model search pictures by words. Each search is billed.', flag),
  tool_image_search: option('Lets the model search pictures by a picture. Each search is billed.', flag),
};

/** Parameters whose range and default are those of the model, too. */
const modelParameters: JsonObject = {
  ...samplingFields,
  ...thinkingFields,
  ...visionFields,
  ...serverToolFields,
  max_tokens: option('The most tokens of the answer, thoughts not counted.', tokens),
  max_completion_tokens: option('The most tokens of thoughts and answer together.', tokens),
  n: option('How many answers to give.', wholeFrom(1, 128)),
  logprobs: option('Tells the log probability of each token.', flag),
  top_logprobs: option('How many alternatives to tell for each token. Needs logprobs.', wholeFrom(0, 20)),
  disable_formatting: option('Leaves the marks of sources out of the text.', flag),
  parallel_tool_calls: option('Whether the model may call several tools at once.', flag),
  response_format: nullable(said('The form of the answer.', ref('ChatResponseFormat'))),
  modalities: option(
    'What the answer is made of. "audio" needs the field audio.',
    listOf(wordOf('text', 'audio'), { minItems: 1 }),
  ),
  audio: option(
    'How a spoken answer sounds.',
    objectOf({ voice: said('Name of the voice.', text), format: wordOf('wav', 'mp3', 'flac', 'opus', 'pcm16', 'aac') }, [
      'voice',
      'format',
    ]),
  ),
  tools: option('The functions that the model may call.', listOf(ref('ChatTool'), { maxItems: 128 })),
  tool_choice: nullable(said('Whether and which tool the model must call.', ref('ChatToolChoice'))),
  ...streamFields,
};

/** Whom a call is for. Hosts of chat completions get these fields as they are. */
const userFields: JsonObject = {
  user: option('Whom the call is for, in your own words. Spend is told by it.', userTextOrNone),
  safety_identifier: option("OpenAI's newer name for user; spend is told by it where user is not said.", userTextOrNone),
};

/** Other names for the same wishes, as the clients of other servers say them. */
const relatedParameters: JsonObject = {
  ...userFields,
  prediction: option(
    'Text that much of the answer will repeat.',
    objectOf({ type: exactly('content'), content: anyOf(text, listOf(ref('ChatTextPart'))) }, ['type', 'content']),
  ),
  functions: {
    ...option('The older form of tools; say one of them.', listOf(ref('ChatFunction'), { maxItems: 128 })),
    deprecated: true,
  },
  function_call: {
    ...said(
      'The older form of tool_choice; say one of them.',
      anyOf(wordOf('none', 'auto'), objectOf({ name: text }, ['name']), { type: 'null' }),
    ),
    deprecated: true,
  },
};

export const functionName: JsonObject = { type: 'string', pattern: '^[a-zA-Z0-9_-]{1,64}$' };

export const streamCondition = needs({ stream_options: { type: 'object' } }, { stream: { const: true } });

/** Where the first are so, the others must be so too. */
export function needs(one: JsonObject, other: JsonObject): JsonObject {
  return anyOf({ not: objectOf(one, Object.keys(one)) }, objectOf(other, Object.keys(other)));
}

/** Fields that need another one. */
const conditions: readonly JsonObject[] = [
  needs({ top_logprobs: { type: 'integer' } }, { logprobs: { const: true } }),
  streamCondition,
  needs({ modalities: { type: 'array', contains: { const: 'audio' } } }, { audio: { type: 'object' } }),
];

export const requestDefinitions: Readonly<Record<string, JsonObject>> = {
  ChatRequest: {
    ...said(
      'A chat request. Fields that are not listed go to the host as they are where it speaks this protocol, and are announced as dropped where it does not. Several ways to say the same (enable_thinking, reasoning.enabled, chat_template_kwargs.enable_thinking; reasoning_effort, reasoning.effort; thinking_budget, reasoning.max_tokens) must not contradict each other.',
      objectOf(
        {
          model: said(
            'Id of a model, an alias, or an id with a variant (`qwen3.5-flash:variant1`). `GET /v1/models` lists them.',
            {
              type: 'string',
              minLength: 1,
            },
          ),
          messages: said('The conversation so far, oldest first.', listOf(ref('ChatMessage'), { minItems: 1 })),
          ...modelParameters,
          ...relatedParameters,
        },
        ['model', 'messages'],
      ),
    ),
    allOf: conditions,
  },
  ChatResponseFormat: {
    oneOf: [
      objectOf({ type: exactly('text') }, ['type']),
      said('Any JSON object.', objectOf({ type: exactly('json_object') }, ['type'])),
      said(
        'JSON of a schema; the embedded engine can write nothing else.',
        objectOf(
          {
            type: exactly('json_schema'),
            json_schema: objectOf(
              {
                name: functionName,
                description: option('What the answer is for.', text),
                schema: option('JSON Schema of the answer.', { type: 'object' }),
                strict: option('Whether the schema must be kept.', flag),
              },
              ['name'],
            ),
          },
          ['type', 'json_schema'],
        ),
      ),
    ],
  },
  ChatTool: objectOf({ type: exactly('function'), function: ref('ChatFunction') }, ['type', 'function']),
  ChatFunction: objectOf(
    {
      name: functionName,
      description: option('What it does and when to call it.', text),
      parameters: option('JSON Schema of its arguments.', { type: 'object' }),
      strict: option('Whether the arguments must keep the schema.', flag),
    },
    ['name'],
  ),
  ChatToolChoice: anyOf(
    wordOf('none', 'auto', 'required'),
    objectOf({ type: exactly('function'), function: objectOf({ name: text }, ['name']) }, ['type', 'function']),
    said(
      'Another kind, which goes to hosts of this protocol as it is.',
      objectOf({ type: { type: 'string', not: { const: 'function' } } }, ['type']),
    ),
  ),
  ChatCacheControl: said('Marks the end of a prefix that is worth caching.', {
    ...anything,
    examples: [{ type: 'ephemeral' }, { type: 'ephemeral', ttl: '5m' }],
  }),
};
