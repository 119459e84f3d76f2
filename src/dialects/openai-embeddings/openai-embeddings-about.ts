import type { JsonObject } from '../../model/json.ts';
import { embeddingDefinitions } from '../../protocols/openai-embeddings/schema.ts';

/** What the OpenAPI document says of embeddings. */
export const openaiEmbeddingsAbout = {
  definitions: embeddingDefinitions,
  /** Names among the definitions. */
  request: 'EmbeddingRequest',
  answer: 'EmbeddingList',
  example: { model: 'text-embedding', input: ['Say hello.'] },
} as const satisfies {
  readonly definitions: Readonly<Record<string, JsonObject>>;
  readonly request: string;
  readonly answer: string;
  readonly example: JsonObject;
};
