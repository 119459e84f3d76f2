import { openaiEmbeddingsAbout } from '../../dialects/openai-embeddings/openai-embeddings-about.ts';
import { ref } from '../../model/json-schema.ts';
import type { RouteAbout } from '../route-about.ts';

function embeddings(operationId: string, group: string): RouteAbout {
  const { definitions, request, answer, example } = openaiEmbeddingsAbout;
  return {
    operationId,
    group,
    summary: 'Vectors of texts',
    request: { schema: ref(request), examples: { call: { summary: 'One text', value: example } } },
    answers: { '200': { description: 'One vector for each input.', content: { 'application/json': ref(answer) } } },
    faults: 'all',
    definitions,
  };
}

export const embeddingsAbouts: Readonly<Record<string, RouteAbout>> = {
  'POST /v1/embeddings': embeddings('createEmbeddings', 'Embeddings'),
  'POST /api/v1/embeddings': embeddings('createOpenrouterEmbeddings', 'OpenRouter'),
};
