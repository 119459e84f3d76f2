import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { InputUsage, OutputUsage, Usage } from '../../model/usage.ts';
import { unknownFields } from '../wire/carried.ts';
import { count } from '../wire/count.ts';
import { said } from '../wire/said.ts';

const known = new Set([
  'input_tokens',
  'cache_creation_input_tokens',
  'cache_read_input_tokens',
  'cache_creation',
  'cache_type',
  'output_tokens',
  'output_tokens_details',
  'server_tool_use',
  'tool_usage',
  'token_details',
  'estimated',
]);
const creationKeys = new Set(['ephemeral_5m_input_tokens', 'ephemeral_1h_input_tokens']);
const outputKeys = new Set(['thinking_tokens']);

/**
 * Usage as Anthropic tells it. Its `input_tokens` are those that no cache had a part in, ours include them, so the three are added:
 * the input is `input_tokens + cache_creation_input_tokens + cache_read_input_tokens`. `output_tokens` include the thinking at both.
 */
export function readUsage(usage: JsonObject): Usage {
  const uncached = count(usage['input_tokens']);
  const cacheRead = count(usage['cache_read_input_tokens']);
  const creation = objectOr(usage['cache_creation']);
  const cacheWrite = count(usage['cache_creation_input_tokens']) ?? sum(creation);
  const total = uncached === undefined ? undefined : uncached + (cacheRead ?? 0) + (cacheWrite ?? 0);
  const details = objectOr(usage['token_details']);
  const raw = rawOf(usage, creation);
  return {
    input: {
      ...said({ total, cacheRead, cacheWrite, cacheKind: kindOf(usage['cache_type']) }),
      ...readInput(objectOr(details['input'])),
    },
    output: {
      ...said({
        total: count(usage['output_tokens']),
        reasoning: count(objectOr(usage['output_tokens_details'])['thinking_tokens']),
      }),
      ...readOutput(objectOr(details['output'])),
    },
    toolCalls: readToolCalls(usage),
    ...(usage['estimated'] === true ? { estimated: true } : {}),
    ...(raw === undefined ? {} : { raw }),
  };
}

/** Fields of our own: this wire has one kind of cache, ours may be either. */
function kindOf(type: Json | undefined): InputUsage['cacheKind'] {
  if (type === 'ephemeral') return 'explicit';
  return type === 'implicit' ? 'implicit' : undefined;
}

function readInput(details: JsonObject): InputUsage {
  return said({
    text: count(details['text_tokens']),
    image: count(details['image_tokens']),
    audio: count(details['audio_tokens']),
    video: count(details['video_tokens']),
  });
}

function readOutput(details: JsonObject): OutputUsage {
  return said({
    text: count(details['text_tokens']),
    audio: count(details['audio_tokens']),
    acceptedPrediction: count(details['accepted_prediction_tokens']),
    rejectedPrediction: count(details['rejected_prediction_tokens']),
  });
}

/** Our own `tool_usage` names every tool; Anthropic's `server_tool_use` the two that it counts. */
function readToolCalls(usage: JsonObject): Readonly<Record<string, number>> {
  const own = usage['tool_usage'];
  const told = objectOr(usage['server_tool_use']);
  const calls = isJsonObject(own)
    ? Object.entries(own)
    : [['web_search', told['web_search_requests']] as const, ['web_extractor', told['web_fetch_requests']] as const];
  const counted = calls.flatMap(([name, value]): [string, number][] => {
    const times = count(value);
    return times === undefined || times === 0 ? [] : [[name, times]];
  });
  return Object.fromEntries(counted);
}

/** What has no word in the model. The hour of a cache entry is among it, because it has another price at Anthropic. */
function rawOf(usage: JsonObject, creation: JsonObject): JsonObject | undefined {
  const hour = count(creation['ephemeral_1h_input_tokens']) ?? 0;
  const others = unknownFields(objectOr(usage['output_tokens_details']), outputKeys);
  const isPlainCreation = hour === 0 && unknownFields(creation, creationKeys) === undefined;
  const raw = {
    ...unknownFields(usage, known),
    ...(isPlainCreation ? {} : { cache_creation: creation }),
    ...(others === undefined ? {} : { output_tokens_details: others }),
  };
  const told = Object.entries(raw).filter(([, value]) => value !== null);
  return told.length === 0 ? undefined : Object.fromEntries(told);
}

function sum(creation: JsonObject): number | undefined {
  const short = count(creation['ephemeral_5m_input_tokens']);
  const long = count(creation['ephemeral_1h_input_tokens']);
  return short === undefined && long === undefined ? undefined : (short ?? 0) + (long ?? 0);
}

function objectOr(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
