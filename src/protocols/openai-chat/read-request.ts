import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { AnswerForm, AudioWish, Delivery, GenerateRequest } from '../../model/request.ts';
import { unknownFields } from '../wire/carried.ts';
import { carryOf } from './carry-of.ts';
import {
  at,
  isArray,
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
import { readContent } from './read-content.ts';
import { readMessages } from './read-messages.ts';
import { readLimits, readLogprobs, readSampling, readServerTools, readThinking, readVision } from './read-options.ts';
import { readName, readToolFields } from './read-tools.ts';
import { readUser } from '../wire/read-attribution.ts';
import { said } from '../wire/said.ts';

/** Every field of the body that has a word in the model. All others are carried. */
const known = new Set([
  'model',
  'messages',
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
  'max_tokens',
  'max_completion_tokens',
  'n',
  'logprobs',
  'top_logprobs',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'functions',
  'function_call',
  'response_format',
  'stream',
  'stream_options',
  'modalities',
  'audio',
  'prediction',
  'enable_thinking',
  'thinking_budget',
  'reasoning_effort',
  'reasoning',
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
const typeOnly = new Set(['type']);
const formatKeys = new Set(['type', 'json_schema']);
const schemaKeys = new Set(['name', 'description', 'schema', 'strict']);
const predictionKeys = new Set(['type', 'content']);
const streamKeys = new Set(['include_usage']);
const audioKeys = new Set(['format', 'voice']);

/**
 * Reads the body of `POST /chat/completions`: OpenAI's parameters, Alibaba's, AI/ML API's and EmpirioLabs' (seeds 002 and 003), and
 * OpenRouter's `reasoning`. Throws FlashmuxError (400) that names the first wrong field, where it stands and what would be right.
 */
export function readRequest(body: Json): GenerateRequest {
  const request = requireObject(body, '', 'a JSON object with model and messages');
  const model = requiredString(request, 'model', '', 'the id of a model');
  if (model === '') throw refuse('model', model, 'the id of a model');
  return {
    model,
    turns: readMessages(request['messages']),
    ...readToolFields(request),
    sampling: readSampling(request),
    limits: readLimits(request),
    thinking: readThinking(request),
    form: readForm(request),
    delivery: readDelivery(request),
    ...said({
      answers: optionalNumber(request, 'n', '', { min: 1, max: 128, whole: true }),
      logprobs: readLogprobs(request),
      vision: readVision(request),
      prediction: readPrediction(request),
      serverTools: readServerTools(request),
      plainCitations: optionalBoolean(request, 'disable_formatting', ''),
      attribution: readAttribution(request),
    }),
    ...readSound(request),
    ...readCarry(request),
  };
}

/** Both fields go on to the host as they are, too. An empty one, which some clients send, names nobody. */
function readAttribution(request: JsonObject): GenerateRequest['attribution'] {
  const [user] = ['user', 'safety_identifier'].flatMap((key) => (request[key] === '' ? [] : (readUser(request, key, '') ?? [])));
  return user === undefined ? undefined : { user };
}

function readCarry(request: JsonObject): Pick<GenerateRequest, 'carry'> {
  return carryOf(unknownFields(request, known), {
    reasoning: unknownIn(request['reasoning'], reasoningKeys),
    chat_template_kwargs: unknownIn(request['chat_template_kwargs'], templateKeys),
    prediction: unknownIn(request['prediction'], predictionKeys),
    response_format: unknownInFormat(request['response_format']),
  });
}

function unknownInFormat(format: Json | undefined): JsonObject | undefined {
  if (!isJsonObject(format)) return undefined;
  if (format['type'] !== 'json_schema') return unknownFields(format, typeOnly);
  const extras = unknownFields(format, formatKeys);
  const inner = unknownIn(format['json_schema'], schemaKeys);
  return inner === undefined ? extras : { ...extras, json_schema: inner };
}

/** The guards have run before this: what is no object here was null. */
function unknownIn(inner: Json | undefined, keys: ReadonlySet<string>): JsonObject | undefined {
  return isJsonObject(inner) ? unknownFields(inner, keys) : undefined;
}

const formats = ['text', 'json_object', 'json_schema'];

function readForm(request: JsonObject): AnswerForm {
  const format = optionalObject(request, 'response_format', '');
  if (format === undefined) return { kind: 'unsaid' };
  const type = requiredString(format, 'type', 'response_format', oneOf(formats));
  switch (type) {
    case 'text':
      return { kind: 'plain' };
    case 'json_object':
      return { kind: 'json' };
    case 'json_schema': {
      const path = 'response_format.json_schema';
      const inner = requireObject(format['json_schema'], path, 'an object with name and schema');
      return {
        kind: 'schema',
        name: readName(inner, path),
        ...said({
          description: optionalString(inner, 'description', path),
          schema: optionalObject(inner, 'schema', path),
          strict: optionalBoolean(inner, 'strict', path),
        }),
      };
    }
    default:
      throw refuse('response_format.type', type, oneOf(formats));
  }
}

function readDelivery(request: JsonObject): Delivery {
  const stream = optionalBoolean(request, 'stream', '');
  const options = optionalObject(request, 'stream_options', '');
  if (stream !== true) {
    if (options === undefined) return { kind: 'whole', said: stream === false };
    throw new FlashmuxError('invalid_request', 'stream_options is set without a stream; stream must be true.', {
      param: 'stream_options',
    });
  }
  if (options === undefined) return { kind: 'stream' };
  const usage = optionalBoolean(options, 'include_usage', 'stream_options');
  return { kind: 'stream', ...(usage === undefined ? {} : { usage }), ...carryOf(unknownFields(options, streamKeys)) };
}

const modalities = ['text', 'audio'] as const;
const soundFormats = ['wav', 'mp3', 'flac', 'opus', 'pcm16', 'aac'];

function readSound(request: JsonObject): Pick<GenerateRequest, 'modalities' | 'audio'> {
  const wanted = readModalities(request);
  const audio = readAudio(request);
  if (wanted?.includes('audio') === true && audio === undefined) {
    throw refuse('audio', undefined, 'an object with voice and format, because modalities asks for "audio"');
  }
  return said({ modalities: wanted, audio });
}

function readModalities(request: JsonObject): GenerateRequest['modalities'] {
  const list = optionalArray(request, 'modalities', '');
  if (list?.length === 0) throw refuse('modalities', list, 'an array of "text" and "audio"');
  return list?.map((value, index) => {
    const word = modalities.find((modality) => modality === value);
    if (word === undefined) throw refuse(`modalities[${index}]`, value, oneOf(modalities));
    return word;
  });
}

function readAudio(request: JsonObject): AudioWish | undefined {
  const audio = optionalObject(request, 'audio', '');
  if (audio === undefined) return undefined;
  const format = requiredString(audio, 'format', 'audio', oneOf(soundFormats));
  if (!soundFormats.includes(format)) throw refuse('audio.format', format, oneOf(soundFormats));
  return {
    format,
    voice: requiredString(audio, 'voice', 'audio', 'the name of a voice'),
    ...carryOf(unknownFields(audio, audioKeys)),
  };
}

/** Predicted output: text, or text parts, which are joined. */
function readPrediction(request: JsonObject): string | undefined {
  const prediction = optionalObject(request, 'prediction', '');
  if (prediction === undefined) return undefined;
  if (prediction['type'] !== 'content') throw refuse('prediction.type', prediction['type'], '"content"');
  const content = prediction['content'];
  if (typeof content === 'string') return content;
  const path = at('prediction', 'content');
  if (!isArray(content)) throw refuse(path, content, 'a string or an array of text parts');
  return readContent(content, path)
    .map((part, index) => {
      if (part.kind !== 'text') throw refuse(`${path}[${index}].type`, part.kind, '"text"');
      return part.text;
    })
    .join('');
}
