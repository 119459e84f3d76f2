import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Delivery, GenerateRequest } from '../../model/request.ts';
import { unknownFields } from '../wire/carried.ts';
import { optionalChoice, optionalObject, refuse, requireObject, requiredString } from '../wire/fields.ts';
import { said } from '../wire/said.ts';
import { modelHeader, streamingHeader } from './call-headers.ts';
import { carryOf } from './carry-of.ts';
import {
  readForm,
  readLimits,
  readLogprobs,
  readOptions,
  readSampling,
  readServerTools,
  readSound,
  readSwitches,
  readThinking,
  readVision,
  unknownOptions,
} from './read-options.ts';
import { readPrompt } from './read-prompt.ts';
import { readTools } from './read-tools.ts';

/** Every field of the call that has a word in the model. All others are carried. */
const known = new Set([
  modelHeader,
  streamingHeader,
  'prompt',
  'maxOutputTokens',
  'temperature',
  'topP',
  'topK',
  'presencePenalty',
  'frequencyPenalty',
  'stopSequences',
  'seed',
  'responseFormat',
  'tools',
  'toolChoice',
  'reasoning',
  'providerOptions',
  'headers',
  'includeRawChunks',
]);
const formatKeys = new Set(['type', 'schema', 'name', 'description']);

/**
 * Reads a call of `POST {base}/language-model` of either specification, its headers among its fields (call-headers.ts). Throws
 * FlashmuxError (400) that names the first wrong field, where it stands and what would be right.
 */
export function readRequest(body: Json): GenerateRequest {
  const call = requireObject(body, '', 'a JSON object with a prompt');
  const accepted = 'the id of a model, in the header of that name';
  const model = requiredString(call, modelHeader, '', accepted);
  if (model === '') throw refuse(modelHeader, model, accepted);
  const options = readOptions(call);
  return {
    model,
    turns: readPrompt(call['prompt']),
    ...readTools(call),
    sampling: readSampling(call, options),
    limits: readLimits(call, options),
    thinking: readThinking(call, options),
    form: readForm(call, options),
    delivery: readDelivery(call),
    ...readSwitches(options),
    ...said({ logprobs: readLogprobs(options), vision: readVision(options), serverTools: readServerTools(options) }),
    ...readSound(options),
    ...readCarry(call),
  };
}

function readDelivery(call: JsonObject): Delivery {
  const streaming = optionalChoice(call, streamingHeader, '', ['true', 'false'] as const);
  return streaming === 'true' ? { kind: 'stream' } : { kind: 'whole', said: streaming === 'false' };
}

/**
 * `headers` are those that the caller wants its provider to get. The client library puts its own name among them, which means nothing
 * there; `includeRawChunks: false` is what it sends where nobody asked.
 */
function readCarry(call: JsonObject): Pick<GenerateRequest, 'carry'> {
  const { includeRawChunks } = call;
  const isAsked = includeRawChunks !== undefined && includeRawChunks !== null && includeRawChunks !== false;
  const format = call['responseFormat'];
  const headers = optionalObject(call, 'headers', '');
  const outer = { ...(isAsked ? { includeRawChunks } : {}), ...unknownFields(call, known) };
  return carryOf(Object.keys(outer).length === 0 ? undefined : outer, {
    headers: headers === undefined ? undefined : unknownFields(headers, new Set(namesOfClient(headers))),
    responseFormat: isJsonObject(format) ? unknownFields(format, formatKeys) : undefined,
    providerOptions: unknownOptions(call),
  });
}

function namesOfClient(headers: JsonObject): readonly string[] {
  return Object.keys(headers).filter((name) => name.toLowerCase() === 'user-agent');
}
