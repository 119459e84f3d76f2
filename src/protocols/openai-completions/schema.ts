import {
  anyOf,
  exactly,
  flag,
  listOf,
  mapOf,
  nothing,
  nullable,
  objectOf,
  option,
  recordOf,
  ref,
  said,
  text,
  wholeFrom,
} from '../../model/json-schema.ts';
import type { JsonObject } from '../../model/json.ts';
import { needs, samplingFields, streamCondition, streamFields } from '../openai-chat/request-schema.ts';
import { beside, count, finishReason, host, sharedDefinitions, unixSeconds } from '../openai-chat/shared-schema.ts';
import type { WireSchemas } from '../wire-schemas.ts';

/** Token ids of the model's own tokenizer. */
const tokens = listOf(wholeFrom(0), { minItems: 1 });
const answers = wholeFrom(1, 20);

const request: JsonObject = {
  ...said(
    'Fields that are not listed go to the host as they are. `best_of` is at least `n`, and cannot be streamed unless both are the same.',
    objectOf(
      {
        model: said('Id of a model. `GET /v1/models` lists them.', { ...text, minLength: 1 }),
        prompt: said(
          'The text that goes on. Several are answered each by itself.',
          anyOf(text, tokens, listOf(anyOf(text, tokens), { minItems: 1, maxItems: 64 }), nothing),
        ),
        suffix: option('The text that follows what is written.', text),
        echo: option('Repeats the prompt before its answer. Needs prompts of text, and no logprobs.', flag),
        max_tokens: option('The most tokens of the answer; 16 where it is not said.', wholeFrom(1)),
        n: option('How many answers to give to each prompt.', answers),
        best_of: option('How many answers to write, of which the likeliest `n` are given. All are billed.', answers),
        logprobs: option('Tells the log probability of each token, and of so many alternatives.', wholeFrom(0, 5)),
        ...samplingFields,
        ...streamFields,
      },
      ['model'],
    ),
  ),
  allOf: [
    streamCondition,
    needs({ echo: { const: true }, logprobs: { type: 'integer' } }, { echo: { const: false } }),
    needs({ echo: { const: true }, prompt: { type: 'array' } }, { prompt: { type: 'array', items: text } }),
  ],
};

const fields: JsonObject = {
  id: said('Id of the answer; `GET /v1/generation?id=` tells more about it.', text),
  object: exactly('text_completion'),
  created: unixSeconds,
  model: said('The model that answered.', text),
  provider: host,
};
const always = ['id', 'object', 'created', 'model', 'choices'];

export const openaiCompletionsSchemas: WireSchemas = {
  definitions: {
    ...sharedDefinitions,
    CompletionRequest: request,
    Completion: objectOf({ ...fields, system_fingerprint: nothing, choices: listOf(ref('CompletionChoice')), ...beside }, always),
    CompletionChoice: recordOf({
      text,
      index: count,
      logprobs: nullable(ref('CompletionLogprobs')),
      finish_reason: nullable(finishReason),
    }),
    CompletionLogprobs: said(
      'One entry for each token.',
      recordOf({
        tokens: listOf(text),
        token_logprobs: listOf({ type: 'number' }),
        top_logprobs: listOf(mapOf({ type: 'number' })),
        text_offset: said('Characters of the text before the token.', listOf(count)),
      }),
    ),
    CompletionChunk: objectOf(
      { ...fields, choices: said('Empty in the chunk that tells the usage.', listOf(ref('CompletionChoice'))), ...beside },
      always,
    ),
    CompletionEvent: said(
      'The JSON of one `data:` line. After the last chunk comes `data: [DONE]`; after an error comes nothing.',
      anyOf(ref('CompletionChunk'), ref('ChatError')),
    ),
  },
  request: 'CompletionRequest',
  answer: 'Completion',
  event: 'CompletionEvent',
  fault: 'ChatError',
};
