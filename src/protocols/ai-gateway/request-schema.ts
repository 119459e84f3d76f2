import {
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
import { functionName, needs } from '../openai-chat/request-schema.ts';
import { attributionLimits } from '../../model/attribution-limits.ts';
import { tagText, userText } from '../wire/attribution-schema.ts';
import { longestTimeoutMs, ownKeyLimits } from './own-keys.ts';

const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];
const tokens = wholeFrom(1);
const penalty = numberFrom(-2, 2);

const alibaba = objectOf({
  enableThinking: option('Whether the model thinks before it answers.', flag),
  thinkingBudget: option('The most tokens of thoughts.', tokens),
  preserveThinking: option('Shows the model its earlier thoughts of this conversation again.', flag),
  parallelToolCalls: option('Whether the model may call several tools at once.', flag),
});

const flashmux: JsonObject = {
  ...objectOf({
    minP: option('Leaves out tokens below this share of the likeliest one.', numberFrom(0, 1)),
    repetitionPenalty: option('Divides the score of tokens that were written; 1 is off.', {
      type: 'number',
      exclusiveMinimum: 0,
    }),
    logitBias: option('Added to the scores of tokens, by token id.', {
      ...mapOf(numberFrom(-100, 100)),
      propertyNames: { pattern: '^\\d{1,10}$' },
    }),
    maxCompletionTokens: option('The most tokens of thoughts and answer together.', tokens),
    reasoningEffort: option('How much the model thinks, for callers of specification 3.', wordOf(...efforts)),
    strict: option('Whether the schema of the answer must be kept.', flag),
    logprobs: option('Tells the log probability of each token.', flag),
    topLogprobs: option('How many alternatives to tell for each token. Needs logprobs.', wholeFrom(0, 20)),
    prediction: option('Text that much of the answer will repeat.', text),
    modalities: option(
      'What the answer is made of. "audio" needs the field audio.',
      listOf(wordOf('text', 'audio'), { minItems: 1 }),
    ),
    audio: option('How a spoken answer sounds.', objectOf({ voice: text, format: text }, ['voice', 'format'])),
    highResolutionImages: option('Looks at pictures in their full resolution.', flag),
    maxPixels: option('The most pixels of a picture before it is made smaller.', tokens),
    videoFps: option('Pictures taken from one second of a clip.', numberFrom(0.1, 10)),
    imagesAsVideo: option('Takes several pictures as the frames of one clip.', flag),
    webSearch: option('Lets the model search the web. Each search is billed.', flag),
    webExtractor: option('Lets the model read web pages. Each page is billed.', flag),
    codeInterpreter: option('Lets the model run code. Each run is billed.', flag),
    webSearchImage: option('Lets the model search pictures by words. Each search is billed.', flag),
    imageSearch: option('Lets the model search pictures by a picture. Each search is billed.', flag),
    plainCitations: option('Leaves the marks of sources out of the text.', flag),
  }),
  allOf: [
    needs({ topLogprobs: { type: 'integer' } }, { logprobs: { const: true } }),
    needs({ modalities: { type: 'array', contains: { const: 'audio' } } }, { audio: { type: 'object' } }),
  ],
};

const names = listOf(text);
const credential: JsonObject = {
  ...objectOf({ apiKey: { ...text, pattern: `^[\\x21-\\x7e]{1,${ownKeyLimits.characters}}$` } }, ['apiKey']),
  additionalProperties: false,
};
const gateway = objectOf({
  models: option('Models to try after the one that is called, in this order.', names),
  order: option('Hosts in the order in which to try them.', names),
  only: option('No others.', names),
  sort: option('What to prefer: price, tokens in a second, or the time until the first.', wordOf('cost', 'tps', 'ttft')),
  zeroDataRetention: option('Only hosts without any retention of data.', flag),
  disallowPromptTraining: option('Only hosts that do not train on prompts.', flag),
  byok: option(
    "Keys of the caller's own by host, tried before those of this server. Used for this call alone: never kept, never logged.",
    mapOf(listOf(credential, { minItems: 1, maxItems: ownKeyLimits.keys })),
  ),
  providerTimeouts: option('How long to wait for a host before the next one is tried.', {
    ...objectOf({ byok: option('Milliseconds by host.', mapOf(nullable(wholeFrom(1, longestTimeoutMs)))) }),
    additionalProperties: false,
  }),
  user: option('Whom the call is for, in your own words. Spend is told by it.', userText),
  tags: option(
    'What the call is for, in your own words. Spend is told by them.',
    listOf(tagText, { maxItems: attributionLimits.tags }),
  ),
});

export const requestDefinitions: Readonly<Record<string, JsonObject>> = {
  GatewayCall: said(
    'The call options of a language model, as the AI SDK sends them. The model and the wish for a stream stand in headers. Fields that are not listed go to gateways as they are, and are announced as dropped elsewhere.',
    objectOf(
      {
        prompt: said('The conversation so far, oldest first.', listOf(ref('GatewayMessage'), { minItems: 1 })),
        maxOutputTokens: option('The most tokens of the answer, thoughts not counted.', tokens),
        temperature: option('How random the choice of each token is; 0 takes the likeliest.', numberFrom(0, 2)),
        topP: option('Draws only from the likeliest tokens that together reach this probability.', numberFrom(0, 1)),
        topK: option('Draws only from this many of the likeliest tokens; 0 is no limit.', wholeFrom(0)),
        presencePenalty: option('Above 0: a token gets less likely once it was written.', penalty),
        frequencyPenalty: option('Above 0: a token gets less likely each time that it was written.', penalty),
        stopSequences: option('The answer ends before the first of these texts.', listOf(text, { maxItems: 4 })),
        seed: option('Repeats an answer to the same request, as far as the host can.', wholeFrom(0)),
        responseFormat: nullable(said('The form of the answer.', ref('GatewayResponseFormat'))),
        tools: option('The functions that the model may call.', listOf(ref('GatewayTool'), { maxItems: 128 })),
        toolChoice: nullable(said('Whether and which tool the model must call.', ref('GatewayToolChoice'))),
        reasoning: option('How much the model thinks (specification 4).', wordOf('provider-default', ...efforts)),
        providerOptions: option(
          'Options by vendor.',
          objectOf({ alibaba: nullable(alibaba), flashmux: nullable(flashmux), gateway: nullable(gateway) }),
        ),
        headers: option('Headers for the host.', { type: 'object' }),
        includeRawChunks: said('Asks gateways for their chunks.', anything),
      },
      ['prompt'],
    ),
  ),
  GatewayResponseFormat: {
    oneOf: [
      objectOf({ type: exactly('text') }, ['type']),
      objectOf(
        {
          type: exactly('json'),
          schema: option('JSON Schema of the answer.', { type: 'object' }),
          name: nullable(text),
          description: nullable(text),
        },
        ['type'],
      ),
    ],
  },
  GatewayTool: objectOf(
    {
      type: exactly('function'),
      name: functionName,
      description: option('What it does and when to call it.', text),
      inputSchema: option('JSON Schema of its arguments.', { type: 'object' }),
      strict: option('Whether the arguments must keep the schema.', flag),
    },
    ['type', 'name'],
  ),
  GatewayToolChoice: {
    oneOf: [
      objectOf({ type: wordOf('auto', 'none', 'required') }, ['type']),
      objectOf({ type: exactly('tool'), toolName: text }, ['type', 'toolName']),
    ],
  },
};
