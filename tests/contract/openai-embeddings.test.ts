import { createServer } from 'node:http';
import OpenAI from 'openai';
import { createOpenRouter } from '@openrouter/ai-sdk-provider';
import { OpenRouter } from '@openrouter/sdk';
import { embed } from 'ai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { localAccountId } from '../../src/main/open-home.ts';
import { untilNoHoldIsOpen } from '../support/open-holds.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

interface Upstream {
  readonly baseUrl: string;
  /** What it was asked last. */
  readonly asked: () => unknown;
  answer: { readonly status: number; readonly body: unknown };
  close(): Promise<void>;
}

/** A host of vectors that tells them in the wrong order, as some do. */
const rightAnswer = {
  object: 'list',
  data: [
    { object: 'embedding', index: 1, embedding: [0, 1, 0.5] },
    { object: 'embedding', index: 0, embedding: [1, 0, 0.25] },
  ],
  model: 'host',
  usage: { prompt_tokens: 1_000, total_tokens: 1_000 },
};

async function startUpstream(): Promise<Upstream> {
  let last: unknown;
  const server = createServer((request, reply) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      last = { url: request.url, ...JSON.parse(Buffer.concat(chunks).toString()) };
      reply.writeHead(upstream.answer.status, { 'content-type': 'application/json' });
      reply.end(JSON.stringify(upstream.answer.body));
    });
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  const upstream: Upstream = {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    asked: () => last,
    answer: { status: 200, body: rightAnswer },
    async close() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
  return upstream;
}

let upstream: Upstream;
let server: TestServer;
let local: string;
beforeAll(async () => {
  upstream = await startUpstream();
  const host = {
    name: 'host',
    base_url: upstream.baseUrl,
    embeddings: { 'text-embedding-v4': 'v4', 'qwen-flash': 'qwen-flash' },
  };
  server = await startTestServer({ settings: { providers: [host], prices: { unpriced: 'free' } } });
  local = server.server.localModel.routed()?.modelId ?? '';
});
afterAll(async () => {
  await server.stop();
  await upstream.close();
});

/** The older line is loaded by name, so that the types of the newer serve for both. */
async function clientClass(specifier: string): Promise<typeof OpenAI> {
  const module: { readonly default: typeof OpenAI } = await import(specifier);
  return module.default;
}

function product(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
}

describe.each(['openai', 'openai-6'])('%s', (specifier) => {
  let client: OpenAI;
  beforeAll(async () => {
    const Client = await clientClass(specifier);
    client = new Client({ baseURL: `${server.url}/v1`, apiKey: server.key, maxRetries: 0 });
  });

  test('the local model gives vectors of length 1, the same for the same text', async () => {
    const input = ['Hello there', 'Something else', 'Hello there'];
    const { data, usage, model } = await client.embeddings.create({ model: local, input });
    expect(data.map(({ index }) => index)).toEqual([0, 1, 2]);
    const [first = [], second = [], third = []] = data.map(({ embedding }) => embedding);
    expect(product(first, first)).toBeCloseTo(1, 5);
    expect(product(first, third)).toBeCloseTo(1, 5);
    expect(product(first, second)).toBeLessThan(0.999);
    const counts = await Promise.all(input.map((text) => server.server.engine.countTokens(text)));
    const tokens = counts.reduce((sum, count) => sum + count, 0);
    expect([usage.prompt_tokens, usage.total_tokens, model]).toEqual([tokens, tokens, local]);
  });

  test('floats and base64 are the same numbers', async () => {
    const asked = { model: local, input: 'Hello' };
    const floats = await client.embeddings.create({ ...asked, encoding_format: 'float' });
    const packed = await client.embeddings.create({ ...asked, encoding_format: 'base64' });
    const raw = z.string().parse(packed.data[0]?.embedding);
    const bytes = Buffer.from(raw, 'base64');
    const numbers = floats.data[0]?.embedding ?? [];
    expect(bytes.length).toBe(numbers.length * 4);
    for (const [index, value] of numbers.entries()) expect(bytes.readFloatLE(index * 4)).toBeCloseTo(value, 6);
    // The client asks for base64 where nothing is said, and unpacks it.
    expect((await client.embeddings.create(asked)).data[0]?.embedding).toHaveLength(numbers.length);
  });

  test('token ids are the same text', async () => {
    const { data, usage } = await client.embeddings.create({
      model: local,
      input: [
        [70, 71],
        [70, 71, 72],
      ],
    });
    expect(data).toHaveLength(2);
    expect(usage.prompt_tokens).toBe(5);
    expect((await client.embeddings.create({ model: local, input: [70, 71] })).data[0]?.embedding).toEqual(data[0]?.embedding);
    const outside = client.embeddings.create({ model: local, input: [999_999_999] });
    await expect(outside).rejects.toMatchObject({ status: 400, param: 'input' });
  });

  test('a configured host is asked in its own words, and its vectors come in the order of the texts', async () => {
    const asked = { model: 'text-embedding-v4', input: ['a', 'b'], dimensions: 3, user: 'ann' };
    const { data, usage } = await client.embeddings.create({ ...asked, encoding_format: 'float' });
    expect(upstream.asked()).toEqual({
      url: '/v1/embeddings',
      model: 'v4',
      input: ['a', 'b'],
      dimensions: 3,
      encoding_format: 'float',
      user: 'ann',
    });
    expect(data.map(({ embedding }) => embedding)).toEqual([
      [1, 0, 0.25],
      [0, 1, 0.5],
    ]);
    expect(usage).toMatchObject({ prompt_tokens: 1_000, cost: 0 });
  });

  test('errors are the client’s errors, with the path', async () => {
    const create = (fields: object) => client.embeddings.create({ model: local, input: 'Hello', ...fields });
    await expect(create({ model: 'nobody' })).rejects.toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
    await expect(create({ model: 'qwen3.5-flash' })).rejects.toMatchObject({ status: 400, param: 'model' });
    await expect(create({ dimensions: 7 })).rejects.toMatchObject({ status: 400, param: 'dimensions' });
    await expect(create({ input: '' })).rejects.toMatchObject({ status: 400, param: 'input' });
    await expect(create({ input: ['a', ''] })).rejects.toMatchObject({ status: 400, param: 'input[1]' });
    await expect(create({ input: 'word '.repeat(6_000) })).rejects.toMatchObject({ code: 'context_length_exceeded' });
    const chat = client.chat.completions.create({ model: 'text-embedding-v4', messages: [{ role: 'user', content: 'a' }] });
    await expect(chat).rejects.toMatchObject({ status: 400, param: 'model', message: expect.stringContaining('/v1/embeddings') });
  });
});

/** Texts that may well have as many tokens as the host tells. */
const long = 'word '.repeat(200);

test('what was used is held, charged at the price of its model, and recorded', async () => {
  const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: server.key, maxRetries: 0 });
  const { ledger } = server.server.home;
  const before = (await ledger.balance(localAccountId)).spent;
  const { data, response } = await client.embeddings.create({ model: 'qwen-flash', input: [long, long] }).withResponse();
  // 1,000 tokens at the $0.05 for a million that Qwen Flash costs.
  expect(data.usage).toMatchObject({ cost: 0.000_05 });
  expect((await ledger.balance(localAccountId)).spent - before).toBe(50_000n);
  await untilNoHoldIsOpen(server);
  const record = await ledger.answerRecord(z.string().parse(z.object({ id: z.string() }).parse(data).id));
  expect(record).toMatchObject({
    requestId: response.headers.get('x-request-id'),
    outcome: 'complete',
    charged: 50_000n,
    usage: { input: { total: 1_000 } },
    call: { namedModel: 'qwen-flash', provider: 'host', finishReason: 'stop', attempts: [{ model: 'qwen-flash' }] },
  });
});

test('a host that tells more tokens than there can be is believed as far as the hold, and the caller is told that', async () => {
  const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: server.key, maxRetries: 0 });
  const { ledger } = server.server.home;
  const before = (await ledger.balance(localAccountId)).spent;
  const { usage } = await client.embeddings.create({ model: 'qwen-flash', input: ['a', 'b'] });
  const charged = (await ledger.balance(localAccountId)).spent - before;
  expect(charged).toBeLessThan(50_000n);
  expect(usage).toMatchObject({ cost: Number(charged) / 1e9 });
});

test.each([
  ['an error', { status: 500, body: { error: { message: 'gone' } } }],
  ['too few vectors', { status: 200, body: { ...rightAnswer, data: [] } }],
  [
    'vectors that are none',
    {
      status: 200,
      body: {
        data: [
          { index: 0, embedding: ['a'] },
          { index: 1, embedding: [] },
        ],
      },
    },
  ],
])('a host that sends %s is a 502 that costs nothing', async (_, answer) => {
  const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: server.key, maxRetries: 0 });
  const { ledger } = server.server.home;
  const before = (await ledger.balance(localAccountId)).spent;
  upstream.answer = answer;
  const asked = client.embeddings.create({ model: 'qwen-flash', input: ['a', 'b'] });
  await expect(asked).rejects.toMatchObject({ status: 502 });
  upstream.answer = { status: 200, body: rightAnswer };
  expect((await ledger.balance(localAccountId)).spent).toBe(before);
  await untilNoHoldIsOpen(server);
});

test('a host that does not tell its usage is counted here, and that is said', async () => {
  const { usage: _, ...silent } = rightAnswer;
  upstream.answer = { status: 200, body: silent };
  const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: server.key, maxRetries: 0 });
  const { usage } = await client.embeddings.create({ model: 'qwen-flash', input: ['Hello', [1, 2, 3].join(' ')] });
  upstream.answer = { status: 200, body: rightAnswer };
  expect(usage).toMatchObject({ estimated: true });
  expect(usage.prompt_tokens).toBeGreaterThan(1);
});

test('OpenRouter’s clients read the vectors and what they cost', async () => {
  const serverURL = `${server.url}/api/v1`;
  const openrouter = createOpenRouter({ baseURL: serverURL, apiKey: server.key });
  const { embedding, usage } = await embed({ model: openrouter.textEmbeddingModel(local), value: 'Hello' });
  expect(product(embedding, embedding)).toBeCloseTo(1, 5);
  expect(usage.tokens).toBeGreaterThan(0);
  const sdk = new OpenRouter({ serverURL, apiKey: server.key, retryConfig: { strategy: 'none' } });
  const body = await sdk.embeddings.generate({ requestBody: { model: local, input: 'Hello' } });
  expect(body).toMatchObject({ data: [{ embedding: expect.any(Array) }], usage: { cost: 0 } });
  const failing = sdk.embeddings.generate({ requestBody: { model: 'nobody/here', input: 'a' } });
  await expect(failing).rejects.toMatchObject({ error: { code: 404 } });
  const models = await sdk.models.list({ outputModalities: 'embeddings' });
  expect(models.result.data.map(({ id }) => id)).toEqual(['text-embedding-v4']);
});
