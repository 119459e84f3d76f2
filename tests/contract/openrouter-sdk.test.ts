import { OpenRouter } from '@openrouter/sdk';
import type { ChatRequest, ChatResult, ChatStreamChunk } from '@openrouter/sdk/models';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRecordingUpstream, type RecordingUpstream } from '../support/recording-upstream.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

let upstream: RecordingUpstream;
let server: TestServer;
let client: OpenRouter;
beforeAll(async () => {
  upstream = await startRecordingUpstream();
  const host = { name: 'host', base_url: upstream.baseUrl, quirks: 'flashmux', models: ['qwen3.6-flash'] };
  server = await startTestServer({ settings: { providers: [host] } });
  client = new OpenRouter({ serverURL: `${server.url}/api/v1`, apiKey: server.key, retryConfig: { strategy: 'none' } });
});
afterAll(async () => {
  await server.stop();
  await upstream.close();
});

const hello = { messages: [{ role: 'user' as const, content: 'Hello' }] };
const weather = ['get_weather', 'get_time'].map((name) => ({
  type: 'function' as const,
  function: { name, parameters: { type: 'object', properties: { place: { type: 'string' } } } },
}));

async function send(chatRequest: ChatRequest): Promise<ChatResult> {
  const result = await client.chat.send({ chatRequest: { ...chatRequest, stream: false } });
  if (!('choices' in result)) throw new Error('a stream came back');
  return result;
}

async function stream(chatRequest: ChatRequest, signal?: AbortSignal): Promise<readonly ChatStreamChunk[]> {
  const options = signal === undefined ? {} : { fetchOptions: { signal } };
  const result = await client.chat.send({ chatRequest: { ...chatRequest, stream: true } }, options);
  if ('choices' in result) throw new Error('a whole answer came back');
  return await Array.fromAsync(result);
}

describe('@openrouter/sdk: chat', () => {
  test('a whole answer is told with what it cost', async () => {
    const { choices, usage, id } = await send({ ...hello, model: 'scripted/hello' });
    expect(choices[0]).toMatchObject({ finishReason: 'stop', message: { role: 'assistant', content: 'Hello from the script.' } });
    expect(usage).toMatchObject({
      promptTokens: expect.any(Number),
      cost: 0,
      isByok: false,
      costDetails: { upstreamInferencePromptCost: 0, upstreamInferenceCompletionsCost: 0 },
      promptTokensDetails: { cachedTokens: 0 },
      completionTokensDetails: { reasoningTokens: 0 },
    });
    expect(id).toMatch(/^gen_/);
  });

  test('a stream tells its usage without being asked, in its last chunk', async () => {
    const chunks = await stream({ ...hello, model: 'scripted/thinking' });
    const deltas = chunks.map(({ choices }) => choices[0]?.delta);
    expect(deltas.map((delta) => delta?.content ?? '').join('')).toBe('Hello from the script.');
    expect(deltas.map((delta) => delta?.reasoning ?? '').join('')).toBe('First I think about it. ');
    const details = deltas.flatMap((delta) => delta?.reasoningDetails ?? []);
    expect(details.map((detail) => (detail.type === 'reasoning.text' ? detail.text : '')).join('')).toBe(
      'First I think about it. ',
    );
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { cost: 0, completionTokensDetails: { reasoningTokens: 5 } } });
  });

  test('tools are called in parallel, and their results are answered', async () => {
    const asked = { ...hello, model: 'scripted/parallel-tools', tools: weather };
    const { choices } = await send(asked);
    const message = choices[0]?.message;
    expect(choices[0]?.finishReason).toBe('tool_calls');
    expect(message?.toolCalls?.map((call) => [call.function.name, call.function.arguments])).toEqual([
      ['get_weather', '{"place": "Paris"}'],
      ['get_time', '{"place": "Hangzhou"}'],
    ]);
    const chunks = await stream(asked);
    const pieces = chunks.flatMap((chunk) => chunk.choices[0]?.delta.toolCalls ?? []);
    const second = pieces.filter(({ index }) => index === 1).map((piece) => piece.function?.arguments ?? '');
    expect(second.join('')).toBe('{"place": "Hangzhou"}');

    const results = (message?.toolCalls ?? []).map((call) => ({ role: 'tool' as const, toolCallId: call.id, content: '21' }));
    if (message === undefined) throw new Error('no message');
    const answer = await send({ ...asked, messages: [...hello.messages, message, ...results] });
    expect(answer.choices[0]).toMatchObject({ finishReason: 'stop', message: { content: expect.stringContaining('21') } });
  });

  test('a thought of an earlier answer goes back to the host', async () => {
    const first = await send({ ...hello, model: 'scripted/thinking' });
    const message = first.choices[0]?.message;
    if (message === undefined) throw new Error('no message');
    expect(message.reasoningDetails).toMatchObject([{ type: 'reasoning.text', text: 'First I think about it. ' }]);
    await send({ messages: [...hello.messages, message, ...hello.messages], model: 'qwen/qwen3.6-flash' });
    expect(upstream.lastBody()['messages']).toMatchObject([
      { role: 'user' },
      { role: 'assistant', reasoning_content: 'First I think about it. ', content: 'Hello from the script.' },
      { role: 'user' },
    ]);
  });

  test('a JSON schema holds on the embedded engine', async () => {
    const schema = { type: 'object', properties: { city: { const: 'Berlin' } }, required: ['city'], additionalProperties: false };
    const { choices } = await send({
      ...hello,
      model: 'qwen/qwen3.5-flash',
      maxTokens: 200,
      reasoning: { effort: 'none' },
      responseFormat: { type: 'json_schema', jsonSchema: { name: 'capital', schema, strict: true } },
    });
    const content = choices[0]?.message.content;
    expect(JSON.parse(typeof content === 'string' ? content : '')).toEqual({ city: 'Berlin' });
  });

  test('who should answer is read, followed, and announced where it has no effect', async () => {
    const provider = {
      order: ['b'],
      only: ['scripted'],
      allowFallbacks: false,
      sort: 'price' as const,
      maxPrice: { prompt: '1.5' },
    };
    const response = await fetch(`${server.url}/api/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        ...hello,
        models: ['scripted/hello', 'x'],
        provider: { order: ['b'], enforce_distillable_text: true },
        transforms: [],
      }),
    });
    expect(response.headers.get('x-flashmux-notices')).toBe(
      'ignored:provider.order, ignored:provider.enforce_distillable_text, ignored:models[1]',
    );
    expect(response.headers.get('x-generation-id')).toMatch(/^gen_/);
    expect((await send({ ...hello, model: 'scripted/hello', provider })).choices).toHaveLength(1);
    await expect(send({ ...hello, model: 'scripted/hello', provider: { only: ['b'] } })).rejects.toMatchObject({
      statusCode: 503,
      error: { message: expect.stringContaining('scripted is not among "only"') },
    });
    await expect(send({ ...hello, model: 'scripted/hello', provider: { maxPrice: { prompt: 'cheap' } } })).rejects.toMatchObject({
      statusCode: 400,
      error: { code: 400, metadata: { param: 'provider.max_price.prompt' } },
    });
  });

  test('an error before the answer has the status as its code', async () => {
    await expect(send({ ...hello, model: 'nobody/here' })).rejects.toMatchObject({
      name: 'NotFoundResponseError',
      error: { code: 404, message: expect.stringContaining('nobody/here'), metadata: { error_type: 'not_found' } },
    });
    const stranger = new OpenRouter({ serverURL: `${server.url}/api/v1`, apiKey: 'wrong', retryConfig: { strategy: 'none' } });
    await expect(stranger.credits.getCredits()).rejects.toMatchObject({
      name: 'UnauthorizedResponseError',
      error: { code: 401 },
    });
    await expect(send({ ...hello, model: 'scripted/429' })).rejects.toMatchObject({ error: { code: 429 } });
  });

  test('an error in the middle of a stream is its last chunk', async () => {
    const chunks = await stream({ ...hello, model: 'scripted/error-mid-stream' });
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).not.toBe('');
    expect(chunks.at(-1)).toMatchObject({
      error: { code: 503, message: expect.any(String), metadata: { errorType: 'provider_overloaded' } },
      choices: [{ finishReason: 'error' }],
    });
  });

  test('an abort frees the engine', async () => {
    const leaving = new AbortController();
    const reading = stream({ ...hello, model: 'qwen/qwen3.5-flash', maxTokens: 4_000 }, leaving.signal);
    setTimeout(() => leaving.abort(), 100);
    await expect(reading).rejects.toThrow();
    await server.idle();
  });
});

describe('@openrouter/sdk: look-ups', () => {
  test('the models, filtered, sorted and in pages', async () => {
    const ids = async (request: Parameters<typeof client.models.list>[0]): Promise<readonly string[]> => {
      const pages = await Array.fromAsync(await client.models.list(request));
      return pages.flatMap(({ result }) => result.data.map(({ id }) => id));
    };
    const all = await ids({});
    expect(all).toEqual(expect.arrayContaining(['alibaba/qwen3.5-flash', 'alibaba/qwen3.5-flash:variant1', 'scripted/hello']));
    expect((await client.models.count()).data.count).toBe(all.length);
    expect(await ids({ limit: 7 })).toEqual(all);
    expect(await ids({ modelAuthors: 'alibaba', q: 'omni' })).toContain('alibaba/qwen3.5-omni-flash');
    expect(await ids({ inputModalities: 'audio', modelAuthors: 'alibaba' })).not.toContain('alibaba/qwen3.5-flash');
    expect(await ids({ providers: 'host' })).toEqual(['alibaba/qwen3.6-flash']);
    expect(await ids({ context: 900_000, minPrice: 0.09, maxPrice: 0.1 })).toContain('alibaba/qwen3.5-flash');
    expect(await ids({ context: 900_000, minPrice: 0.101, modelAuthors: 'alibaba' })).not.toContain('alibaba/qwen3.5-flash');
    const [longest] = await ids({ sort: 'context-high-to-low', modelAuthors: 'alibaba' });
    expect((await client.models.list({ q: longest ?? '' })).result.data[0]?.contextLength).toBe(1_000_000);
    await expect(ids({ zdr: 'true' })).rejects.toMatchObject({ statusCode: 400 });
  });

  test('a model with its prices by the token and its tiers as overrides', async () => {
    const { data } = await client.models.get({ author: 'alibaba', slug: 'qwen3.5-flash:variant1' });
    expect(data).toMatchObject({
      contextLength: 1_000_000,
      pricing: {
        prompt: '0.000000029',
        completion: '0.000000287',
        webSearch: '0.01',
        overrides: [
          { minPromptTokens: 128_000, prompt: '0.000000115', completion: '0.000001147' },
          { minPromptTokens: 256_000, prompt: '0.000000172', completion: '0.00000172' },
        ],
      },
      reasoning: { mandatory: false, defaultEnabled: true, supportsMaxTokens: true, defaultEffort: 'medium' },
      topProvider: { isModerated: false, maxCompletionTokens: 65_536 },
    });
    expect(data.supportedParameters).toEqual(expect.arrayContaining(['temperature', 'tools', 'structured_outputs', 'reasoning']));
    expect(data.defaultParameters).toMatchObject({ temperature: 0.7, topP: 0.9 });
  });

  test('the endpoints of a model are the providers that would answer', async () => {
    const { data } = await client.endpoints.list({ author: 'qwen', slug: 'qwen3.6-flash' });
    expect(data.endpoints).toMatchObject([
      { providerName: 'host', status: 0, uptimeLast30m: null, supportsToolChoice: { auto: true } },
    ]);
    const standIn = await client.endpoints.list({ author: 'qwen', slug: 'qwen3.5-flash' });
    const local = server.server.localModel.routed()?.modelId;
    expect(standIn.data.endpoints).toMatchObject([{ providerName: 'embedded', modelName: local, pricing: { prompt: '0' } }]);
    await expect(client.endpoints.list({ author: 'a', slug: 'b' })).rejects.toMatchObject({ statusCode: 404 });
  });

  test('credits, the key and a generation', async () => {
    const { id } = await send({ ...hello, model: 'scripted/thinking' });
    const paid = await send({ ...hello, model: 'qwen/qwen3.6-flash' });
    const { totalCredits, totalUsage } = (await client.credits.getCredits()).data;
    expect(totalUsage).toBeGreaterThanOrEqual(paid.usage?.cost ?? Number.NaN);
    const { data: key } = await client.apiKeys.getCurrentKeyMetadata();
    expect([totalCredits, key.usage]).toEqual([0, totalUsage]);
    expect(key).toMatchObject({ label: 'test', limit: null, rateLimit: { requests: -1 }, isManagementKey: false });
    const { data } = await client.generations.getGeneration({ id });
    expect(data).toMatchObject({
      id,
      model: 'scripted/thinking',
      providerName: 'scripted',
      finishReason: 'stop',
      streamed: false,
      nativeTokensReasoning: 5,
      providerResponses: [{ status: 200 }],
    });
    await expect(client.generations.getGeneration({ id: 'gen_nobody' })).rejects.toMatchObject({ statusCode: 404 });
  });
});
