import type { OpenRouterProvider } from '@openrouter/ai-sdk-provider';
import type { LanguageModel, ModelMessage } from 'ai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startRecordingUpstream, type RecordingUpstream } from '../support/recording-upstream.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

let upstream: RecordingUpstream;
let server: TestServer;
beforeAll(async () => {
  upstream = await startRecordingUpstream();
  const host = { name: 'host', base_url: upstream.baseUrl, quirks: 'flashmux', models: ['qwen3.6-flash'] };
  server = await startTestServer({ settings: { providers: [host] } });
});
afterAll(async () => {
  await server.stop();
  await upstream.close();
});

type AiPackage = typeof import('ai');
type OlderPackage = typeof import('@openrouter/ai-sdk-provider-2');
/** What both lines have. */
type ProviderPackage = Pick<typeof import('@openrouter/ai-sdk-provider'), 'createOpenRouter' & keyof OlderPackage>;

const place = z.object({ place: z.string() });
const city = z.object({ city: z.literal('Berlin') });
const quiet = { maxRetries: 0, seed: 7 };
const billed = z.object({ openrouter: z.object({ provider: z.string(), usage: z.looseObject({ cost: z.number() }) }) });

/** The older line is loaded by name, so that the types of the newer serve for both. */
describe.each([
  ['ai', '@openrouter/ai-sdk-provider'],
  ['ai-6', '@openrouter/ai-sdk-provider-2'],
])('%s with %s', (aiName, providerName) => {
  let ai: AiPackage;
  let openrouter: OpenRouterProvider;
  beforeAll(async () => {
    ai = await import(aiName);
    const { createOpenRouter }: ProviderPackage = await import(providerName);
    openrouter = createOpenRouter({ baseURL: `${server.url}/api/v1`, apiKey: server.key });
  });

  const ask = async (model: LanguageModel, messages: ModelMessage[]) =>
    await ai.generateText({
      maxRetries: 0,
      model,
      messages,
      tools: { get_weather: ai.tool({ inputSchema: place }), get_time: ai.tool({ inputSchema: place }) },
    });
  const askStreamed = async (model: LanguageModel, messages: ModelMessage[]) => {
    const { toolCalls, response } = ai.streamText({
      maxRetries: 0,
      model,
      messages,
      tools: { get_weather: ai.tool({ inputSchema: place }), get_time: ai.tool({ inputSchema: place }) },
    });
    return { toolCalls: await toolCalls, response: await response };
  };

  test('a whole answer of the real engine, with its cost and who answered', async () => {
    const model = openrouter('qwen/qwen3.5-flash', { reasoning: { effort: 'none' } });
    const { text, finishReason, usage, providerMetadata } = await ai.generateText({
      ...quiet,
      model,
      prompt: 'Hello',
      maxOutputTokens: 12,
    });
    expect(text).not.toBe('');
    expect([finishReason, usage.outputTokens]).toEqual(['length', 12]);
    expect(billed.parse(providerMetadata).openrouter.provider).toBe('embedded');
  });

  test('a stream with its thought, its usage and its cost', async () => {
    const result = ai.streamText({ ...quiet, model: openrouter('scripted/thinking'), prompt: 'Hello' });
    const parts = await Array.fromAsync(result.fullStream);
    const said = (type: string): string => parts.map((part) => (part.type === type && 'text' in part ? part.text : '')).join('');
    expect([said('reasoning-delta'), said('text-delta')]).toEqual(['First I think about it. ', 'Hello from the script.']);
    expect((await result.usage).outputTokens).toBeGreaterThan(0);
    expect(billed.parse(await result.providerMetadata).openrouter.usage.cost).toBe(0);
  });

  test('thoughts stay hidden where the caller excludes them', async () => {
    const model = openrouter('scripted/thinking', { reasoning: { exclude: true, effort: 'low' } });
    const whole = await ai.generateText({ ...quiet, model, prompt: 'Hello' });
    expect([whole.reasoningText, whole.text]).toEqual([undefined, 'Hello from the script.']);
    const parts = await Array.fromAsync(ai.streamText({ ...quiet, model, prompt: 'Hello' }).fullStream);
    expect(parts.filter(({ type }) => type.startsWith('reasoning'))).toEqual([]);
  });

  test('tools in parallel, and a second turn with their results', async () => {
    const model = openrouter('scripted/parallel-tools');
    const messages: ModelMessage[] = [{ role: 'user', content: 'Hello' }];
    for (const way of [ask, askStreamed]) {
      const { toolCalls, response } = await way(model, messages);
      expect(toolCalls.map(({ toolName, input }) => [toolName, input])).toEqual([
        ['get_weather', { place: 'Paris' }],
        ['get_time', { place: 'Hangzhou' }],
      ]);
      const results = toolCalls.map(({ toolCallId, toolName }) => ({
        type: 'tool-result' as const,
        toolCallId,
        toolName,
        output: { type: 'text' as const, value: '21' },
      }));
      const turn = [...messages, ...response.messages, { role: 'tool' as const, content: results }];
      expect((await ask(model, turn)).text).toContain('21');
    }
  });

  test('a thought of an earlier answer, whole or streamed, goes back to the host', async () => {
    const messages: ModelMessage[] = [{ role: 'user', content: 'Hello' }];
    const again: ModelMessage = { role: 'user', content: 'Again' };
    for (const way of [ask, askStreamed]) {
      const { response } = await way(openrouter('scripted/thinking'), messages);
      const turn = [...messages, ...response.messages, again];
      await ai.generateText({ ...quiet, model: openrouter('qwen/qwen3.6-flash'), messages: turn });
      expect(upstream.lastBody()['messages']).toMatchObject([
        { role: 'user' },
        { role: 'assistant', reasoning_content: 'First I think about it. ', content: 'Hello from the script.' },
        { role: 'user' },
      ]);
    }
  });

  test('structured output of the real engine', async () => {
    const { output } = await ai.generateText({
      ...quiet,
      model: openrouter('qwen/qwen3.5-flash', { reasoning: { effort: 'none' } }),
      prompt: 'Hello',
      maxOutputTokens: 200,
      output: ai.Output.object({ schema: city }),
    });
    expect(output).toEqual({ city: 'Berlin' });
  });

  // Asked by themselves: ai 7 refuses them before any call, and ai 6 loses their text because they open no part for it (2026-11).
  test('the completions of the client, whole and streamed', async () => {
    const model = openrouter.completion('qwen/qwen3.5-flash');
    const prompt = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Once upon' }] }];
    const asked = { prompt, maxOutputTokens: 8, seed: 7 };
    const { content, finishReason, usage } = await model.doGenerate(asked);
    expect([finishReason.unified, usage.outputTokens.total]).toEqual(['length', 8]);
    const { stream } = await model.doStream(asked);
    const parts = await Array.fromAsync(stream);
    const said = parts.map((part) => (part.type === 'text-delta' ? part.delta : '')).join('');
    expect(content).toMatchObject([{ type: 'text', text: said }]);
    expect(parts.at(-1)).toMatchObject({ type: 'finish', usage: { outputTokens: { total: 8 } } });
  });

  test('routing wishes and plugins of the client are understood', async () => {
    const model = openrouter('scripted/hello', {
      models: ['x'],
      provider: { order: ['host'], allow_fallbacks: true, sort: 'throughput', max_price: { prompt: 1 } },
      usage: { include: true },
      plugins: [{ id: 'response-healing' }],
    });
    const { text, response } = await ai.generateText({ ...quiet, model, prompt: 'Hello' });
    expect(text).toBe('Hello from the script.');
    expect(response.headers?.['x-flashmux-notices']).toContain('ignored:provider.order');
  });

  test('an error before the answer has our words and its status', async () => {
    const failing = ai.generateText({ ...quiet, model: openrouter('nobody/here'), prompt: 'Hello' });
    await expect(failing).rejects.toMatchObject({ statusCode: 404, message: expect.stringContaining('nobody/here') });
  });

  test('an error in the middle of a stream comes after what was said', async () => {
    let failed: unknown;
    const model = openrouter('scripted/error-mid-stream');
    const result = ai.streamText({ ...quiet, model, prompt: 'Hello', onError: ({ error }) => void (failed = error) });
    const parts = await Array.fromAsync(result.fullStream);
    expect(parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('')).not.toBe('');
    expect(failed).toMatchObject({ code: 503, message: 'The scripted host is overloaded.' });
  });

  test('an abort frees the engine', async () => {
    const leaving = new AbortController();
    const { fullStream } = ai.streamText({
      ...quiet,
      model: openrouter('qwen/qwen3.5-flash'),
      prompt: 'Hello',
      maxOutputTokens: 4_000,
      abortSignal: leaving.signal,
    });
    setTimeout(() => leaving.abort(), 100);
    await Array.fromAsync(fullStream).catch(() => undefined);
    await server.idle();
  });
});
