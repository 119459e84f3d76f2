import {
  anyOf,
  anything,
  exactly,
  flag,
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
import { beside, costs, count, host, unixSeconds } from '../openai-chat/shared-schema.ts';

const open = { type: 'object', additionalProperties: true };
const status = wordOf('in_progress', 'completed', 'incomplete');
const serverStatus = wordOf('in_progress', 'completed', 'failed');
const id = said('Id of the item.', text);

/** What a response repeats of its request; the values of what was not said are those that OpenAI tells. */
const echoed: JsonObject = {
  access_programs: nothing,
  background: flag,
  instructions: nullable(text),
  max_output_tokens: nullable(wholeFrom(1)),
  metadata: nullable(mapOf(text)),
  parallel_tool_calls: flag,
  previous_response_id: nullable(text),
  reasoning: nullable(open),
  temperature: nullable({ type: 'number' }),
  text: open,
  tool_choice: anyOf(text, open),
  tools: listOf(open),
  top_p: nullable({ type: 'number' }),
  truncation: wordOf('auto', 'disabled'),
};
const echoedIfSaid: JsonObject = {
  store: flag,
  conversation: nullable(recordOf({ id: text })),
  max_tool_calls: anything,
  prompt_cache_key: anything,
  prompt_cache_options: anything,
  prompt_cache_retention: anything,
  safety_identifier: anything,
  service_tier: anything,
  top_logprobs: nullable(count),
  user: anything,
};

const own: JsonObject = {
  id: said('Id of the response: `GET /v1/responses/{id}` where it is kept, and `GET /v1/generation?id=`.', text),
  object: exactly('response'),
  created_at: unixSeconds,
  model: said('The model that answered.', text),
  status: wordOf('queued', 'in_progress', 'completed', 'incomplete', 'failed', 'cancelled'),
  output: listOf(ref('ResponseOutputItem')),
  error: nullable(objectOf({ code: text, message: text, type: text }, ['code', 'message'])),
  incomplete_details: nullable(recordOf({ reason: wordOf('max_output_tokens', 'content_filter') })),
};

const { usage: _, ...meta } = beside;
const logprob = { token: text, logprob: { type: 'number' }, bytes: listOf(wholeFrom(0, 255)) };

const items: Readonly<Record<string, JsonObject>> = {
  ResponseMessage: recordOf({
    type: exactly('message'),
    id,
    role: exactly('assistant'),
    status,
    content: listOf(ref('ResponseContentPart')),
  }),
  ResponseReasoning: objectOf(
    {
      type: exactly('reasoning'),
      id,
      summary: listOf(ref('ResponseSummaryText')),
      encrypted_content: said('The seal of the thought. Send it back unchanged.', text),
    },
    ['type', 'id', 'summary'],
  ),
  ResponseFunctionCall: recordOf({
    type: exactly('function_call'),
    id,
    call_id: said('Send it back as call_id of the output.', text),
    name: text,
    arguments: said('JSON text. The model wrote it: it may be no JSON.', text),
    status,
  }),
  ResponseWebSearchCall: said(
    'The server searched the web, or read a page.',
    recordOf({
      type: exactly('web_search_call'),
      id,
      status: serverStatus,
      action: anyOf(
        recordOf({ type: exactly('search'), query: text, queries: listOf(text) }),
        recordOf({ type: exactly('open_page'), url: text }),
      ),
    }),
  ),
  ResponseCodeInterpreterCall: said(
    'The server ran code.',
    recordOf({
      type: exactly('code_interpreter_call'),
      id,
      status: serverStatus,
      code: text,
      container_id: text,
      outputs: nothing,
    }),
  ),
  ResponseMcpCall: said(
    'The server ran another tool, or passes on an item that clients have no word for.',
    recordOf({
      type: exactly('mcp_call'),
      id,
      status: serverStatus,
      server_label: text,
      name: text,
      arguments: text,
      output: nothing,
      error: nothing,
      approval_request_id: nothing,
    }),
  ),
  ResponseOtherItem: said('An item of the host, as it came.', {
    ...objectOf(
      { type: otherThan('message', 'reasoning', 'function_call', 'web_search_call', 'code_interpreter_call', 'mcp_call') },
      ['type'],
    ),
    additionalProperties: true,
  }),
};

export const answerDefinitions: Readonly<Record<string, JsonObject>> = {
  Response: objectOf(
    {
      ...own,
      ...echoed,
      ...echoedIfSaid,
      usage: ref('ResponseUsage'),
      provider: host,
      routing: ref('Routing'),
      ...meta,
      native_finish_reason: said('Why the answer ended, in the word of the host.', text),
      stop_reason: said('The text of `stop` that ended the answer.', text),
    },
    [...Object.keys(own), ...Object.keys(echoed)],
  ),
  ResponseOutputItem: { anyOf: Object.keys(items).map((name) => ref(name)) },
  ...items,
  ResponseContentPart: anyOf(ref('ResponseOutputText'), ref('ResponseRefusal')),
  ResponseOutputText: recordOf({
    type: exactly('output_text'),
    text,
    annotations: listOf(ref('ResponseUrlCitation')),
    logprobs: listOf(ref('ResponseLogprob')),
  }),
  ResponseRefusal: recordOf({ type: exactly('refusal'), refusal: text }),
  ResponseUrlCitation: recordOf({ type: exactly('url_citation'), url: text, title: text, start_index: count, end_index: count }),
  ResponseLogprob: recordOf({ ...logprob, top_logprobs: listOf(recordOf(logprob)) }),
  ResponseSummaryText: recordOf({ type: exactly('summary_text'), text }),
  ResponseUsage: objectOf(
    {
      input_tokens: said('Tokens of the input, cached ones included.', count),
      input_tokens_details: objectOf(
        {
          cached_tokens: count,
          cache_write_tokens: count,
          text_tokens: count,
          image_tokens: count,
          audio_tokens: count,
          video_tokens: count,
          cache_type: exactly('ephemeral'),
        },
        ['cached_tokens', 'cache_write_tokens'],
      ),
      output_tokens: said('Tokens of the output, thoughts included.', count),
      output_tokens_details: objectOf(
        {
          reasoning_tokens: count,
          text_tokens: count,
          audio_tokens: count,
          accepted_prediction_tokens: count,
          rejected_prediction_tokens: count,
        },
        ['reasoning_tokens'],
      ),
      total_tokens: count,
      estimated: said('There where the host told no usage and it was counted here.', { const: true }),
      ...costs(),
      tool_usage: said('Calls of tools that the server or the host ran.', mapOf(wholeFrom(1))),
    },
    ['input_tokens', 'input_tokens_details', 'output_tokens', 'output_tokens_details', 'total_tokens'],
  ),
};
