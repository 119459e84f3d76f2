import { openaiCompletionsSchemas } from '../../protocols/openai-completions/schema.ts';
import type { DialectAbout } from '../dialect-about.ts';

export const openaiCompletionsAbout: DialectAbout = {
  title: 'Completions',
  description:
    'The older API of OpenAI: a text that goes on. The embedded engine continues the text itself, without a chat around it.',
  calls: { '/v1/completions': { operationId: 'createCompletion', summary: 'Continue a text' } },
  schemas: openaiCompletionsSchemas,
  example: { model: 'qwen3.5-flash', prompt: 'Once upon a time' },
  samples: [
    {
      client: 'curl',
      language: 'sh',
      code: `curl {base}/v1/completions \\
  -H "Authorization: Bearer $FLASHMUX_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"model": "qwen3.5-flash", "prompt": "Once upon a time"}'`,
    },
    {
      client: 'openai (TypeScript)',
      language: 'ts',
      code: `import OpenAI from 'openai';

const client = new OpenAI({ baseURL: '{base}/v1', apiKey: process.env.FLASHMUX_KEY });
const answer = await client.completions.create({ model: 'qwen3.5-flash', prompt: 'Once upon a time' });`,
    },
  ],
};
