import { ChatOpenAI } from '@langchain/openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startTestServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const chat = (model: string, maxTokens = 12): ChatOpenAI =>
  new ChatOpenAI({
    model,
    maxTokens,
    maxRetries: 0,
    apiKey: server.key,
    configuration: { baseURL: `${server.url}/v1` },
    modelKwargs: { enable_thinking: false, seed: 7 },
  });

const city = z.object({ city: z.literal('Berlin') });

test('a whole answer of the real engine, with its usage', async () => {
  const message = await chat('qwen3.5-flash').invoke('Hello');
  expect(message.text).not.toBe('');
  expect(message.usage_metadata).toMatchObject({ output_tokens: 12 });
});

test('a stream', async () => {
  let text = '';
  for await (const chunk of await chat('scripted/hello').stream('Hello')) text += chunk.text;
  expect(text).not.toBe('');
});

test('structured output by JSON schema', async () => {
  const model = chat('qwen3.5-flash', 200).withStructuredOutput(city, { method: 'jsonSchema', name: 'city' });
  expect(await model.invoke('Which city?')).toEqual({ city: 'Berlin' });
});

test('a forced tool call', async () => {
  const model = chat('qwen3.5-flash', 200).bindTools([{ name: 'weather', description: 'Weather', schema: city }], {
    tool_choice: 'required',
  });
  const message = await model.invoke('Weather?');
  expect(message.tool_calls?.[0]).toMatchObject({ name: 'weather', args: { city: 'Berlin' } });
});

test('an abort frees the engine', async () => {
  const controller = new AbortController();
  const reading = async (): Promise<void> => {
    for await (const chunk of await chat('qwen3.5-flash', 4_000).stream('Hello', { signal: controller.signal })) {
      if (chunk.text !== '') controller.abort();
    }
  };
  await reading().catch(() => undefined);
  await server.idle();
});

test('an error has our words', async () => {
  await expect(chat('nobody').invoke('Hello')).rejects.toThrow(/nobody/);
});
