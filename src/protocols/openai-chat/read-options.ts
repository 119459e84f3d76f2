import { FlashmuxError } from '../../model/fault.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Effort, GenerateRequest, LogprobsWish, OutputLimits, Sampling, Thinking } from '../../model/request.ts';
import { at, inRange, isArray, optionalBoolean, optionalChoice, optionalNumber, optionalObject, refuse } from '../wire/fields.ts';
import { said } from '../wire/said.ts';

/*
 * The options of a request that are numbers and switches. Ranges are those of the protocol: what every server of it may take. A
 * narrower range of one model, and each default, is the catalogue's.
 */

const maxStops = 4;
const penalty = { min: -2, max: 2 };
const count = { min: 1, whole: true } as const;

export function readSampling(body: JsonObject): Sampling {
  const topK = optionalNumber(body, 'top_k', '', { min: -1, whole: true });
  return said({
    temperature: optionalNumber(body, 'temperature', '', { min: 0, max: 2 }),
    topP: optionalNumber(body, 'top_p', '', { min: 0, max: 1 }),
    // vLLM and SGLang say "off" with -1, Alibaba and this model with 0.
    topK: topK === -1 ? 0 : topK,
    minP: optionalNumber(body, 'min_p', '', { min: 0, max: 1 }),
    frequencyPenalty: optionalNumber(body, 'frequency_penalty', '', penalty),
    presencePenalty: optionalNumber(body, 'presence_penalty', '', penalty),
    repetitionPenalty: optionalNumber(body, 'repetition_penalty', '', { above: 0 }),
    seed: optionalNumber(body, 'seed', '', { min: 0, whole: true }),
    stop: readStop(body['stop']),
    logitBias: readLogitBias(body),
  });
}

function readStop(value: Json | undefined): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return [value];
  const accepted = `a string or an array of up to ${maxStops} strings`;
  if (!isArray(value) || value.length > maxStops) throw refuse('stop', value, accepted);
  return value.map((text, index) => {
    if (typeof text !== 'string') throw refuse(`stop[${index}]`, text, 'a string');
    return text;
  });
}

function readLogitBias(body: JsonObject): Readonly<Record<string, number>> | undefined {
  const given = optionalObject(body, 'logit_bias', '');
  if (given === undefined) return undefined;
  const biases = Object.entries(given).map(([token, bias]): [string, number] => {
    const path = at('logit_bias', token.slice(0, 16));
    if (!/^\d{1,10}$/.test(token)) throw refuse(path, token, 'named by a token id');
    if (typeof bias !== 'number' || !inRange(bias, { min: -100, max: 100 }))
      throw refuse(path, bias, 'a number from -100 to 100');
    return [token, bias];
  });
  return Object.fromEntries(biases);
}

export function readLimits(body: JsonObject): OutputLimits {
  return said({
    answerTokens: optionalNumber(body, 'max_tokens', '', count),
    completionTokens: optionalNumber(body, 'max_completion_tokens', '', count),
  });
}

export function readLogprobs(body: JsonObject): LogprobsWish | undefined {
  const wanted = optionalBoolean(body, 'logprobs', '');
  const top = optionalNumber(body, 'top_logprobs', '', { min: 0, max: 20, whole: true });
  if (top !== undefined && wanted !== true) {
    throw new FlashmuxError('invalid_request', 'top_logprobs is set without logprobs; logprobs must be true.', {
      param: 'top_logprobs',
    });
  }
  return wanted === undefined ? undefined : { wanted, ...(top === undefined ? {} : { top }) };
}

const efforts: readonly Effort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

/**
 * Four ways to say the same on this wire: Alibaba's `enable_thinking` and `thinking_budget`, OpenAI's `reasoning_effort`, OpenRouter's
 * `reasoning` and vLLM's `chat_template_kwargs`. Two that contradict each other are refused, because either choice would be wrong for someone.
 * `reasoning_effort: "none"` stays an effort: that it switches thinking off is for the catalogue to apply.
 */
export function readThinking(body: JsonObject): Thinking {
  const reasoning = optionalObject(body, 'reasoning', '') ?? {};
  const template = optionalObject(body, 'chat_template_kwargs', '') ?? {};
  const enabled = agreed([
    ['enable_thinking', optionalBoolean(body, 'enable_thinking', '')],
    ['chat_template_kwargs.enable_thinking', optionalBoolean(template, 'enable_thinking', 'chat_template_kwargs')],
    ['reasoning.enabled', optionalBoolean(reasoning, 'enabled', 'reasoning')],
  ]);
  const extras = said({
    effort: agreed([
      ['reasoning_effort', optionalChoice(body, 'reasoning_effort', '', efforts)],
      ['reasoning.effort', optionalChoice(reasoning, 'effort', 'reasoning', efforts)],
    ]),
    budgetTokens: agreed([
      ['thinking_budget', optionalNumber(body, 'thinking_budget', '', count)],
      ['reasoning.max_tokens', optionalNumber(reasoning, 'max_tokens', 'reasoning', count)],
    ]),
    preserve: optionalBoolean(body, 'preserve_thinking', ''),
  });
  if (enabled === undefined) return { kind: 'unsaid', ...extras };
  return { kind: enabled ? 'on' : 'off', ...extras };
}

function agreed<Value>(sayings: readonly (readonly [path: string, value: Value | undefined])[]): Value | undefined {
  const heard = sayings.filter(([, value]) => value !== undefined);
  const first = heard[0];
  const other = heard.find(([, value]) => value !== first?.[1]);
  if (first !== undefined && other !== undefined) {
    const message = `${other[0]} is ${String(other[1])} and ${first[0]} is ${String(first[1])}; say one of them, or both the same.`;
    throw new FlashmuxError('invalid_request', message, { param: other[0] });
  }
  return first?.[1];
}

export function readVision(body: JsonObject): GenerateRequest['vision'] {
  const wish = said({
    highResolutionImages: optionalBoolean(body, 'vl_high_resolution_images', ''),
    maxPixels: optionalNumber(body, 'max_pixels', '', count),
    framesPerSecond: optionalNumber(body, 'video_fps', '', { min: 0.1, max: 10 }),
    imagesAsVideo: optionalBoolean(body, 'treat_images_as_video', ''),
  });
  return Object.keys(wish).length === 0 ? undefined : wish;
}

export function readServerTools(body: JsonObject): GenerateRequest['serverTools'] {
  const wishes = said({
    web_search: optionalBoolean(body, 'tool_web_search', ''),
    web_extractor: optionalBoolean(body, 'tool_web_extractor', ''),
    code_interpreter: optionalBoolean(body, 'tool_code_interpreter', ''),
    web_search_image: optionalBoolean(body, 'tool_web_search_image', ''),
    image_search: optionalBoolean(body, 'tool_image_search', ''),
  });
  return Object.keys(wishes).length === 0 ? undefined : wishes;
}
