import { faults } from '../../model/fault.ts';
import {
  anyOf,
  anything,
  exactly,
  listOf,
  mapOf,
  nothing,
  nullable,
  objectOf,
  otherThan,
  recordOf,
  ref,
  said,
  text,
  wholeFrom,
  wordOf,
} from '../../model/json-schema.ts';
import type { JsonObject } from '../../model/json.ts';
import { costs, count, host } from '../openai-chat/shared-schema.ts';

const notices = { notices: said('What was done to the request or could not be said of the answer.', listOf(ref('Notice'))) };

/** Null where no host of Anthropic's kind filled them. */
const unfilled = { container: anything, diagnostics: anything, stop_details: anything };

const stops: JsonObject = {
  stop_reason: said(
    'Why the answer ended; null before its end.',
    nullable(
      wordOf('end_turn', 'max_tokens', 'stop_sequence', 'tool_use', 'refusal', 'pause_turn', 'model_context_window_exceeded'),
    ),
  ),
  stop_sequence: nullable(text),
};
const native = { native_stop_reason: said('The same in the word of the host, where it says more.', text) };

const message: JsonObject = {
  id: said('Id of the answer; `GET /v1/generation?id=` tells more about it.', text),
  type: exactly('message'),
  role: exactly('assistant'),
  model: said('The model that answered.', text),
  content: listOf(ref('MessageContentBlock')),
  ...stops,
  ...unfilled,
  usage: ref('MessageUsage'),
};

const blocks: Readonly<Record<string, JsonObject>> = {
  MessageAnswerText: objectOf({ type: exactly('text'), text, citations: listOf(ref('MessageCitation')) }, ['type', 'text']),
  MessageAnswerThinking: said(
    'Send it back unchanged.',
    recordOf({ type: exactly('thinking'), thinking: text, signature: text }),
  ),
  MessageAnswerRedactedThinking: said('Send it back unchanged.', recordOf({ type: exactly('redacted_thinking'), data: text })),
  MessageAnswerToolUse: recordOf({
    type: exactly('tool_use'),
    id: said('Send it back as tool_use_id of the result.', text),
    name: text,
    input: { type: 'object', additionalProperties: true },
    caller: { type: 'object', additionalProperties: true },
  }),
  MessageAnswerOther: said('A block of the host, as it came.', {
    ...objectOf({ type: otherThan('text', 'thinking', 'redacted_thinking', 'tool_use') }, ['type']),
    additionalProperties: true,
  }),
};

const deltas: readonly JsonObject[] = [
  recordOf({ type: exactly('text_delta'), text }),
  recordOf({ type: exactly('thinking_delta'), thinking: text }),
  recordOf({ type: exactly('signature_delta'), signature: text }),
  recordOf({ type: exactly('input_json_delta'), partial_json: text }),
  recordOf({ type: exactly('citations_delta'), citation: ref('MessageCitation') }),
];

const events: Readonly<Record<string, JsonObject>> = {
  MessageStartEvent: recordOf({ type: exactly('message_start'), message: ref('Message') }),
  MessagePingEvent: said('Means nothing; it keeps the connection alive.', recordOf({ type: exactly('ping') })),
  MessageBlockStartEvent: recordOf({
    type: exactly('content_block_start'),
    index: count,
    content_block: ref('MessageContentBlock'),
  }),
  MessageBlockDeltaEvent: recordOf({ type: exactly('content_block_delta'), index: count, delta: { oneOf: deltas } }),
  MessageBlockStopEvent: recordOf({ type: exactly('content_block_stop'), index: count }),
  MessageDeltaEvent: objectOf(
    {
      type: exactly('message_delta'),
      delta: objectOf({ ...stops, ...native, container: anything, stop_details: anything }, ['stop_reason', 'stop_sequence']),
      usage: ref('MessageUsage'),
      ...notices,
    },
    ['type', 'delta', 'usage'],
  ),
  MessageStopEvent: recordOf({ type: exactly('message_stop') }),
};

export const answerDefinitions: Readonly<Record<string, JsonObject>> = {
  Message: objectOf({ ...message, ...native, provider: host, routing: ref('Routing'), ...notices }, Object.keys(message)),
  MessageContentBlock: { anyOf: Object.keys(blocks).map((name) => ref(name)) },
  ...blocks,
  MessageCitation: anyOf(
    objectOf(
      {
        type: exactly('web_search_result_location'),
        url: text,
        title: nullable(text),
        cited_text: text,
        encrypted_index: text,
        start_index: said('Characters of the text before the cited words.', count),
        end_index: count,
      },
      ['type', 'url', 'title', 'cited_text', 'encrypted_index'],
    ),
    said('A place in a document, as the host told it.', {
      ...objectOf({ type: otherThan('web_search_result_location') }, ['type']),
      additionalProperties: true,
    }),
  ),
  MessageUsage: usage(),
  MessageTokenCount: recordOf({ input_tokens: count }),
  MessageEvent: {
    ...said('The JSON of one `data:` line; its type stands in the `event:` line, too. After an error comes nothing.', {}),
    anyOf: [...Object.keys(events), 'MessageError'].map((name) => ref(name)),
  },
  ...events,
  MessageError: recordOf({
    type: exactly('error'),
    error: objectOf(
      {
        type: wordOf(...new Set(Object.values(faults).map(({ anthropicType }) => anthropicType))),
        message: said('What was wrong, where, and what would be right.', text),
        details: objectOf(
          { error_code: wordOf(...Object.keys(faults)), param: said('Path of the field that was wrong.', text) },
          ['error_code'],
        ),
        upstream: said(
          'What the host said where the fault is its own.',
          objectOf({ status: count, provider: text, body: anything }),
        ),
      },
      ['type', 'message', 'details'],
    ),
    request_id: text,
  }),
};

function usage(): JsonObject {
  const counted = {
    input_tokens: said('Tokens of the input without those that a cache read or wrote.', count),
    cache_creation_input_tokens: nullable(count),
    cache_read_input_tokens: nullable(count),
    cache_creation: nullable(recordOf({ ephemeral_5m_input_tokens: count, ephemeral_1h_input_tokens: count })),
    output_tokens: said('Tokens of the output, thoughts included.', count),
    output_tokens_details: nullable(recordOf({ thinking_tokens: count })),
    server_tool_use: nullable(recordOf({ web_search_requests: count, web_fetch_requests: count })),
  };
  const tokens = { text_tokens: count, audio_tokens: count };
  const more: JsonObject = {
    inference_geo: nothing,
    service_tier: nothing,
    speed: nothing,
    cache_type: wordOf('ephemeral', 'implicit'),
    tool_usage: said('Calls of tools that the server or the host ran.', mapOf(wholeFrom(1))),
    token_details: objectOf({
      input: objectOf({ ...tokens, image_tokens: count, video_tokens: count }),
      output: objectOf({ ...tokens, accepted_prediction_tokens: count, rejected_prediction_tokens: count }),
    }),
    estimated: said('There where the host told no usage and it was counted here.', { const: true }),
    ...costs(),
  };
  return objectOf({ ...counted, ...more }, Object.keys(counted));
}
