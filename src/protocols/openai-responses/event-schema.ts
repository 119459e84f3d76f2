import { anyOf, exactly, listOf, nothing, nullable, recordOf, ref, said, text } from '../../model/json-schema.ts';
import type { JsonObject } from '../../model/json.ts';
import { count } from '../openai-chat/shared-schema.ts';

const inOutput = { output_index: count };
const inItem = { item_id: text, ...inOutput };
const inContent = { ...inItem, content_index: count };
const inSummary = { ...inItem, summary_index: count };
const logprobs = listOf(ref('ResponseLogprob'));
const response = { response: ref('Response') };
const item = { ...inOutput, item: ref('ResponseOutputItem') };

/** What an event says beside its type and its number. */
const events: Readonly<Record<string, JsonObject>> = {
  'response.created': response,
  'response.in_progress': response,
  'response.completed': response,
  'response.incomplete': response,
  'response.failed': response,
  'response.output_item.added': item,
  'response.output_item.done': item,
  'response.content_part.added': { ...inContent, part: ref('ResponseContentPart') },
  'response.content_part.done': { ...inContent, part: ref('ResponseContentPart') },
  'response.output_text.delta': { ...inContent, delta: text, logprobs },
  'response.output_text.annotation.added': { ...inContent, annotation_index: count, annotation: ref('ResponseUrlCitation') },
  'response.output_text.done': { ...inContent, text, logprobs },
  'response.refusal.delta': { ...inContent, delta: text },
  'response.refusal.done': { ...inContent, refusal: text },
  'response.reasoning_summary_part.added': { ...inSummary, part: ref('ResponseSummaryText') },
  'response.reasoning_summary_text.delta': { ...inSummary, delta: text },
  'response.reasoning_summary_text.done': { ...inSummary, text },
  'response.reasoning_summary_part.done': { ...inSummary, part: ref('ResponseSummaryText') },
  'response.function_call_arguments.delta': { ...inItem, delta: text },
  'response.function_call_arguments.done': { ...inItem, name: text, arguments: text },
  'response.web_search_call.in_progress': inItem,
  'response.web_search_call.searching': inItem,
  'response.web_search_call.completed': inItem,
  'response.code_interpreter_call.in_progress': inItem,
  'response.code_interpreter_call_code.delta': { ...inItem, delta: text },
  'response.code_interpreter_call_code.done': { ...inItem, code: text },
  'response.code_interpreter_call.interpreting': inItem,
  'response.code_interpreter_call.completed': inItem,
  'response.mcp_call.in_progress': inItem,
  'response.mcp_call_arguments.delta': { ...inItem, delta: text },
  'response.mcp_call_arguments.done': { ...inItem, arguments: text },
  'response.mcp_call.completed': inItem,
  error: {
    code: text,
    message: text,
    param: nullable(text),
    error: anyOf(ref('ChatErrorDetails'), recordOf({ type: text, code: text, message: text, param: nothing })),
  },
};

/** `response.output_text.delta` is `ResponseOutputTextDeltaEvent`. */
function eventName(type: string): string {
  const words = type.split(/[._]/).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${type === 'error' ? 'Response' : ''}${words.join('')}Event`;
}

const definitions = Object.entries(events).map(([type, fields]): [string, JsonObject] => [
  eventName(type),
  recordOf({ type: exactly(type), sequence_number: said('Counts the events of the response from 0.', count), ...fields }),
]);

export const eventDefinitions: Readonly<Record<string, JsonObject>> = {
  ResponseEvent: {
    ...said('The JSON of one `data:` line; its type stands in the `event:` line, too. There is no `[DONE]`.', {}),
    oneOf: definitions.map(([name]) => ref(name)),
    discriminator: {
      propertyName: 'type',
      mapping: Object.fromEntries(Object.keys(events).map((type) => [type, `#/components/schemas/${eventName(type)}`])),
    },
  },
  ...Object.fromEntries(definitions),
};
