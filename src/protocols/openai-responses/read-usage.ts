import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { InputUsage, OutputUsage, Usage } from '../../model/usage.ts';
import { unknownFields } from '../wire/carried.ts';
import { readToolCalls } from '../openai-chat/read-usage.ts';
import { count } from '../wire/count.ts';
import { said } from '../wire/said.ts';

const topKeys = new Set([
  'input_tokens',
  'output_tokens',
  'total_tokens',
  'input_tokens_details',
  'output_tokens_details',
  'tool_usage',
  'x_tools',
  'estimated',
]);
const inputKeys = new Set([
  'text_tokens',
  'image_tokens',
  'audio_tokens',
  'video_tokens',
  'cached_tokens',
  'cache_write_tokens',
  'cache_type',
]);
const outputKeys = new Set([
  'text_tokens',
  'audio_tokens',
  'reasoning_tokens',
  'accepted_prediction_tokens',
  'rejected_prediction_tokens',
]);

/**
 * Usage of a response. `input_tokens` includes cached tokens and `output_tokens` includes reasoning, as in the model, so nothing is added
 * or taken out. A count that is no whole number from 0 was not told.
 */
export function readUsage(usage: JsonObject): Usage {
  const input = objectOr(usage['input_tokens_details']);
  const output = objectOr(usage['output_tokens_details']);
  const raw = rawOf(usage, input, output);
  return {
    input: { ...said({ total: count(usage['input_tokens']) }), ...readInput(input) },
    output: { ...said({ total: count(usage['output_tokens']) }), ...readOutput(output) },
    toolCalls: readToolCalls(usage),
    ...(usage['estimated'] === true ? { estimated: true } : {}),
    ...(raw === undefined ? {} : { raw }),
  };
}

function readInput(details: JsonObject): InputUsage {
  return said({
    text: count(details['text_tokens']),
    image: count(details['image_tokens']),
    audio: count(details['audio_tokens']),
    video: count(details['video_tokens']),
    cacheRead: count(details['cached_tokens']),
    cacheWrite: count(details['cache_write_tokens']),
    cacheKind: details['cache_type'] === 'ephemeral' ? ('explicit' as const) : undefined,
  });
}

function readOutput(details: JsonObject): OutputUsage {
  return said({
    text: count(details['text_tokens']),
    audio: count(details['audio_tokens']),
    reasoning: count(details['reasoning_tokens']),
    acceptedPrediction: count(details['accepted_prediction_tokens']),
    rejectedPrediction: count(details['rejected_prediction_tokens']),
  });
}

/** What has no word in the model: our own costs where the upstream is a flashmux, Alibaba's `x_details`. */
function rawOf(usage: JsonObject, input: JsonObject, output: JsonObject): JsonObject | undefined {
  const inputExtras = unknownFields(input, inputKeys);
  const outputExtras = unknownFields(output, outputKeys);
  const raw: JsonObject = {
    ...unknownFields(usage, topKeys),
    ...(inputExtras === undefined ? {} : { input_tokens_details: inputExtras }),
    ...(outputExtras === undefined ? {} : { output_tokens_details: outputExtras }),
  };
  return Object.keys(raw).length === 0 ? undefined : raw;
}

function objectOr(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
