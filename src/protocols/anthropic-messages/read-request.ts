import type { Json, JsonObject } from '../../model/json.ts';
import type { Delivery, GenerateRequest } from '../../model/request.ts';
import { unknownFields } from '../wire/carried.ts';
import { optionalBoolean, optionalNumber, optionalObject, refuse, requireObject, requiredString } from '../wire/fields.ts';
import { carryOf } from './carry-of.ts';
import { checkMarks } from './check-marks.ts';
import { readMessages } from './read-messages.ts';
import { readForm, readSampling, readThinking, unknownOfConfig } from './read-options.ts';
import { readToolChoice, readTools } from './read-tools.ts';

/** Every field of the body that has a word in the model. All others are carried, `metadata` and `service_tier` among them. */
const known = new Set([
  'model',
  'system',
  'messages',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'output_format',
  'stream',
]);

/** Reads the body of `POST /v1/messages`. Throws FlashmuxError (400) that names the first wrong field, where it stands and what would be right. */
export function readRequest(body: Json): GenerateRequest {
  const request = requireObject(body, '', 'a JSON object with model, max_tokens and messages');
  const maxTokens = readLimit(request);
  if (maxTokens === undefined) throw refuse('max_tokens', request['max_tokens'], 'a whole number of at least 1');
  return { ...readCounted(request, maxTokens), limits: { completionTokens: maxTokens } };
}

/** Reads the body of `POST /v1/messages/count_tokens`: the same without the wishes for an answer, which are read where they are said. */
export function readCountRequest(body: Json): GenerateRequest {
  const request = requireObject(body, '', 'a JSON object with model and messages');
  const maxTokens = readLimit(request);
  const counted = readCounted(request, maxTokens);
  return maxTokens === undefined ? counted : { ...counted, limits: { completionTokens: maxTokens } };
}

/** Tokens of thinking and answer together. 0 would ask Anthropic to fill its cache and say nothing, which no other host can. */
function readLimit(request: JsonObject): number | undefined {
  return optionalNumber(request, 'max_tokens', '', { min: 1, whole: true });
}

function readCounted(request: JsonObject, maxTokens: number | undefined): GenerateRequest {
  const model = requiredString(request, 'model', '', 'the id of a model');
  if (model === '') throw refuse('model', model, 'the id of a model');
  const turns = readMessages(request);
  checkMarks(request);
  checkMetadata(request);
  const { unknown: ownTools, ...tools } = readTools(request);
  const { unknown: inChoice, ...choice } = readToolChoice(request);
  const { unknown: inThinking, thinking } = readThinking(request, maxTokens);
  const { unknown: inForm, form } = readForm(request);
  const outer = unknownFields(request, known);
  return {
    model,
    turns,
    ...tools,
    ...choice,
    sampling: readSampling(request),
    limits: {},
    thinking,
    form,
    delivery: readDelivery(request),
    ...carryOf(ownTools === undefined ? outer : { ...outer, tools: ownTools }, {
      tool_choice: inChoice,
      thinking: inThinking,
      output_config: unknownOfConfig(request['output_config'], inForm),
    }),
  };
}

/** Carried, but checked: a wrong type here is a mistake of the caller and no field of the future. */
function checkMetadata(request: JsonObject): void {
  const metadata = optionalObject(request, 'metadata', '');
  const id = metadata?.['user_id'];
  if (id !== undefined && id !== null && typeof id !== 'string') throw refuse('metadata.user_id', id, 'a string');
}

/** Usage is part of every stream on this wire, so there is nothing to say about it. */
function readDelivery(request: JsonObject): Delivery {
  const stream = optionalBoolean(request, 'stream', '');
  return stream === true ? { kind: 'stream' } : { kind: 'whole', said: stream === false };
}
