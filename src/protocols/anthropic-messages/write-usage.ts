import type { Bill } from '../../model/event.ts';
import type { JsonObject } from '../../model/json.ts';
import type { InputUsage, Usage } from '../../model/usage.ts';
import { wire } from '../wire/said.ts';
import { costFields } from '../wire/cost-fields.ts';

/**
 * The usage of a whole message and of `message_delta`. Our input includes what a cache read or wrote, Anthropic's `input_tokens` do not, so
 * both are taken out: the caller adds the three again. What the host did not tell is null, but for the two counts that clients
 * want as numbers. `usage.raw` is not written: it is the host's account with us.
 */
export function writeUsage({ input, output, toolCalls, estimated }: Usage, bill: Bill | undefined): JsonObject {
  const calls = Object.entries(toolCalls).filter(([, times]) => times > 0);
  const { web_search: searches = 0, web_extractor: fetches = 0 } = toolCalls;
  const details = wire({ input: unlessEmpty(inputDetails(input)), output: unlessEmpty(outputDetails(output)) });
  return {
    ...writeInput(input),
    output_tokens: output.total ?? 0,
    output_tokens_details: output.reasoning === undefined ? null : { thinking_tokens: output.reasoning },
    server_tool_use: searches + fetches === 0 ? null : { web_search_requests: searches, web_fetch_requests: fetches },
    ...wire({
      tool_usage: calls.length === 0 ? undefined : Object.fromEntries(calls),
      token_details: Object.keys(details).length === 0 ? undefined : details,
      estimated: estimated === true ? true : undefined,
      // What the ledger posted, under the names of the chat dialect; @langchain/anthropic reads `cost`.
      ...(bill === undefined ? {} : costFields(bill)),
    }),
  };
}

/** The usage of `message_start`, before anything was said. No output yet: @langchain/anthropic adds it to that of the end. */
export function writeFirstUsage(input: InputUsage): JsonObject {
  return { ...unsaid, ...writeInput(input), output_tokens: 0, output_tokens_details: null, server_tool_use: null };
}

/** Facts of Anthropic's own operation, which the clients' types ask for in a message. */
export const unsaid = { inference_geo: null, service_tier: null, speed: null } as const;

function writeInput(input: InputUsage): JsonObject {
  const { total = 0, cacheRead, cacheWrite, cacheKind } = input;
  return {
    input_tokens: Math.max(0, total - (cacheRead ?? 0) - (cacheWrite ?? 0)),
    cache_creation_input_tokens: cacheWrite ?? null,
    cache_read_input_tokens: cacheRead ?? null,
    cache_creation: cacheWrite === undefined ? null : { ephemeral_5m_input_tokens: cacheWrite, ephemeral_1h_input_tokens: 0 },
    ...(cacheKind === undefined ? {} : { cache_type: cacheKind === 'explicit' ? 'ephemeral' : 'implicit' }),
  };
}

function inputDetails({ text, image, audio, video }: InputUsage): JsonObject {
  return wire({ text_tokens: text, image_tokens: image, audio_tokens: audio, video_tokens: video });
}

function outputDetails({ text, audio, acceptedPrediction, rejectedPrediction }: Usage['output']): JsonObject {
  return wire({
    text_tokens: text,
    audio_tokens: audio,
    accepted_prediction_tokens: acceptedPrediction,
    rejected_prediction_tokens: rejectedPrediction,
  });
}

function unlessEmpty(fields: JsonObject): JsonObject | undefined {
  return Object.keys(fields).length === 0 ? undefined : fields;
}
