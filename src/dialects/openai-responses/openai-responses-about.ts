import { openaiResponsesSchemas } from '../../protocols/openai-responses/schema.ts';
import type { DialectAbout } from '../dialect-about.ts';

export const openaiResponsesAbout: DialectAbout = {
  title: 'Responses',
  description:
    'The Responses API of OpenAI, with the further parameters of the chat dialect. What is kept of a response, and for how long, is a setting of the server. `/v1/responses` takes WebSocket connections, too: each message of type `response.create` is a request, each event of its answer a message.',
  calls: { '/v1/responses': { operationId: 'createResponse', summary: 'Answer an input, and keep the response' } },
  schemas: openaiResponsesSchemas,
  example: { model: 'qwen3.5-flash', input: 'Say hello.' },
  samples: [
    {
      client: 'curl',
      language: 'sh',
      code: `curl {base}/v1/responses \\
  -H "Authorization: Bearer $FLASHMUX_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"model": "qwen3.5-flash", "input": "Say hello."}'`,
    },
    {
      client: 'openai (TypeScript)',
      language: 'ts',
      code: `import OpenAI from 'openai';

const client = new OpenAI({ baseURL: '{base}/v1', apiKey: process.env.FLASHMUX_KEY });
const response = await client.responses.create({ model: 'qwen3.5-flash', input: 'Say hello.' });`,
    },
    {
      client: 'openai (Python)',
      language: 'py',
      code: `import os
from openai import OpenAI

client = OpenAI(base_url="{base}/v1", api_key=os.environ["FLASHMUX_KEY"])
response = client.responses.create(model="qwen3.5-flash", input="Say hello.")`,
    },
    {
      client: 'AI SDK',
      language: 'ts',
      code: `import { createOpenAI } from '@ai-sdk/openai';
import { generateText } from 'ai';

const openai = createOpenAI({ baseURL: '{base}/v1', apiKey: process.env.FLASHMUX_KEY });
const { text } = await generateText({ model: openai('qwen3.5-flash'), prompt: 'Say hello.' });`,
    },
  ],
};
