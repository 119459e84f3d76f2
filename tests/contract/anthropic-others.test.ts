import { ChatAnthropic } from '@langchain/anthropic';
import { AIMessage, HumanMessage, ToolMessage } from '@langchain/core/messages';
import type { LanguageModel, ModelMessage } from 'ai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startTestServer, type TestServer } from '../support/test-server.ts';

// Clients of Anthropic Messages that are not Anthropic's own.

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const city = z.object({ city: z.literal('Berlin') });
const positive: unknown = expect.toSatisfy((tokens) => typeof tokens === 'number' && tokens > 0);

type AiPackage = typeof import('ai');
type AnthropicPackage = typeof import('@ai-sdk/anthropic');

// The older lines are loaded by name, so that the types of the newer ones serve for both.
describe.each([
  ['ai', '@ai-sdk/anthropic'],
  ['ai-6', '@ai-sdk/anthropic-3'],
])('%s with %s', (aiName, packageName) => {
  let ai: AiPackage;
  let provider: AnthropicPackage;
  beforeAll(async () => {
    ai = await import(aiName);
    provider = await import(packageName);
  });
  const model = (id: string): LanguageModel => provider.createAnthropic({ baseURL: `${server.url}/v1`, apiKey: server.key })(id);
  const quiet = { maxRetries: 0, prompt: 'Hello' };
  const off = { anthropic: { thinking: { type: 'disabled' as const } } };
  const on = { anthropic: { thinking: { type: 'enabled' as const, budgetTokens: 1_024 } } };

  test('a whole answer of the real engine', async () => {
    const options = { ...quiet, model: model('qwen3.5-flash'), maxOutputTokens: 12, providerOptions: off };
    const { text, usage } = await ai.generateText(options);
    expect(text).not.toBe('');
    expect(usage.inputTokens).toBeGreaterThan(0);
    expect(usage.outputTokens).toBeGreaterThan(0);
  });

  test('a stream with reasoning before the text; the usage at its end', async () => {
    let [text, reasoning] = ['', ''];
    const result = ai.streamText({ ...quiet, model: model('scripted/thinking'), maxOutputTokens: 2_048, providerOptions: on });
    for await (const part of result.fullStream) {
      if (part.type === 'text-delta') text += part.text;
      if (part.type === 'reasoning-delta') reasoning += part.text;
    }
    expect([reasoning, text]).toEqual(['First I think about it. ', 'Hello from the script.']);
    expect(await result.usage).toMatchObject({ inputTokens: 1, outputTokens: 9 });
  });

  test('structured output', async () => {
    const output = ai.Output.object({ schema: city });
    const options = { ...quiet, model: model('qwen3.5-flash'), maxOutputTokens: 300, providerOptions: off, output };
    expect((await ai.generateText(options)).output).toEqual({ city: 'Berlin' });
  });

  test('a forced tool call', async () => {
    const result = await ai.generateText({
      ...quiet,
      model: model('qwen3.5-flash'),
      maxOutputTokens: 200,
      providerOptions: off,
      tools: { weather: ai.tool({ inputSchema: city }) },
      toolChoice: 'required',
    });
    expect(result.toolCalls[0]?.input).toEqual({ city: 'Berlin' });
  });

  test('tools in parallel are run and answered, whole and streamed', async () => {
    const place = z.object({ place: z.string() });
    const tool = (name: string) => ai.tool({ inputSchema: place, execute: (input) => `${name} in ${input.place}: fine` });
    const options = {
      ...quiet,
      model: model('scripted/parallel-tools'),
      maxOutputTokens: 100,
      tools: { weather: tool('weather'), traffic: tool('traffic') },
      stopWhen: ({ steps }: { readonly steps: readonly unknown[] }) => steps.length >= 3,
    };
    const told = 'The tool said: weather in Paris: fine; traffic in Hangzhou: fine';
    expect((await ai.generateText(options)).text).toBe(told);
    expect(await ai.streamText(options).text).toBe(told);
  });

  test('a thought goes back with the next turn', async () => {
    const options = { model: model('scripted/thinking'), maxOutputTokens: 2_048, providerOptions: on, maxRetries: 0 };
    const first = await ai.generateText({ ...options, prompt: 'Hello' });
    const messages: ModelMessage[] = [
      { role: 'user', content: 'Hello' },
      ...first.response.messages,
      { role: 'user', content: 'More' },
    ];
    const second = await ai.generateText({ ...options, messages });
    expect([second.reasoningText, second.text]).toEqual([first.reasoningText, first.text]);
    // The script counts words: two of the user, and four of what was said before.
    expect(second.usage.inputTokens).toBe(6);
  });

  test('an abort frees the engine', async () => {
    const controller = new AbortController();
    const result = ai.streamText({
      ...quiet,
      model: model('qwen3.5-flash'),
      maxOutputTokens: 4_000,
      providerOptions: off,
      abortSignal: controller.signal,
      onError: () => undefined,
    });
    const reading = async (): Promise<void> => {
      for await (const part of result.fullStream) if (part.type === 'text-delta') controller.abort();
    };
    await reading().catch(() => undefined);
    await server.idle();
  });

  test('an error has our words, before the answer and in the middle of a stream', async () => {
    await expect(ai.generateText({ ...quiet, model: model('nobody') })).rejects.toThrow(/nobody/);
    let [text, failed]: [string, unknown] = ['', undefined];
    const onError = ({ error }: { readonly error: unknown }): void => void (failed = error);
    const result = ai.streamText({ ...quiet, model: model('scripted/error-mid-stream'), maxOutputTokens: 100, onError });
    for await (const part of result.fullStream) if (part.type === 'text-delta') text += part.text;
    expect(text).not.toBe('');
    expect(JSON.stringify(failed)).toContain('overloaded');
  });
});

describe('@langchain/anthropic', () => {
  type Thinking = NonNullable<ConstructorParameters<typeof ChatAnthropic>[0]>['thinking'];
  const chat = (model: string, maxTokens = 100, thinking: Thinking = { type: 'disabled' }): ChatAnthropic =>
    new ChatAnthropic({ model, maxTokens, thinking, maxRetries: 0, apiKey: server.key, anthropicApiUrl: server.url });

  test('a whole answer of the real engine, with its usage', async () => {
    const message = await chat('qwen3.5-flash', 12).invoke('Hello');
    expect(message.usage_metadata).toEqual(expect.objectContaining({ input_tokens: positive, output_tokens: positive }));
  });

  test('a stream; its input is what the first event told', async () => {
    const [first, ...rest] = await Array.fromAsync(await chat('scripted/no-usage').stream('Hello'));
    const message = rest.reduce((one, two) => one?.concat(two), first);
    expect(message?.text).toBe('Hello from the script.');
    expect(message?.usage_metadata).toEqual(expect.objectContaining({ input_tokens: positive }));
  });

  test('structured output by JSON schema', async () => {
    // A boolean: this client makes words of a description of what Anthropic's own schemas do not have, enumerations among them.
    const schema = z.object({ rains: z.boolean() });
    const model = chat('qwen3.5-flash', 300).withStructuredOutput(schema, { method: 'jsonSchema', name: 'rain' });
    expect(await model.invoke('Does it rain?')).toEqual({ rains: expect.any(Boolean) });
  });

  test('calls in parallel and prior thoughts go back', async () => {
    const tools = ['weather', 'traffic'].map((name) => ({ name, description: name, schema: z.object({ place: z.string() }) }));
    const model = chat('scripted/parallel-tools').bindTools(tools);
    const asked = await model.invoke('Hello');
    expect(asked.tool_calls?.map(({ name, args }) => [name, args])).toEqual([
      ['weather', { place: 'Paris' }],
      ['traffic', { place: 'Hangzhou' }],
    ]);
    const results = (asked.tool_calls ?? []).map(
      ({ id = '', name }) => new ToolMessage({ tool_call_id: id, content: `${name}: fine` }),
    );
    const said = await model.invoke([new HumanMessage('Hello'), asked, ...results]);
    expect(said.text).toBe('The tool said: weather: fine; traffic: fine');

    const thinker = chat('scripted/thinking', 2_000, { type: 'enabled', budget_tokens: 1_024 });
    const thought = await thinker.invoke('Hello');
    const again = await thinker.invoke([
      new HumanMessage('Hello'),
      new AIMessage({ content: thought.content }),
      new HumanMessage('More'),
    ]);
    expect(again.text).toBe('Hello from the script.');
    expect(again.usage_metadata).toMatchObject({ input_tokens: 6 });
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

  test('an error has our words, before the answer and in the middle of a stream', async () => {
    await expect(chat('nobody').invoke('Hello')).rejects.toThrow(/nobody/);
    const reading = async (): Promise<unknown> => Array.fromAsync(await chat('scripted/error-mid-stream').stream('Hello'));
    await expect(reading()).rejects.toThrow(/overloaded/);
  });
});
