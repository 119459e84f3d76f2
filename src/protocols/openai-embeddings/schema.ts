import { anyOf, exactly, listOf, objectOf, option, recordOf, said, text, wholeFrom, wordOf } from '../../model/json-schema.ts';
import type { JsonObject } from '../../model/json.ts';
import { beside, costs, count, host, sharedDefinitions } from '../openai-chat/shared-schema.ts';

const tokens = listOf(wholeFrom(0), { minItems: 1 });
const filled: JsonObject = { ...text, minLength: 1 };

export const embeddingDefinitions: Readonly<Record<string, JsonObject>> = {
  ...sharedDefinitions,
  EmbeddingRequest: objectOf(
    {
      model: said('Id of a model with the feature embeddings. `GET /v1/models` lists them.', filled),
      input: said(
        'One text, or several; texts may be given as token ids.',
        anyOf(filled, tokens, listOf(anyOf(filled, tokens), { minItems: 1, maxItems: 2048 })),
      ),
      dimensions: option('Length of the vectors, for models that have several.', wholeFrom(1)),
      encoding_format: option(
        'How a vector is written: as numbers, or as base64 of 32-bit floats, the lowest byte first.',
        wordOf('float', 'base64'),
      ),
    },
    ['model', 'input'],
  ),
  EmbeddingList: objectOf(
    {
      id: text,
      object: exactly('list'),
      data: said(
        'One for each input, in their order.',
        listOf(recordOf({ object: exactly('embedding'), index: count, embedding: anyOf(listOf({ type: 'number' }), text) })),
      ),
      model: text,
      provider: host,
      ...beside,
      usage: objectOf({ prompt_tokens: count, total_tokens: count, estimated: { const: true }, ...costs() }, [
        'prompt_tokens',
        'total_tokens',
      ]),
    },
    ['id', 'object', 'data', 'model', 'provider', 'usage', 'meta'],
  ),
};
