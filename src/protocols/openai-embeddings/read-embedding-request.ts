import type { Prompt } from '../../model/continuation.ts';
import type { EmbeddingRequest } from '../../model/embedding.ts';
import type { Json } from '../../model/json.ts';
import { unknownFields } from '../wire/carried.ts';
import { carryOf } from '../openai-chat/carry-of.ts';
import { isArray, optionalChoice, optionalNumber, refuse, requiredString, requireObject } from '../wire/fields.ts';
import { said } from '../wire/said.ts';

const known = new Set(['model', 'input', 'dimensions', 'encoding_format']);
/** What OpenAI takes in one request. */
const mostInputs = 2048;

export type VectorEncoding = 'float' | 'base64';

export interface ReadEmbedding {
  readonly request: EmbeddingRequest;
  readonly encoding: VectorEncoding;
}

/** Reads the body of `POST /embeddings`. Throws FlashmuxError (400) with the path of the first thing that is wrong. */
export function readEmbeddingRequest(body: Json): ReadEmbedding {
  const given = requireObject(body, '', 'a JSON object with model and input');
  const model = requiredString(given, 'model', '', 'the id of a model');
  if (model === '') throw refuse('model', model, 'the id of a model');
  return {
    request: {
      model,
      inputs: readInputs(given['input']),
      ...said({ dimensions: optionalNumber(given, 'dimensions', '', { min: 1, whole: true }) }),
      ...carryOf(unknownFields(given, known)),
    },
    encoding: optionalChoice(given, 'encoding_format', '', ['float', 'base64'] as const) ?? 'float',
  };
}

function readInputs(value: Json | undefined): readonly Prompt[] {
  if (typeof value === 'string') return [readInput(value, 'input')];
  const accepted = 'a string, an array of strings, an array of token ids, or an array of such arrays';
  if (!isArray(value) || value.length === 0) throw refuse('input', value, accepted);
  if (typeof value[0] === 'number') return [readInput(value, 'input')];
  if (value.length > mostInputs) throw refuse('input', value, `an array of at most ${mostInputs} inputs`);
  return value.map((input, index) => readInput(input, `input[${index}]`));
}

function readInput(value: Json, path: string): Prompt {
  if (typeof value === 'string' && value !== '') return { kind: 'text', text: value };
  if (!isArray(value) || value.length === 0) throw refuse(path, value, 'a string that is not empty, or an array of token ids');
  const tokens = value.map((token, index) => {
    if (typeof token === 'number' && Number.isSafeInteger(token) && token >= 0) return token;
    throw refuse(`${path}[${index}]`, token, 'a token id: a whole number from 0');
  });
  return { kind: 'tokens', tokens };
}
