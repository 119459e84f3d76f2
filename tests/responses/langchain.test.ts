import { AIMessage, HumanMessage, ToolMessage } from '@langchain/core/messages';
import type { BaseMessage } from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startTestServer } from '../support/test-server.ts';
import type { TestServer } from '../support/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

type Options = NonNullable<ConstructorParameters<typeof ChatOpenAI>[0]>;

const chat = (model: string, options: Extract<Options, object> = {}): ChatOpenAI =>
  new ChatOpenAI({
    model,
    maxRetries: 0,
    useResponsesApi: true,
    apiKey: server.key,
    configuration: { baseURL: `${server.url}/v1` },
    ...options,
  });

const city = z.object({ city: z.literal('Berlin') });
const weather = { name: 'weather', description: 'Weather', schema: z.looseObject({}) };

test('a whole answer of the real engine, with its usage', async () => {
  const message = await chat('qwen3.5-flash', { maxTokens: 16 }).invoke('Hello');
  expect(message.usage_metadata).toMatchObject({ output_tokens: 16 });
  expect(message.response_metadata['id']).toMatch(/^resp_/);
});

test('a stream', async () => {
  let text = '';
  for await (const chunk of await chat('scripted/thinking').stream('Hello')) text += chunk.text;
  expect(text).toBe('Hello from the script.');
});

test('structured output of the real engine', async () => {
  const modelKwargs = { enable_thinking: false };
  const model = chat('qwen3.5-flash', { maxTokens: 200, modelKwargs }).withStructuredOutput(city, {
    method: 'jsonSchema',
    name: 'city',
  });
  expect(await model.invoke('Which city?')).toEqual({ city: 'Berlin' });
});

test('parallel tools and their results', async () => {
  const model = chat('scripted/parallel-tools').bindTools([weather]);
  const asked = await model.invoke('Weather?');
  expect(asked.tool_calls).toHaveLength(2);
  const results = (asked.tool_calls ?? []).map(({ id }) => new ToolMessage({ content: 'rain', tool_call_id: id ?? '' }));
  const told = await model.invoke([new HumanMessage('Weather?'), asked, ...results]);
  expect(told.text).toBe('The tool said: rain');
});

test.each([false, true])('a conversation with its thoughts, with zdrEnabled %s', async (zdrEnabled) => {
  const messages: BaseMessage[] = [new HumanMessage('One')];
  messages.push(await chat('scripted/thinking', { zdrEnabled }).invoke(messages), new HumanMessage('Two'));
  expect(messages[1]).toBeInstanceOf(AIMessage);
  const told = await chat('scripted/echo', { zdrEnabled }).invoke(messages);
  expect(told.text).toBe('Two');
});

test('an earlier response is gone on from by its id', async () => {
  const first = await chat('scripted/hello').invoke('One');
  const previous = String(first.response_metadata['id']);
  const second = await chat('scripted/echo').invoke('Two', { previous_response_id: previous });
  expect(second.text).toBe('Two');
  const kept = await fetch(`${server.url}/v1/responses/${String(second.response_metadata['id'])}`, {
    headers: { authorization: `Bearer ${server.key}` },
  });
  expect(await kept.json()).toMatchObject({ previous_response_id: previous, status: 'completed' });
});

test('an error has our words, before and in the middle of a stream', async () => {
  await expect(chat('nobody').invoke('Hello')).rejects.toThrow(/nobody/);
  const reading = async (): Promise<void> => {
    for await (const chunk of await chat('scripted/error-mid-stream').stream('Hello')) expect(chunk).toBeDefined();
  };
  await expect(reading()).rejects.toThrow(/overloaded/);
});

test('an abort frees the engine', async () => {
  const controller = new AbortController();
  const reading = async (): Promise<void> => {
    const stream = await chat('qwen3.5-flash', { maxTokens: 4_000 }).stream('Hello', { signal: controller.signal });
    for await (const chunk of stream) {
      expect(chunk).toBeDefined();
      controller.abort();
    }
  };
  await reading().catch(() => undefined);
  await server.idle();
});
