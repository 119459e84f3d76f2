import { faults } from '../../model/fault.ts';
import {
  anything,
  exactly,
  flag,
  listOf,
  mapOf,
  objectOf,
  option,
  recordOf,
  ref,
  said,
  text,
  wholeFrom,
  wordOf,
} from '../../model/json-schema.ts';
import type { JsonObject } from '../../model/json.ts';

/*
 * What the answers of chat completions share with those of their relatives: usage, notices, errors.
 */

export const count = wholeFrom(0);
export const unixSeconds = said('Unix seconds.', wholeFrom(0));
export const dollars = said('Dollars.', { type: 'number', minimum: 0 });

export const finishReason = wordOf('stop', 'length', 'tool_calls', 'content_filter', 'error');
export const host = said('The host that answered.', text);

/** What stands beside the choices of an answer. */
export const beside: JsonObject = {
  usage: ref('ChatUsage'),
  meta: said(
    'The bill in the words of AI/ML API.',
    recordOf({ usage: recordOf({ credits_used: said('Each line of the bill rounded up.', count), usd_spent: dollars }) }),
  ),
  notices: said('What was done to the request or could not be said of the answer.', listOf(ref('Notice'))),
  routing: ref('Routing'),
};

export const noticeDefinitions: Readonly<Record<string, JsonObject>> = {
  Notice: recordOf({
    code: wordOf('dropped', 'moved', 'clamped', 'ignored', 'stand-in', 'estimated'),
    path: said('Path in the request or in the answer.', text),
    message: text,
  }),
  Routing: recordOf({
    attempts: said(
      'Every host that was tried, the one that answers last; told where it was more than one.',
      listOf(
        objectOf(
          { provider: text, model: text, latency_ms: count, error: said('Why it did not answer; the last has none.', text) },
          ['provider', 'model'],
        ),
      ),
    ),
  }),
};

export const sharedDefinitions: Readonly<Record<string, JsonObject>> = {
  ...noticeDefinitions,
  ChatUsage: objectOf(
    {
      prompt_tokens: said('Tokens of the input, cached ones included.', count),
      completion_tokens: said('Tokens of the output, thoughts included.', count),
      total_tokens: count,
      prompt_tokens_details: promptDetails(),
      completion_tokens_details: completionDetails(),
      estimated: said('There where the host told no usage and it was counted here.', { const: true }),
      ...costs(),
      tool_usage: said('Calls of tools that the server or the host ran.', mapOf(wholeFrom(1))),
    },
    ['prompt_tokens', 'completion_tokens', 'total_tokens', 'prompt_tokens_details', 'completion_tokens_details'],
  ),
  ChatError: recordOf({ error: ref('ChatErrorDetails') }),
  ChatErrorDetails: objectOf(
    {
      message: said('What was wrong, where, and what would be right.', text),
      type: wordOf(...distinct(({ openaiType }) => openaiType)),
      param: option('Path of the field that was wrong.', text),
      code: wordOf(...distinct(({ openaiCode }) => openaiCode)),
      request_id: text,
      upstream: said(
        'What the host said where the fault is its own.',
        objectOf({ status: count, provider: text, body: anything }),
      ),
    },
    ['message', 'type', 'param', 'code', 'request_id'],
  ),
};

function promptDetails(): JsonObject {
  return objectOf(
    {
      cached_tokens: said('Read from a cache.', count),
      text_tokens: count,
      image_tokens: count,
      audio_tokens: count,
      video_tokens: count,
      cache_write_tokens: said('Written to a cache.', count),
      cache_creation_input_tokens: said('The same; the name that Alibaba uses.', count),
      cache_creation: recordOf({ ephemeral_5m_input_tokens: count }),
      cache_type: exactly('ephemeral'),
    },
    ['cached_tokens'],
  );
}

function completionDetails(): JsonObject {
  return objectOf(
    {
      reasoning_tokens: said('Thoughts.', count),
      text_tokens: count,
      audio_tokens: count,
      accepted_prediction_tokens: count,
      rejected_prediction_tokens: count,
    },
    ['reasoning_tokens'],
  );
}

export function costs(): JsonObject {
  return {
    cost: said('What the call costs, as the ledger has it. Dollars.', dollars),
    cost_usd: said('The same; the name that EmpirioLabs uses.', dollars),
    is_byok: flag,
    cost_details: objectOf(
      {
        upstream_inference_cost: dollars,
        upstream_inference_prompt_cost: dollars,
        upstream_inference_completions_cost: dollars,
        server_tool_cost: dollars,
      },
      ['upstream_inference_cost', 'upstream_inference_prompt_cost', 'upstream_inference_completions_cost'],
    ),
  };
}

function distinct(column: (row: (typeof faults)[keyof typeof faults]) => string): readonly string[] {
  return [...new Set(Object.values(faults).map((row) => column(row)))];
}
