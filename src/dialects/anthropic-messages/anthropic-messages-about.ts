import { anthropicMessagesSchemas } from '../../protocols/anthropic-messages/schema.ts';
import type { DialectAbout } from '../dialect-about.ts';

export const anthropicMessagesAbout: DialectAbout = {
  title: 'Messages',
  description:
    'The Messages API of Anthropic. A caller that sends the header `anthropic-version` gets the models of `GET /v1/models` in this shape, too.',
  calls: {
    '/v1/messages': { operationId: 'createMessage', summary: 'Answer a conversation' },
    '/v1/messages/count_tokens': { operationId: 'countMessageTokens', summary: 'Count the tokens of a conversation' },
  },
  schemas: anthropicMessagesSchemas,
  example: { model: 'qwen3.5-flash', max_tokens: 256, messages: [{ role: 'user', content: 'Say hello.' }] },
  samples: [
    {
      client: 'curl',
      language: 'sh',
      code: `curl {base}/v1/messages \\
  -H "x-api-key: $FLASHMUX_KEY" \\
  -H "anthropic-version: 2023-06-01" \\
  -H "Content-Type: application/json" \\
  -d '{"model": "qwen3.5-flash", "max_tokens": 256, "messages": [{"role": "user", "content": "Say hello."}]}'`,
    },
    {
      client: '@anthropic-ai/sdk',
      language: 'ts',
      code: `import Anthropic from '@anthropic-ai/sdk';

const client = new Anthropic({ baseURL: '{base}', apiKey: process.env.FLASHMUX_KEY });
const message = await client.messages.create({
  model: 'qwen3.5-flash',
  max_tokens: 256,
  messages: [{ role: 'user', content: 'Say hello.' }],
});`,
    },
    {
      client: 'anthropic (Python)',
      language: 'py',
      code: `import os
from anthropic import Anthropic

client = Anthropic(base_url="{base}", api_key=os.environ["FLASHMUX_KEY"])
message = client.messages.create(
    model="qwen3.5-flash",
    max_tokens=256,
    messages=[{"role": "user", "content": "Say hello."}],
)`,
    },
    {
      client: 'AI SDK',
      language: 'ts',
      code: `import { createAnthropic } from '@ai-sdk/anthropic';
import { generateText } from 'ai';

const anthropic = createAnthropic({ baseURL: '{base}/v1', apiKey: process.env.FLASHMUX_KEY });
const { text } = await generateText({ model: anthropic('qwen3.5-flash'), prompt: 'Say hello.' });`,
    },
  ],
};
