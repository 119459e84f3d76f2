import { readEmbeddingRequest, type ReadEmbedding } from '../../protocols/openai-embeddings/read-embedding-request.ts';
import { writeEmbeddings, type WrittenEmbeddings } from '../../protocols/openai-embeddings/write-embeddings.ts';
import type { Json, JsonObject } from '../../model/json.ts';

/** OpenAI's embeddings. They are no answer of a model that speaks, so they have no stream and are no Dialect; their errors are those of the path. */
export const openaiEmbeddingsDialect: EmbeddingDialect = {
  paths: ['/v1/embeddings', '/api/v1/embeddings'],
  readRequest: readEmbeddingRequest,
  writeAnswer: writeEmbeddings,
};

export interface EmbeddingDialect {
  readonly paths: readonly string[];
  /** Throws FlashmuxError (400) with the path of the first thing that is wrong. */
  readRequest(body: Json): ReadEmbedding;
  writeAnswer(answer: WrittenEmbeddings): JsonObject;
}
