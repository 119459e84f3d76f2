import type { EmbeddingAnswer, EmbeddingRequest } from '../../model/embedding.ts';
import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import { carriedFields } from '../../model/protocol.ts';
import { withCarried } from '../wire/carried.ts';
import { isArray } from '../wire/fields.ts';
import { count } from '../wire/count.ts';
import { wire } from '../wire/said.ts';

/** A request for vectors as the body of `POST /embeddings`. Numbers are asked for as numbers: not every host knows base64. */
export function writeEmbeddingRequest({ model, inputs, dimensions, carry }: EmbeddingRequest): JsonObject {
  const input = inputs.map((one): Json => (one.kind === 'text' ? one.text : one.tokens));
  return withCarried(wire({ model, input, dimensions, encoding_format: 'float' }), carriedFields(carry, 'openai-chat'));
}

/** The vectors of a reply, in the order of the inputs. Throws `upstream_failed` where one is missing or is none. */
export function readEmbeddings(body: Json, inputs: number): EmbeddingAnswer {
  const data = isJsonObject(body) ? body['data'] : undefined;
  const vectors = new Map<number, readonly number[]>();
  for (const [place, entry] of (isArray(data) ? data : []).entries()) {
    if (!isJsonObject(entry)) continue;
    const vector = readVector(entry['embedding']);
    if (vector !== undefined) vectors.set(count(entry['index']) ?? place, vector);
  }
  const ordered = Array.from({ length: inputs }, (_, index) => vectors.get(index));
  const usage = isJsonObject(body) ? body['usage'] : undefined;
  const inputTokens = isJsonObject(usage) ? count(usage['prompt_tokens']) : undefined;
  const complete = ordered.filter((vector) => vector !== undefined);
  if (complete.length < inputs) {
    throw new FlashmuxError('upstream_failed', `The upstream sent ${complete.length} vectors for ${inputs} inputs.`);
  }
  return { vectors: complete, ...(inputTokens === undefined ? {} : { inputTokens }), notices: [] };
}

/** Some hosts answer in base64 whatever they were asked. */
function readVector(value: Json | undefined): readonly number[] | undefined {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value, 'base64');
    return bytes.length === 0 || bytes.length % 4 !== 0
      ? undefined
      : Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
  }
  if (!isArray(value) || value.length === 0) return undefined;
  const numbers = value.filter((one) => typeof one === 'number');
  return numbers.length === value.length ? numbers : undefined;
}
