import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { InputUsage, OutputUsage, Usage } from '../../model/usage.ts';
import { unknownFields } from '../wire/carried.ts';
import { said } from '../wire/said.ts';
import { count } from '../wire/count.ts';

const topKeys = new Set([
  'prompt_tokens',
  'completion_tokens',
  'total_tokens',
  'prompt_tokens_details',
  'completion_tokens_details',
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
  'cache_creation_input_tokens',
  'cache_creation',
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
 * Usage as OpenAI and DashScope tell it. `prompt_tokens` includes cached tokens and `completion_tokens` includes reasoning at both, as
 * in the model, so nothing is added or taken out. A count that is no whole number from 0 was not told.
 */
export function readUsage(usage: JsonObject): Usage {
  const input = objectOr(usage['prompt_tokens_details']);
  const output = objectOr(usage['completion_tokens_details']);
  const raw = rawOf(usage, input, output);
  return {
    input: { ...said({ total: count(usage['prompt_tokens']) }), ...readInput(input) },
    output: { ...said({ total: count(usage['completion_tokens']) }), ...readOutput(output) },
    toolCalls: readToolCalls(usage),
    ...(usage['estimated'] === true ? { estimated: true } : {}),
    ...(raw === undefined ? {} : { raw }),
  };
}

/** Cache writes have three names: DashScope sends the second and third, OpenRouter and OpenAI 7.x the first. */
function readInput(details: JsonObject): InputUsage {
  const creation = objectOr(details['cache_creation']);
  return said({
    text: count(details['text_tokens']),
    image: count(details['image_tokens']),
    audio: count(details['audio_tokens']),
    video: count(details['video_tokens']),
    cacheRead: count(details['cached_tokens']),
    cacheWrite:
      count(details['cache_creation_input_tokens']) ??
      count(details['cache_write_tokens']) ??
      count(creation['ephemeral_5m_input_tokens']),
    // Only an explicit cache names its type at DashScope.
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

/** EmpirioLabs' `tool_usage: {web_search: 3}` and DashScope's `x_tools: {web_search: {count: 3}}`. */
export function readToolCalls(usage: JsonObject): Readonly<Record<string, number>> {
  const calls: [string, number][] = [];
  for (const [name, value] of [...Object.entries(objectOr(usage['x_tools'])), ...Object.entries(objectOr(usage['tool_usage']))]) {
    const times = count(isJsonObject(value) ? value['count'] : value);
    if (times !== undefined) calls.push([name, times]);
  }
  return Object.fromEntries(calls);
}

/** What has no word in the model. `total_tokens` is among it only where it is not the sum of the two others. */
function rawOf(usage: JsonObject, input: JsonObject, output: JsonObject): JsonObject | undefined {
  const inputExtras = unknownFields(input, inputKeys);
  const outputExtras = unknownFields(output, outputKeys);
  const total = usage['total_tokens'];
  const sum = (count(usage['prompt_tokens']) ?? 0) + (count(usage['completion_tokens']) ?? 0);
  const raw: JsonObject = {
    ...unknownFields(usage, topKeys),
    ...(total === undefined || total === null || total === sum ? {} : { total_tokens: total }),
    ...(inputExtras === undefined ? {} : { prompt_tokens_details: inputExtras }),
    ...(outputExtras === undefined ? {} : { completion_tokens_details: outputExtras }),
  };
  return Object.keys(raw).length === 0 ? undefined : raw;
}

function objectOr(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
