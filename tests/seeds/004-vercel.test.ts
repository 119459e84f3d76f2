import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { startSampleHost, type SampleHost } from './sample-host.ts';

// Seed 004, Vercel's page of alibaba/qwen3.5-flash. The sample names no host: where the name of a model leads is the default provider of the
// package, which is a gateway with our base URL and key. Everything after that is as the page has it.

type AiPackage = typeof import('ai');

let host: SampleHost;
let local: TestServer;
let hosted: TestServer;
beforeAll(async () => {
  host = await startSampleHost(() => ({
    thoughts: 'Light and air.',
    text: 'It scatters.',
    usage: { prompt_tokens: 16, completion_tokens: 20, total_tokens: 36, completion_tokens_details: { reasoning_tokens: 12 } },
  }));
  local = await startTestServer();
  const provider = { name: 'alibaba', base_url: host.baseUrl, quirks: 'flashmux', models: ['qwen3.5-flash'] };
  hosted = await startTestServer({ settings: { providers: [provider], engine: { enabled: false } }, store: 'memory' });
});
afterAll(async () => {
  await local.stop();
  await hosted.stop();
  await host.close();
});

describe.each([
  { named: 'ai 7', packageName: 'ai', version: 4 },
  { named: 'ai 6', packageName: 'ai-6', version: 3 },
])('$named', ({ packageName, version }) => {
  let streamText: AiPackage['streamText'];
  let createGateway: AiPackage['createGateway'];
  beforeAll(async () => {
    // The older line is loaded by name, so that the types of the newer one serve for both.
    const ai: AiPackage = await import(packageName);
    ({ streamText, createGateway } = ai);
  });
  afterEach(() => {
    globalThis.AI_SDK_DEFAULT_PROVIDER = undefined;
  });

  /** The sample of index.ts. */
  function sample({ url, key }: TestServer): ReturnType<AiPackage['streamText']> {
    globalThis.AI_SDK_DEFAULT_PROVIDER = createGateway({ baseURL: `${url}/v${version}/ai`, apiKey: key });
    return streamText({ model: 'alibaba/qwen3.5-flash', prompt: 'Why is the sky blue?' });
  }

  test('the call of the page, on the real engine', async () => {
    const result = sample(local);
    let text = '';
    for await (const piece of result.textStream) text += piece;
    expect(text).toBe(await result.text);
    expect(['stop', 'length']).toContain(await result.finishReason);
    const { inputTokens = 0, outputTokens = 0, totalTokens } = await result.usage;
    expect(inputTokens).toBeGreaterThan(0);
    expect(totalTokens).toBe(inputTokens + outputTokens);
    expect((await result.providerMetadata)?.['gateway']).toMatchObject({ routing: { finalProvider: 'embedded' } });
  });

  test('what its result tells: thoughts, text, usage and route, from a scripted host', async () => {
    const result = sample(hosted);
    const kinds: string[] = [];
    for await (const { type } of result.fullStream) kinds.push(type);
    expect([...new Set(kinds)].filter((kind) => kind.startsWith('reasoning') || kind.startsWith('text'))).toEqual([
      'reasoning-start',
      'reasoning-delta',
      'reasoning-end',
      'text-start',
      'text-delta',
      'text-end',
    ]);
    expect(await result.reasoningText).toBe('Light and air.');
    expect(await result.text).toBe('It scatters.');
    expect(await result.finishReason).toBe('stop');
    const usage = await result.usage;
    expect(usage).toMatchObject({ inputTokens: 16, outputTokens: 20, totalTokens: 36 });
    expect(usage.outputTokenDetails.reasoningTokens).toBe(12);
    expect(await result.warnings).toEqual([]);
    // 16 tokens at $0.10 and 20 at $0.40 for a million, which is what the page's table of providers asks.
    expect((await result.providerMetadata)?.['gateway']).toMatchObject({
      cost: '0.0000096',
      generationId: expect.stringMatching(/^gen_/),
      routing: { originalModelId: 'alibaba/qwen3.5-flash', finalProvider: 'alibaba' },
    });
    // Reasoning is on where nobody says so, and the prompt is the whole conversation.
    expect(host.bodies.at(-1)).toMatchObject({
      enable_thinking: true,
      messages: [{ role: 'user', content: 'Why is the sky blue?' }],
    });
  });
});
