import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/** A price for each request and none for tokens, so that what is spent does not depend on how many there were. */
const prices = `prices:
  - model: scripted/hello
    from: 2026-01-01T00:00:00Z
    per_request: "0.001"
    tiers:
      - per_million_tokens: { input-text: "0", output-text: "0" }
`;

let folder = '';
let server: TestServer;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashmux-gateway-'));
  const file = path.join(folder, 'prices.yaml');
  await writeFile(file, prices);
  server = await startTestServer({ settings: { prices: { file } } });
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

type AiPackage = typeof import('ai');

interface Line {
  readonly ai: AiPackage;
  gateway(key?: string): ReturnType<AiPackage['createGateway']>;
}

/** The older line is loaded by name, so that the types of the newer one serve for both. */
async function lineOf(name: 'ai' | 'ai-6', version: 3 | 4): Promise<Line> {
  const ai: AiPackage = await import(name);
  return { ai, gateway: (apiKey = server.key) => ai.createGateway({ baseURL: `${server.url}/v${version}/ai`, apiKey }) };
}

const city = z.object({ city: z.literal('Berlin') });
const off = { alibaba: { enableThinking: false } };
const quiet = { maxRetries: 0, seed: 7, prompt: 'Why is the sky blue?' };
const picture = 'data:image/png;base64,iVBORw0KGgo=';

describe.each([
  ['ai 7, specification 4', 'ai', 4],
  ['ai 6, specification 3', 'ai-6', 3],
] as const)('%s', (_named, packageName, version) => {
  let line: Line;
  beforeAll(async () => {
    line = await lineOf(packageName, version);
  });

  test('the call of the page: a model by its name, nothing but a base URL and a key', async () => {
    globalThis.AI_SDK_DEFAULT_PROVIDER = line.gateway();
    try {
      const result = line.ai.streamText({ model: 'alibaba/qwen3.5-flash', prompt: quiet.prompt, maxOutputTokens: 12 });
      let text = '';
      for await (const part of result.textStream) text += part;
      expect(await result.finishReason).toBe('length');
      expect((await result.usage).outputTokens).toBeGreaterThan(0);
      expect(text === '' && (await result.reasoningText) === '').toBe(false);
    } finally {
      globalThis.AI_SDK_DEFAULT_PROVIDER = undefined;
    }
  });

  test('a whole answer of the real engine, with its id, route and cost', async () => {
    const gateway = line.gateway();
    const result = await line.ai.generateText({
      ...quiet,
      model: gateway('alibaba/qwen3.5-flash'),
      maxOutputTokens: 12,
      providerOptions: off,
    });
    expect(result.text).not.toBe('');
    expect(result.finishReason).toBe('length');
    expect(result.usage).toMatchObject({ outputTokens: 12, inputTokens: expect.any(Number) });
    const metadata = result.providerMetadata?.['gateway'];
    expect(metadata).toMatchObject({
      cost: expect.stringMatching(/^\d+(\.\d+)?$/),
      generationId: expect.stringMatching(/^gen_/),
      routing: { originalModelId: 'alibaba/qwen3.5-flash', finalProvider: 'embedded' },
    });
    const id = z.string().parse(metadata?.['generationId']);
    const info = await gateway.getGenerationInfo({ id });
    expect(info).toMatchObject({
      id,
      streamed: false,
      finishReason: 'length',
      completionTokens: 12,
      totalCost: Number(metadata?.['cost']),
    });
  });

  test('reasoning comes before the text, whole and streamed', async () => {
    const model = line.gateway()('scripted/thinking');
    const whole = await line.ai.generateText({ ...quiet, model });
    expect(whole.reasoningText).toBe('First I think about it. ');
    expect(whole.text).toBe('Hello from the script.');
    const kinds: string[] = [];
    for await (const part of line.ai.streamText({ ...quiet, model }).fullStream) kinds.push(part.type);
    expect(kinds.indexOf('reasoning-end')).toBeGreaterThan(kinds.indexOf('reasoning-start'));
    expect(kinds.indexOf('text-start')).toBeGreaterThan(kinds.indexOf('reasoning-end'));
    expect(kinds.at(-1)).toBe('finish');
  });

  test('parallel tools run, and their results go back', async () => {
    const ran: unknown[] = [];
    const weather = line.ai.tool({
      inputSchema: z.looseObject({}),
      execute: (input) => {
        ran.push(input);
        return { temperature: 20 };
      },
    });
    const options = { ...quiet, model: line.gateway()('scripted/parallel-tools'), tools: { weather } };
    const whole = await line.ai.generateText({ ...options, stopWhen: line.ai.isStepCount?.(3) ?? line.ai.stepCountIs(3) });
    expect(whole.steps.map(({ toolCalls }) => toolCalls.length)).toEqual([2, 0]);
    expect(whole.text).not.toBe('');
    const streamed = line.ai.streamText({ ...options, stopWhen: line.ai.isStepCount?.(3) ?? line.ai.stepCountIs(3) });
    await streamed.consumeStream();
    expect((await streamed.steps).map(({ toolResults }) => toolResults.length)).toEqual([2, 0]);
    expect(ran).toHaveLength(4);
  });

  test('a forced tool call of the real engine', async () => {
    const result = await line.ai.generateText({
      ...quiet,
      model: line.gateway()('qwen3.5-flash'),
      maxOutputTokens: 200,
      providerOptions: off,
      tools: { weather: line.ai.tool({ inputSchema: city }) },
      toolChoice: 'required',
    });
    expect(result.toolCalls[0]?.input).toEqual({ city: 'Berlin' });
  });

  test('structured output', async () => {
    const model = line.gateway()('qwen3.5-flash');
    const limits = { maxOutputTokens: 200, providerOptions: off };
    const result = await line.ai.generateText({ ...quiet, ...limits, model, output: line.ai.Output.object({ schema: city }) });
    expect(result.output).toEqual({ city: 'Berlin' });
    const object = await line.ai.generateObject({ ...quiet, ...limits, model, schema: city });
    expect(object.object).toEqual({ city: 'Berlin' });
  });

  test('files reach the model, and one that it cannot read is refused by its path', async () => {
    const content = [
      { type: 'text' as const, text: 'What is it?' },
      { type: 'image' as const, image: picture },
    ];
    const messages = [{ role: 'user' as const, content }];
    const echoed = await line.ai.generateText({ maxRetries: 0, model: line.gateway()('scripted/echo'), messages });
    expect(echoed.text).toBe('What is it?');
    const refused = line.ai.generateText({ maxRetries: 0, model: line.gateway()('qwen-flash'), messages });
    await expect(refused).rejects.toThrow(/prompt\[0\]\.content\[1\]/);
  });

  test('what has no effect is told as a warning', async () => {
    const result = await line.ai.generateText({
      ...quiet,
      model: line.gateway()('qwen3.5-flash'),
      maxOutputTokens: 5,
      providerOptions: { ...off, flashmux: { webSearch: true } },
    });
    expect(result.warnings).toEqual(
      expect.arrayContaining([expect.objectContaining({ type: 'unsupported', feature: 'providerOptions.flashmux.webSearch' })]),
    );
  });

  test('sources of a cited text', async () => {
    const model = line.gateway()('scripted/citations');
    const whole = await line.ai.generateText({ ...quiet, model });
    const streamed = line.ai.streamText({ ...quiet, model });
    await streamed.consumeStream();
    const urls = (list: readonly unknown[]): readonly unknown[] =>
      list.map((one) => z.looseObject({ url: z.string() }).parse(one).url);
    expect(whole.sources).toHaveLength(2);
    expect(urls(await streamed.sources)).toEqual(urls(whole.sources));
  });

  test('a spoken answer is a file', async () => {
    const result = await line.ai.generateText({
      ...quiet,
      model: line.gateway()('scripted/audio'),
      providerOptions: { flashmux: { modalities: ['text', 'audio'], audio: { format: 'wav', voice: 'Cherry' } } },
    });
    expect(result.files[0]?.mediaType).toMatch(/^audio\//);
    expect(result.files[0]?.uint8Array.length).toBeGreaterThan(1000);
  });

  test('errors before the answer are of the classes of the client', async () => {
    const ask = (model: string, key?: string): Promise<unknown> =>
      line.ai.generateText({ ...quiet, model: line.gateway(key)(model) }).then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(await ask('nobody')).toMatchObject({ name: 'GatewayModelNotFoundError', statusCode: 404 });
    expect(await ask('scripted/429')).toMatchObject({ name: 'GatewayRateLimitError', statusCode: 429 });
    expect(await ask('scripted/500')).toMatchObject({ statusCode: 502 });
    // The AI SDK puts advice of its own in place of this one.
    await expect(line.gateway('fm_live_none').getCredits()).rejects.toMatchObject({
      name: 'GatewayAuthenticationError',
      statusCode: 401,
    });
    expect(await ask('scripted/hello', 'fm_live_none')).toMatchObject({ message: expect.stringContaining('Unauthenticated') });
  });

  test('a wrong value is an invalid request that names the field as the caller wrote it', async () => {
    const failed = line.ai.generateText({ ...quiet, model: line.gateway()('qwen3.5-flash'), topP: 7 });
    await expect(failed).rejects.toMatchObject({
      name: 'GatewayInvalidRequestError',
      statusCode: 400,
      message: expect.stringContaining('topP'),
    });
  });

  test('an error in the middle of a stream is an error, after what was said', async () => {
    let failed: unknown;
    const result = line.ai.streamText({
      ...quiet,
      model: line.gateway()('scripted/error-mid-stream'),
      onError: ({ error }) => void (failed = error),
    });
    let text = '';
    for await (const part of result.fullStream) if (part.type === 'text-delta') text += part.text;
    expect(text).toBe('Hello ');
    expect(failed).toMatchObject({ type: 'internal_server_error', message: expect.stringContaining('scripted') });
  });

  test('an abort frees the engine', async () => {
    const controller = new AbortController();
    const result = line.ai.streamText({
      ...quiet,
      model: line.gateway()('qwen3.5-flash'),
      maxOutputTokens: 4_000,
      abortSignal: controller.signal,
      onError: () => undefined,
    });
    setTimeout(() => controller.abort(), 100);
    await result.consumeStream();
    await server.idle();
  });

  test('the models that there are, with prices for one token', async () => {
    const { models } = await line.gateway().getAvailableModels();
    const flash = models.find(({ id }) => id === 'alibaba/qwen3.5-flash');
    expect(flash).toMatchObject({
      name: expect.any(String),
      pricing: { input: '0.0000001', output: '0.0000004' },
      specification: { specificationVersion: `v${version}`, modelId: 'alibaba/qwen3.5-flash' },
      modelType: 'language',
    });
  });

  test('credits and spend', async () => {
    const gateway = line.gateway();
    const { totalUsed: before } = await gateway.getCredits();
    const { providerMetadata } = await line.ai.generateText({ ...quiet, model: gateway('scripted/hello') });
    expect(providerMetadata?.['gateway']).toMatchObject({ cost: '0.001' });
    const { balance, totalUsed } = await gateway.getCredits();
    expect(Number(totalUsed) - Number(before)).toBeCloseTo(0.001, 9);
    expect(Number.isFinite(Number(balance))).toBe(true);
    const today = new Date().toISOString().slice(0, 10);
    const span = { startDate: today, endDate: today };
    const [day] = (await gateway.getSpendReport(span)).results;
    expect(day).toMatchObject({ day: today, requestCount: expect.any(Number), outputTokens: expect.any(Number) });
    expect(day?.totalCost).toBeCloseTo(Number(totalUsed), 9);
    const byModel = await gateway.getSpendReport({ ...span, groupBy: 'model', model: 'scripted/hello' });
    expect(byModel.results).toEqual([expect.objectContaining({ model: 'scripted/hello', totalCost: Number(totalUsed) })]);
    const hours = await gateway.getSpendReport({ ...span, groupBy: 'day', datePart: 'hour' });
    expect(hours.results.reduce((sum, { totalCost }) => sum + totalCost, 0)).toBeCloseTo(Number(totalUsed), 9);
  });

  test('spend by user, tag, provider and credential', async () => {
    const gateway = line.gateway();
    const [user, tag] = [`user of ${version}`, `tag of ${version}`];
    const providerOptions = { gateway: { user, tags: [tag, 'chat'], disallowPromptTraining: false } };
    await line.ai.generateText({ ...quiet, model: gateway('scripted/hello'), providerOptions });
    const today = new Date().toISOString().slice(0, 10);
    const rows = async (query: Omit<Parameters<typeof gateway.getSpendReport>[0], 'startDate' | 'endDate'>) =>
      (await gateway.getSpendReport({ startDate: today, endDate: today, ...query })).results;
    const spent = { totalCost: 0.001, requestCount: 1 };
    expect(await rows({ groupBy: 'user', tags: [tag] })).toEqual([expect.objectContaining({ user, ...spent })]);
    expect(await rows({ groupBy: 'tag', userId: user })).toEqual([
      expect.objectContaining({ tag: 'chat', ...spent }),
      expect.objectContaining({ tag, ...spent }),
    ]);
    expect(await rows({ groupBy: 'provider', tags: ['chat', tag] })).toEqual([
      expect.objectContaining({ provider: 'scripted', ...spent }),
    ]);
    expect(await rows({ groupBy: 'credential_type', userId: user, model: 'scripted/hello', provider: 'scripted' })).toEqual([
      expect.objectContaining({ credentialType: 'system', ...spent }),
    ]);
    expect(await rows({ groupBy: 'day', credentialType: 'byok' })).toEqual([]);
  });
});

test('a key of idempotency that was used for one model is refused for another, though the bodies are the same', async () => {
  const { ai, gateway } = await lineOf('ai', 4);
  const ask = (id: string) => ai.generateText({ ...quiet, model: gateway()(id), headers: { 'idempotency-key': 'gateway-1' } });
  const first = await ask('scripted/hello');
  expect((await ask('scripted/hello')).text).toBe(first.text);
  await expect(ask('scripted/echo')).rejects.toMatchObject({ statusCode: 422 });
});

test('a client of the other specification is told where its base URL is', async () => {
  const { ai } = await lineOf('ai', 4);
  const gateway = ai.createGateway({ baseURL: `${server.url}/v3/ai`, apiKey: server.key });
  await expect(ai.generateText({ ...quiet, model: gateway('scripted/hello') })).rejects.toThrow(/\/v4\/ai/);
});
