import type { DialectAbout } from '../dialect-about.ts';
import { openrouterCompletionsSchemas, openrouterSchemas } from './openrouter-schema.ts';

const title = 'OpenRouter';
const description =
  'The API of OpenRouter below `/api/v1`: chat completions that choose among hosts and models, and what can be looked up about both.';

export const openrouterAbout: DialectAbout = {
  title,
  description,
  calls: {
    '/api/v1/chat/completions': {
      operationId: 'createOpenrouterChatCompletion',
      summary: 'Answer a conversation, by the hosts that you prefer',
    },
  },
  schemas: openrouterSchemas,
  example: { model: 'qwen/qwen3.5-flash', messages: [{ role: 'user', content: 'Say hello.' }], provider: { sort: 'price' } },
  samples: [
    {
      client: 'curl',
      language: 'sh',
      code: `curl {base}/api/v1/chat/completions \\
  -H "Authorization: Bearer $FLASHMUX_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"model": "qwen3.5-flash", "messages": [{"role": "user", "content": "Say hello."}]}'`,
    },
    {
      client: '@openrouter/sdk',
      language: 'ts',
      code: `import { OpenRouter } from '@openrouter/sdk';

const client = new OpenRouter({ serverURL: '{base}/api/v1', apiKey: process.env.FLASHMUX_KEY });
const answer = await client.chat.send({
  chatRequest: { model: 'qwen3.5-flash', messages: [{ role: 'user', content: 'Say hello.' }] },
});`,
    },
    {
      client: 'AI SDK',
      language: 'ts',
      code: `import { createOpenRouter } from '@openrouter/ai-sdk-provider';
import { generateText } from 'ai';

const openrouter = createOpenRouter({ baseURL: '{base}/api/v1', apiKey: process.env.FLASHMUX_KEY });
const { text } = await generateText({ model: openrouter('qwen3.5-flash'), prompt: 'Say hello.' });`,
    },
  ],
};

export const openrouterCompletionsAbout: DialectAbout = {
  title,
  description,
  calls: { '/api/v1/completions': { operationId: 'createOpenrouterCompletion', summary: 'Continue a text' } },
  schemas: openrouterCompletionsSchemas,
  example: { model: 'qwen3.5-flash', prompt: 'Once upon a time' },
  samples: [
    {
      client: 'curl',
      language: 'sh',
      code: `curl {base}/api/v1/completions \\
  -H "Authorization: Bearer $FLASHMUX_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"model": "qwen3.5-flash", "prompt": "Once upon a time"}'`,
    },
  ],
};
