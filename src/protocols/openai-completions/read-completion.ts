import type { Json, JsonObject } from '../../model/json.ts';
import { promptTurns, type Prompt } from '../../model/continuation.ts';
import { FlashmuxError } from '../../model/fault.ts';
import type { Delivery, GenerateRequest } from '../../model/request.ts';
import { unknownFields } from '../wire/carried.ts';
import { carryOf } from '../openai-chat/carry-of.ts';
import {
  isArray,
  optionalBoolean,
  optionalNumber,
  optionalObject,
  optionalString,
  refuse,
  requiredString,
  requireObject,
} from '../wire/fields.ts';
import { readSampling } from '../openai-chat/read-options.ts';
import { said } from '../wire/said.ts';

const known = new Set([
  'model',
  'prompt',
  'suffix',
  'echo',
  'best_of',
  'n',
  'logprobs',
  'max_tokens',
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
  'stream',
  'stream_options',
]);
const streamKeys = new Set(['include_usage']);

/** What the API documents for callers who say nothing. Without it a text that never ends would be written to the model's limit. */
const usualTokens = 16;
const mostPrompts = 64;
const mostLogprobs = 5;
const mostAnswers = { min: 1, max: 20, whole: true } as const;

/** Reads the body of `POST /completions`. Throws FlashmuxError (400) with the path of the first thing that is wrong. */
export function readCompletion(body: Json): GenerateRequest {
  const request = requireObject(body, '', 'a JSON object with model and prompt');
  const model = requiredString(request, 'model', '', 'the id of a model');
  if (model === '') throw refuse('model', model, 'the id of a model');
  const [prompt, ...more] = readPrompts(request['prompt']);
  const suffix = optionalString(request, 'suffix', '');
  const echo = optionalBoolean(request, 'echo', '');
  const delivery = readDelivery(request);
  const choice = readChoice(request, delivery);
  if (echo === true) refuseEcho(request, [prompt, ...more]);
  return {
    model,
    turns: promptTurns(prompt),
    tools: [],
    sampling: readSampling(request),
    limits: { answerTokens: optionalNumber(request, 'max_tokens', '', { min: 1, whole: true }) ?? usualTokens },
    // A thought has no place in a text that goes on.
    thinking: { kind: 'off' },
    form: { kind: 'unsaid' },
    delivery,
    ...choice.asked,
    continues: {
      prompt,
      ...(more.length === 0 ? {} : { more }),
      // OpenAI's clients send an empty suffix where none is wanted.
      ...(suffix === undefined || suffix === '' ? {} : { suffix }),
      ...(echo === undefined ? {} : { echo }),
      ...choice.kept,
    },
    ...carryOf(unknownFields(request, known)),
  };
}

/** A text, a list of token ids, or a list of either. Nothing at all is the empty text, with which a document begins. */
function readPrompts(value: Json | undefined): readonly [Prompt, ...Prompt[]] {
  const accepted = 'a string, an array of strings, an array of token ids, or an array of such arrays';
  if (value === undefined || value === null) return [{ kind: 'text', text: '' }];
  if (typeof value === 'string') return [{ kind: 'text', text: value }];
  if (!isArray(value) || value.length === 0) throw refuse('prompt', value, accepted);
  if (typeof value[0] === 'number') return [readTokens(value, 'prompt')];
  if (value.length > mostPrompts) throw refuse('prompt', value, `an array of at most ${mostPrompts} prompts`);
  const [first, ...rest] = value.map((item, index): Prompt => {
    if (typeof item === 'string') return { kind: 'text', text: item };
    if (isArray(item) && item.length > 0) return readTokens(item, `prompt[${index}]`);
    throw refuse(`prompt[${index}]`, item, 'a string or an array of token ids');
  });
  if (first === undefined) throw refuse('prompt', value, accepted);
  return [first, ...rest];
}

function readTokens(value: readonly Json[], path: string): Prompt {
  const tokens = value.map((token, index) => {
    if (typeof token !== 'number' || !Number.isSafeInteger(token) || token < 0) {
      throw refuse(`${path}[${index}]`, token, 'a token id: a whole number from 0');
    }
    return token;
  });
  return { kind: 'tokens', tokens };
}

interface ReadChoice {
  readonly asked: Pick<GenerateRequest, 'answers' | 'logprobs'>;
  readonly kept: { readonly keep?: number; readonly hidesLogprobs?: true };
}

/** `best_of` answers are written, of which the likeliest `n` are given: that takes their probabilities. */
function readChoice(request: JsonObject, delivery: Delivery): ReadChoice {
  const answers = optionalNumber(request, 'n', '', mostAnswers);
  const written = optionalNumber(request, 'best_of', '', mostAnswers);
  const top = optionalNumber(request, 'logprobs', '', { min: 0, max: mostLogprobs, whole: true });
  const asked = said({ answers, logprobs: top === undefined ? undefined : { wanted: true, top } });
  if (written === undefined || written === (answers ?? 1)) return { asked, kept: {} };
  if (written < (answers ?? 1)) throw refuse('best_of', written, `a number from n (${answers ?? 1})`);
  if (delivery.kind === 'stream') {
    const message = 'best_of chooses among complete answers, so it cannot be streamed. Leave out stream or best_of.';
    throw new FlashmuxError('invalid_request', message, { param: 'best_of' });
  }
  return {
    asked: { answers: written, logprobs: { wanted: true, top: top ?? 0 } },
    kept: { keep: answers ?? 1, ...(top === undefined ? { hidesLogprobs: true } : {}) },
  };
}

function refuseEcho(request: JsonObject, prompts: readonly Prompt[]): void {
  if (prompts.some(({ kind }) => kind === 'tokens')) {
    throw new FlashmuxError('unsupported_value', 'echo repeats prompts of text; send the prompt as a string.', { param: 'echo' });
  }
  if ((request['logprobs'] ?? null) !== null) {
    const message = 'The probabilities of a prompt are not told; leave out echo or logprobs.';
    throw new FlashmuxError('unsupported_value', message, { param: 'logprobs' });
  }
}

function readDelivery(request: JsonObject): Delivery {
  const stream = optionalBoolean(request, 'stream', '');
  const options = optionalObject(request, 'stream_options', '');
  if (stream !== true) {
    if (options === undefined) return { kind: 'whole', said: stream === false };
    const message = 'stream_options is set without a stream; stream must be true.';
    throw new FlashmuxError('invalid_request', message, { param: 'stream_options' });
  }
  const usage = options === undefined ? undefined : optionalBoolean(options, 'include_usage', 'stream_options');
  const unknown = options === undefined ? undefined : unknownFields(options, streamKeys);
  return { kind: 'stream', ...(usage === undefined ? {} : { usage }), ...carryOf(unknown) };
}
