import { openaiChatSchemas } from '../../protocols/openai-chat/schema.ts';
import type { DialectAbout } from '../dialect-about.ts';

export const openaiChatAbout: DialectAbout = {
  title: 'Chat completions',
  description:
    'OpenAI chat completions with the parameters of Alibaba Model Studio, AI/ML API and EmpirioLabs. Which of them a model takes, their ranges and their defaults: `GET /v1/models/{id}`.',
  calls: { '/v1/chat/completions': { operationId: 'createChatCompletion', summary: 'Answer a conversation' } },
  schemas: openaiChatSchemas,
  example: { model: 'qwen3.5-flash', messages: [{ role: 'user', content: 'Say hello.' }] },
  samples: [
    {
      client: 'curl',
      language: 'sh',
      code: `curl {base}/v1/chat/completions \\
  -H "Authorization: Bearer $FLASHMUX_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"model": "qwen3.5-flash", "messages": [{"role": "user", "content": "Say hello."}]}'`,
    },
    {
      client: 'openai (TypeScript)',
      language: 'ts',
      code: `import OpenAI from 'openai';

const client = new OpenAI({ baseURL: '{base}/v1', apiKey: process.env.FLASHMUX_KEY });
const answer = await client.chat.completions.create({
  model: 'qwen3.5-flash',
  messages: [{ role: 'user', content: 'Say hello.' }],
});`,
    },
    {
      client: 'openai (Python)',
      language: 'py',
      code: `import os
from openai import OpenAI

client = OpenAI(base_url="{base}/v1", api_key=os.environ["FLASHMUX_KEY"])
answer = client.chat.completions.create(
    model="qwen3.5-flash",
    messages=[{"role": "user", "content": "Say hello."}],
)`,
    },
    {
      client: 'AI SDK',
      language: 'ts',
      code: `import { createAlibaba } from '@ai-sdk/alibaba';
import { generateText } from 'ai';

const alibaba = createAlibaba({ baseURL: '{base}/v1', apiKey: process.env.FLASHMUX_KEY });
const { text } = await generateText({ model: alibaba('qwen3.5-flash'), prompt: 'Say hello.' });`,
    },
  ],
};
