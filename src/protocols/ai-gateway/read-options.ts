import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { AnswerForm, AudioWish, Effort, GenerateRequest, OutputLimits, Sampling, Thinking } from '../../model/request.ts';
import { unknownFields } from '../wire/carried.ts';
import {
  at,
  inRange,
  isArray,
  oneOf,
  optionalArray,
  optionalBoolean,
  optionalChoice,
  optionalNumber,
  optionalObject,
  optionalString,
  refuse,
  requiredString,
} from '../wire/fields.ts';
import { said } from '../wire/said.ts';
import { carryOf } from './carry-of.ts';
import { gatewayKeys, readAttribution, readRouting } from './routing-options.ts';

/*
 * The options of a call that are numbers and switches. The specification has the common ones; Alibaba's provider package names its own
 * under `providerOptions.alibaba` (@ai-sdk/alibaba 2), and what else the model of this program can say stands under
 * `providerOptions.flashmux`.
 */

/** The vendors' options of one call. */
export interface Options {
  readonly alibaba: JsonObject;
  readonly flashmux: JsonObject;
  readonly gateway: JsonObject;
}

const alibabaPath = 'providerOptions.alibaba';
const flashmuxPath = 'providerOptions.flashmux';
const maxStops = 4;
const penalty = { min: -2, max: 2 };
const count = { min: 1, whole: true } as const;
const share = { min: 0, max: 1 };

const alibabaKeys = new Set(['enableThinking', 'thinkingBudget', 'preserveThinking', 'parallelToolCalls']);
const flashmuxKeys = new Set([
  'minP',
  'repetitionPenalty',
  'logitBias',
  'maxCompletionTokens',
  'reasoningEffort',
  'strict',
  'logprobs',
  'topLogprobs',
  'prediction',
  'modalities',
  'audio',
  'highResolutionImages',
  'maxPixels',
  'videoFps',
  'imagesAsVideo',
  'webSearch',
  'webExtractor',
  'codeInterpreter',
  'webSearchImage',
  'imageSearch',
  'plainCitations',
]);

export function readOptions(body: JsonObject): Options {
  const options = optionalObject(body, 'providerOptions', '') ?? {};
  return {
    alibaba: optionalObject(options, 'alibaba', 'providerOptions') ?? {},
    flashmux: optionalObject(options, 'flashmux', 'providerOptions') ?? {},
    gateway: optionalObject(options, 'gateway', 'providerOptions') ?? {},
  };
}

const keysOf: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['alibaba', alibabaKeys],
  ['flashmux', flashmuxKeys],
  ['gateway', gatewayKeys],
]);

/** Options of other vendors, and unknown ones of those known here. */
export function unknownOptions(body: JsonObject): JsonObject | undefined {
  const options = body['providerOptions'];
  if (!isJsonObject(options)) return undefined;
  const left = Object.entries(options).flatMap(([vendor, words]): [string, Json][] => {
    const known = keysOf.get(vendor);
    if (known === undefined || !isJsonObject(words)) return words === null ? [] : [[vendor, words]];
    const unknown = unknownFields(words, known);
    return unknown === undefined ? [] : [[vendor, unknown]];
  });
  return left.length === 0 ? undefined : Object.fromEntries(left);
}

export function readSampling(body: JsonObject, { flashmux }: Options): Sampling {
  return said({
    temperature: optionalNumber(body, 'temperature', '', { min: 0, max: 2 }),
    topP: optionalNumber(body, 'topP', '', share),
    topK: optionalNumber(body, 'topK', '', { min: 0, whole: true }),
    minP: optionalNumber(flashmux, 'minP', flashmuxPath, share),
    frequencyPenalty: optionalNumber(body, 'frequencyPenalty', '', penalty),
    presencePenalty: optionalNumber(body, 'presencePenalty', '', penalty),
    repetitionPenalty: optionalNumber(flashmux, 'repetitionPenalty', flashmuxPath, { above: 0 }),
    seed: optionalNumber(body, 'seed', '', { min: 0, whole: true }),
    stop: readStop(body['stopSequences']),
    logitBias: readLogitBias(flashmux),
  });
}

function readStop(value: Json | undefined): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isArray(value) || value.length > maxStops) throw refuse('stopSequences', value, `an array of up to ${maxStops} strings`);
  return value.map((text, index) => {
    if (typeof text !== 'string') throw refuse(`stopSequences[${index}]`, text, 'a string');
    return text;
  });
}

function readLogitBias(flashmux: JsonObject): Readonly<Record<string, number>> | undefined {
  const given = optionalObject(flashmux, 'logitBias', flashmuxPath);
  if (given === undefined) return undefined;
  const biases = Object.entries(given).map(([token, bias]): [string, number] => {
    const path = at(`${flashmuxPath}.logitBias`, token.slice(0, 16));
    if (!/^\d{1,10}$/.test(token)) throw refuse(path, token, 'named by a token id');
    if (typeof bias !== 'number' || !inRange(bias, { min: -100, max: 100 }))
      throw refuse(path, bias, 'a number from -100 to 100');
    return [token, bias];
  });
  return Object.fromEntries(biases);
}

/** `maxOutputTokens` limits the answer without its thinking, as Alibaba's provider package sends it: as `max_tokens`. */
export function readLimits(body: JsonObject, { flashmux }: Options): OutputLimits {
  return said({
    answerTokens: optionalNumber(body, 'maxOutputTokens', '', count),
    completionTokens: optionalNumber(flashmux, 'maxCompletionTokens', flashmuxPath, count),
  });
}

const efforts: readonly Effort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

/** `reasoning` is specification 4's; 3 has no word for the effort. `provider-default` says nothing. */
export function readThinking(body: JsonObject, { alibaba, flashmux }: Options): Thinking {
  const enabled = optionalBoolean(alibaba, 'enableThinking', alibabaPath);
  const effort = optionalChoice(body, 'reasoning', '', ['provider-default', ...efforts] as const);
  const older = optionalChoice(flashmux, 'reasoningEffort', flashmuxPath, efforts);
  const extras = said({
    effort: effort === undefined || effort === 'provider-default' ? older : effort,
    budgetTokens: optionalNumber(alibaba, 'thinkingBudget', alibabaPath, count),
    preserve: optionalBoolean(alibaba, 'preserveThinking', alibabaPath),
  });
  if (enabled === undefined) return { kind: 'unsaid', ...extras };
  return { kind: enabled ? 'on' : 'off', ...extras };
}

/** A form without a name gets this one, which providers of the AI SDK give it too. */
export const formName = 'response';

export function readForm(body: JsonObject, { flashmux }: Options): AnswerForm {
  const path = 'responseFormat';
  const format = optionalObject(body, path, '');
  const strict = optionalBoolean(flashmux, 'strict', flashmuxPath);
  if (format === undefined) return { kind: 'unsaid' };
  const type = requiredString(format, 'type', path, oneOf(['text', 'json']));
  if (type === 'text') return { kind: 'plain' };
  if (type !== 'json') throw refuse(at(path, 'type'), type, oneOf(['text', 'json']));
  const schema = optionalObject(format, 'schema', path);
  const name = optionalString(format, 'name', path);
  const description = optionalString(format, 'description', path);
  if (schema === undefined && name === undefined) return { kind: 'json' };
  return { kind: 'schema', name: name ?? formName, ...said({ description, schema, strict }) };
}

export function readVision({ flashmux }: Options): GenerateRequest['vision'] {
  return unlessEmpty(
    said({
      highResolutionImages: optionalBoolean(flashmux, 'highResolutionImages', flashmuxPath),
      maxPixels: optionalNumber(flashmux, 'maxPixels', flashmuxPath, count),
      framesPerSecond: optionalNumber(flashmux, 'videoFps', flashmuxPath, { min: 0.1, max: 10 }),
      imagesAsVideo: optionalBoolean(flashmux, 'imagesAsVideo', flashmuxPath),
    }),
  );
}

export function readServerTools({ flashmux }: Options): GenerateRequest['serverTools'] {
  return unlessEmpty(
    said({
      web_search: optionalBoolean(flashmux, 'webSearch', flashmuxPath),
      web_extractor: optionalBoolean(flashmux, 'webExtractor', flashmuxPath),
      code_interpreter: optionalBoolean(flashmux, 'codeInterpreter', flashmuxPath),
      web_search_image: optionalBoolean(flashmux, 'webSearchImage', flashmuxPath),
      image_search: optionalBoolean(flashmux, 'imageSearch', flashmuxPath),
    }),
  );
}

function unlessEmpty<Wishes extends object>(wishes: Wishes): Wishes | undefined {
  return Object.keys(wishes).length === 0 ? undefined : wishes;
}

export function readLogprobs({ flashmux }: Options): GenerateRequest['logprobs'] {
  const wanted = optionalBoolean(flashmux, 'logprobs', flashmuxPath);
  const top = optionalNumber(flashmux, 'topLogprobs', flashmuxPath, { min: 0, max: 20, whole: true });
  if (top !== undefined && wanted !== true)
    throw refuse(`${flashmuxPath}.logprobs`, flashmux['logprobs'], 'true where topLogprobs is set');
  return wanted === undefined ? undefined : { wanted, ...(top === undefined ? {} : { top }) };
}

/** What stands alone. */
export function readSwitches({ alibaba, flashmux, gateway }: Options): Partial<GenerateRequest> {
  return said({
    parallelToolCalls: optionalBoolean(alibaba, 'parallelToolCalls', alibabaPath),
    prediction: optionalString(flashmux, 'prediction', flashmuxPath),
    plainCitations: optionalBoolean(flashmux, 'plainCitations', flashmuxPath),
    routing: readRouting(gateway),
    attribution: readAttribution(gateway),
  });
}

const modalities = ['text', 'audio'] as const;
const audioKeys = new Set(['format', 'voice']);

export function readSound({ flashmux }: Options): Pick<GenerateRequest, 'modalities' | 'audio'> {
  const path = at(flashmuxPath, 'modalities');
  const list = optionalArray(flashmux, 'modalities', flashmuxPath);
  if (list?.length === 0) throw refuse(path, list, 'an array of "text" and "audio"');
  const wanted = list?.map((value, index) => {
    const word = modalities.find((modality) => modality === value);
    if (word === undefined) throw refuse(`${path}[${index}]`, value, oneOf(modalities));
    return word;
  });
  const audio = readAudio(flashmux);
  if (wanted?.includes('audio') === true && audio === undefined) {
    throw refuse(at(flashmuxPath, 'audio'), undefined, 'an object with voice and format, because modalities asks for "audio"');
  }
  return said({ modalities: wanted, audio });
}

function readAudio(flashmux: JsonObject): AudioWish | undefined {
  const path = at(flashmuxPath, 'audio');
  const audio = optionalObject(flashmux, 'audio', flashmuxPath);
  if (audio === undefined) return undefined;
  return {
    format: requiredString(audio, 'format', path, 'the name of a sound format, such as "wav"'),
    voice: requiredString(audio, 'voice', path, 'the name of a voice'),
    ...carryOf(unknownFields(audio, audioKeys)),
  };
}
