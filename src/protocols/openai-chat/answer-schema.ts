import {
  anyOf,
  exactly,
  listOf,
  nothing,
  nullable,
  objectOf,
  option,
  otherThan,
  recordOf,
  ref,
  said,
  text,
  wholeFrom,
} from '../../model/json-schema.ts';
import type { JsonObject } from '../../model/json.ts';
import { beside, count, finishReason, host, unixSeconds } from './shared-schema.ts';

const annotation = recordOf({
  type: exactly('url_citation'),
  url_citation: recordOf({
    start_index: said('Characters of the content before the cited text.', count),
    end_index: count,
    title: text,
    url: text,
  }),
});

/** Hosts of this wire tell annotations and tool calls of other kinds, which are passed on. */
const annotations = listOf(
  anyOf(annotation, { ...objectOf({ type: otherThan('url_citation') }, ['type']), additionalProperties: true }),
);

const otherCall = said('A kind that the host made up.', {
  ...objectOf({ type: otherThan('function') }, ['type']),
  additionalProperties: true,
});

const reasoning: JsonObject = {
  reasoning_content: said('The thoughts.', text),
  reasoning: said('The same; the name that OpenRouter uses.', text),
  reasoning_details: listOf(ref('ChatReasoningDetail')),
};

export const answerDefinitions: Readonly<Record<string, JsonObject>> = {
  ChatCompletion: objectOf(
    {
      id: said('Id of the answer; `GET /v1/generation?id=` tells more about it.', text),
      object: exactly('chat.completion'),
      created: unixSeconds,
      model: said('The model that answered.', text),
      provider: host,
      choices: listOf(ref('ChatChoice')),
      ...beside,
      system_fingerprint: nullable(text),
    },
    ['id', 'object', 'created', 'model', 'choices', 'system_fingerprint'],
  ),
  ChatChoice: objectOf(
    {
      index: count,
      finish_reason: nullable(said('Why the answer ended.', finishReason)),
      native_finish_reason: option('The same in the word of the host.', text),
      stop_reason: said('The text of `stop` that ended the answer.', text),
      logprobs: nullable(ref('ChatLogprobs')),
      message: ref('ChatAnswerMessage'),
    },
    ['index', 'finish_reason', 'native_finish_reason', 'logprobs', 'message'],
  ),
  ChatAnswerMessage: objectOf(
    {
      role: exactly('assistant'),
      content: nullable(text),
      refusal: nullable(text),
      annotations,
      ...reasoning,
      audio: objectOf({ id: text, data: said('Base64 of the sound.', text), transcript: text, expires_at: unixSeconds }, [
        'data',
        'transcript',
      ]),
      tool_calls: listOf(anyOf(ref('ChatToolCall'), otherCall)),
    },
    ['role', 'content', 'refusal', 'annotations'],
  ),
  ChatToolCall: objectOf(
    {
      id: said('Send it back as tool_call_id of the result.', text),
      index: count,
      type: exactly('function'),
      function: recordOf({ name: text, arguments: said('JSON text. The model wrote it: it may be no JSON.', text) }),
    },
    ['id', 'index', 'type', 'function'],
  ),
  ChatReasoningDetail: said('One thought, or a piece of it, with its signature. Send it back unchanged.', {
    ...objectOf({ index: count, type: text, text, format: text, signature: nullable(text) }, ['index']),
    additionalProperties: true,
  }),
  ChatLogprobs: recordOf({ content: listOf(ref('ChatTokenLogprob')), refusal: listOf(ref('ChatTokenLogprob')) }),
  ChatTokenLogprob: recordOf({ ...alternative(), top_logprobs: listOf(recordOf(alternative())) }),
  ChatChunk: objectOf(
    {
      id: text,
      object: exactly('chat.completion.chunk'),
      created: unixSeconds,
      model: text,
      provider: host,
      choices: said('Empty in the chunk that tells the usage.', listOf(ref('ChatChunkChoice'))),
      ...beside,
    },
    ['id', 'object', 'created', 'model', 'choices'],
  ),
  ChatChunkChoice: objectOf(
    {
      index: count,
      delta: ref('ChatDelta'),
      finish_reason: nullable(said('Set in the last chunk of the choice.', finishReason)),
      native_finish_reason: said('The same in the word of the host.', text),
      stop_reason: text,
      logprobs: ref('ChatLogprobs'),
    },
    ['index', 'delta', 'finish_reason'],
  ),
  ChatDelta: said(
    'What is new.',
    objectOf({
      role: exactly('assistant'),
      content: text,
      refusal: text,
      annotations,
      ...reasoning,
      audio: objectOf({ id: text, data: text, transcript: text, expires_at: unixSeconds }),
      tool_calls: listOf(anyOf(ref('ChatToolCallDelta'), otherCall)),
    }),
  ),
  ChatToolCallDelta: said(
    'The first of a call has its id, type and name; the others have pieces of its arguments.',
    objectOf(
      {
        index: count,
        id: text,
        type: exactly('function'),
        function: objectOf({ name: text, arguments: text }, ['arguments']),
      },
      ['index', 'function'],
    ),
  ),
  ChatEvent: said(
    'The JSON of one `data:` line. After the last chunk comes `data: [DONE]`; after an error comes nothing.',
    anyOf(ref('ChatChunk'), ref('ChatError')),
  ),
};

function alternative(): JsonObject {
  return {
    token: text,
    logprob: { type: 'number' },
    bytes: anyOf(listOf(wholeFrom(0, 255)), nothing),
  };
}
