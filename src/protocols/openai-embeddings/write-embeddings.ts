import type { Bill } from '../../model/event.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { Usage } from '../../model/usage.ts';
import { wire } from '../wire/said.ts';
import { writeNotice } from '../wire/notice-objects.ts';
import { writeMeta } from '../openai-chat/write-usage.ts';
import { costFields } from '../wire/cost-fields.ts';
import type { VectorEncoding } from './read-embedding-request.ts';

export interface WrittenEmbeddings {
  readonly id: string;
  readonly model: string;
  readonly provider: string;
  readonly vectors: readonly (readonly number[])[];
  readonly usage: Usage;
  readonly bill: Bill;
  readonly notices: readonly Notice[];
  readonly encoding: VectorEncoding;
  readonly creditsPerUsd: bigint;
}

/** The reply of `POST /embeddings`: OpenAI's, with what it cost as in every other answer. */
export function writeEmbeddings(answer: WrittenEmbeddings): JsonObject {
  const { id, model, provider, vectors, usage, bill, notices, encoding, creditsPerUsd } = answer;
  const tokens = usage.input.total ?? 0;
  return wire({
    id,
    object: 'list',
    data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: writeVector(vector, encoding) })),
    model,
    provider,
    usage: wire({
      prompt_tokens: tokens,
      total_tokens: tokens,
      estimated: usage.estimated === true ? true : undefined,
      ...costFields(bill),
    }),
    meta: writeMeta(bill, creditsPerUsd),
    notices: notices.length === 0 ? undefined : notices.map(writeNotice),
  });
}

/** Base64 holds 32-bit floats, the lowest byte first. OpenAI's clients ask for it and unpack it themselves. */
function writeVector(vector: readonly number[], encoding: VectorEncoding): Json {
  if (encoding === 'float') return vector;
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString('base64');
}
