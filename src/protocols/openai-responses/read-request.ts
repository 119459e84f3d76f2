import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { AnswerForm, Delivery, GenerateRequest, LogprobsWish } from '../../model/request.ts';
import type { Turn } from '../../model/turn.ts';
import { unknownFields } from '../wire/carried.ts';
import {
  oneOf,
  optionalArray,
  optionalBoolean,
  optionalNumber,
  optionalObject,
  optionalString,
  refuse,
  requireObject,
  requiredString,
} from '../wire/fields.ts';
import { readSampling, readThinking, readVision } from '../openai-chat/read-options.ts';
import { readName } from '../openai-chat/read-tools.ts';
import { said } from '../wire/said.ts';
import { carryOf } from './carry-of.ts';
import { readInput } from './read-items.ts';
import { readToolFields } from './read-tools.ts';

/** Every field of the body that has a word in the model. All others are carried. */
const known = new Set([
  'model',
  'input',
  'instructions',
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'frequency_penalty',
  'presence_penalty',
  'repetition_penalty',
  'seed',
  'stop',
  'logit_bias',
  'max_output_tokens',
  'top_logprobs',
  'include',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'text',
  'reasoning',
  'stream',
  'stream_options',
  'enable_thinking',
  'thinking_budget',
  'reasoning_effort',
  'preserve_thinking',
  'chat_template_kwargs',
  'vl_high_resolution_images',
  'max_pixels',
  'video_fps',
  'treat_images_as_video',
  'tool_web_search',
  'tool_web_extractor',
  'tool_code_interpreter',
  'tool_web_search_image',
  'tool_image_search',
  'disable_formatting',
]);
const reasoningKeys = new Set(['effort', 'max_tokens', 'enabled']);
const templateKeys = new Set(['enable_thinking']);
const textKeys = new Set(['format']);
const formatKeys = new Set(['type', 'name', 'description', 'schema', 'strict']);
const typeOnly = new Set(['type']);

/** What a caller puts into `include` to get log probabilities. */
export const logprobsInclude = 'message.output_text.logprobs';

/** Fields under which earlier items stand that are not in this body. */
const elsewhere = ['previous_response_id', 'conversation', 'prompt'];

/**
 * Reads the body of `POST /responses`: OpenAI's parameters, and those that EmpirioLabs (seed 002) and Alibaba add to all their APIs.
 * Throws FlashmuxError (400) that names the first wrong field, where it stands and what would be right.
 */
export function readRequest(body: Json): GenerateRequest {
  const request = requireObject(body, '', 'a JSON object with model and input');
  const model = requiredString(request, 'model', '', 'the id of a model');
  if (model === '') throw refuse('model', model, 'the id of a model');
  const logprobs = readLogprobs(request);
  const tools = readToolFields(request);
  return {
    model,
    turns: readTurns(request),
    ...tools.words,
    sampling: readSampling(request),
    limits: said({ completionTokens: optionalNumber(request, 'max_output_tokens', '', { min: 1, whole: true }) }),
    thinking: readThinking(request),
    form: readForm(request),
    delivery: readDelivery(request),
    ...said({
      logprobs: logprobs.wish,
      vision: readVision(request),
      plainCitations: optionalBoolean(request, 'disable_formatting', ''),
    }),
    ...carryOf(unknownFields(request, known), {
      reasoning: unknownIn(request['reasoning'], reasoningKeys),
      chat_template_kwargs: unknownIn(request['chat_template_kwargs'], templateKeys),
      text: unknownInText(request['text']),
      ...logprobs.carried,
      ...tools.carried,
    }),
  };
}

/** `instructions` are the first word of the system. */
function readTurns(request: JsonObject): readonly Turn[] {
  const instructions = optionalString(request, 'instructions', '') ?? '';
  const mayHaveCalls = elsewhere.some((key) => request[key] !== undefined && request[key] !== null);
  const turns = readInput(request['input'], { mayHaveCalls });
  return instructions === '' ? turns : [{ role: 'system', parts: [{ kind: 'text', text: instructions }] }, ...turns];
}

interface ReadLogprobs {
  readonly wish: LogprobsWish | undefined;
  readonly carried: Readonly<Record<string, Json | undefined>>;
}

/** Log probabilities are wished for in `include`; `top_logprobs` alone brings none (OpenAI API reference), so it is only carried. */
function readLogprobs(request: JsonObject): ReadLogprobs {
  const include = optionalArray(request, 'include', '') ?? [];
  for (const [index, value] of include.entries()) {
    if (typeof value !== 'string') throw refuse(`include[${index}]`, value, 'a string such as "reasoning.encrypted_content"');
  }
  const top = optionalNumber(request, 'top_logprobs', '', { min: 0, max: 20, whole: true });
  const others = include.filter((value) => value !== logprobsInclude);
  const wanted = others.length < include.length;
  return {
    wish: wanted ? { wanted, ...said({ top }) } : undefined,
    carried: { include: others.length === 0 ? undefined : others, top_logprobs: wanted ? undefined : top },
  };
}

const formats = ['text', 'json_object', 'json_schema'];

function readForm(request: JsonObject): AnswerForm {
  const text = optionalObject(request, 'text', '');
  const format = text === undefined ? undefined : optionalObject(text, 'format', 'text');
  if (format === undefined) return { kind: 'unsaid' };
  const path = 'text.format';
  const type = requiredString(format, 'type', path, oneOf(formats));
  switch (type) {
    case 'text':
      return { kind: 'plain' };
    case 'json_object':
      return { kind: 'json' };
    case 'json_schema':
      return {
        kind: 'schema',
        name: readName(format, path),
        ...said({
          description: optionalString(format, 'description', path),
          schema: optionalObject(format, 'schema', path),
          strict: optionalBoolean(format, 'strict', path),
        }),
      };
    default:
      throw refuse(`${path}.type`, type, oneOf(formats));
  }
}

/** The guards have run before this: what is no object here was null. */
function unknownIn(inner: Json | undefined, keys: ReadonlySet<string>): JsonObject | undefined {
  return isJsonObject(inner) ? unknownFields(inner, keys) : undefined;
}

/** `verbosity`, and what a format says beyond its words. */
function unknownInText(text: Json | undefined): JsonObject | undefined {
  if (!isJsonObject(text)) return undefined;
  const { format } = text;
  const isSchema = isJsonObject(format) && format['type'] === 'json_schema';
  const inner = unknownIn(format, isSchema ? formatKeys : typeOnly);
  const outer = unknownFields(text, textKeys);
  return inner === undefined ? outer : { ...outer, format: inner };
}

function readDelivery(request: JsonObject): Delivery {
  const stream = optionalBoolean(request, 'stream', '');
  const options = optionalObject(request, 'stream_options', '');
  if (stream === true) return { kind: 'stream', ...carryOf(options) };
  if (options === undefined) return { kind: 'whole', said: stream === false };
  throw new FlashmuxError('invalid_request', 'stream_options is set without a stream; stream must be true.', {
    param: 'stream_options',
  });
}
