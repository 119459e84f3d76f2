import type Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const weather = {
  name: 'weather',
  description: 'The weather of a city.',
  input_schema: {
    type: 'object' as const,
    properties: { city: { enum: ['Berlin'] } },
    required: ['city'],
    additionalProperties: false,
  },
};

const capital = {
  type: 'json_schema' as const,
  schema: {
    type: 'object',
    properties: { city: { const: 'Berlin' }, inhabitants: { type: 'integer', minimum: 1, maximum: 9 } },
    required: ['city', 'inhabitants'],
    additionalProperties: false,
  },
};

const question = { role: 'user' as const, content: 'Hello' };
const hello = {
  model: 'qwen3.5-flash',
  max_tokens: 12,
  messages: [question],
  thinking: { type: 'disabled' as const },
  // This wire has no seed; the likeliest words are the same each time. Older clients send it, the types of the newer have it no more.
  top_k: 1,
};
const scripted = (name: string) => ({ model: `scripted/${name}`, max_tokens: 100, messages: [question] });

/** What the caller pays for on the side of the input: what a cache read or wrote stands apart on this wire. */
function inputOf(usage: Anthropic.Usage): number {
  return usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0);
}

type SdkModule = typeof import('@anthropic-ai/sdk');

// Both lines are in use. The older one is loaded by name, so that the types of the newer serve for both.
describe.each(['@anthropic-ai/sdk', '@anthropic-ai/sdk-0'])('%s', (specifier) => {
  let sdk: SdkModule;
  beforeAll(async () => {
    sdk = await import(specifier);
  });
  const client = (): Anthropic => new sdk.default({ baseURL: server.url, apiKey: server.key, maxRetries: 0 });

  test('a whole answer of the real engine, metered', async () => {
    const answer = await client().messages.create(hello);
    expect(answer).toMatchObject({
      id: expect.stringMatching(/^msg_/),
      type: 'message',
      role: 'assistant',
      model: expect.any(String),
      content: [{ type: 'text', text: expect.stringMatching(/./s) }],
      stop_reason: 'max_tokens',
      stop_sequence: null,
      usage: { output_tokens: 12, cost_usd: expect.any(Number) },
    });
    expect(answer._request_id).toMatch(/^req_/);
  });

  test('the same answer streamed; the first event knows the input to the token', async () => {
    const whole = await client().messages.create(hello);
    const events = await Array.fromAsync(await client().messages.create({ ...hello, stream: true }));
    const [start] = events;
    expect(start?.type === 'message_start' ? inputOf(start.message.usage) : undefined).toBe(inputOf(whole.usage));

    const final = await client().messages.stream(hello).finalMessage();
    expect(final.content).toEqual(whole.content);
    expect(final.usage.output_tokens).toBe(12);
    expect(inputOf(final.usage)).toBe(inputOf(whole.usage));
  });

  test('what countTokens says is what the call is billed', async () => {
    const asked = {
      model: 'qwen3.5-flash',
      system: 'Answer in verse.',
      messages: [
        question,
        { role: 'assistant' as const, content: 'Yes?' },
        { role: 'user' as const, content: `Grüße ${specifier} ✅` },
      ],
      tools: [weather],
      thinking: { type: 'disabled' as const },
    };
    const { input_tokens: counted } = await client().messages.countTokens(asked);
    const { usage } = await client().messages.create({ ...asked, max_tokens: 1 });
    expect(inputOf(usage)).toBe(counted);
    const [start] = await Array.fromAsync(await client().messages.create({ ...asked, max_tokens: 1, stream: true }));
    expect(start?.type === 'message_start' ? inputOf(start.message.usage) : undefined).toBe(counted);
  });

  test('a host that tells its usage last: the input is counted here for the first event, and corrected at the end', async () => {
    const { input_tokens: counted } = await client().messages.countTokens({ model: 'scripted/hello', messages: [question] });
    const events = await Array.fromAsync(await client().messages.create({ ...scripted('hello'), stream: true }));
    const [start] = events;
    expect(counted).toBeGreaterThan(0);
    expect(start?.type === 'message_start' ? inputOf(start.message.usage) : undefined).toBe(counted);
    const end = events.find((event) => event.type === 'message_delta');
    // The script counts words.
    expect(end?.usage).toMatchObject({ input_tokens: 1, output_tokens: 4 });
  });

  test('a host that never tells its usage is billed what the first event said', async () => {
    const events = await Array.fromAsync(await client().messages.create({ ...scripted('no-usage'), stream: true }));
    const [start] = events;
    const end = events.find((event) => event.type === 'message_delta');
    expect(start?.type === 'message_start' ? start.message.usage.input_tokens : undefined).toBeGreaterThan(0);
    expect(end?.usage).toMatchObject({
      estimated: true,
      input_tokens: start?.type === 'message_start' ? start.message.usage.input_tokens : undefined,
    });
  });

  test('a forced tool call of the real engine, whole and streamed', async () => {
    const forced = { ...hello, max_tokens: 200, tools: [weather], tool_choice: { type: 'any' as const } };
    const call = { type: 'tool_use', name: 'weather', input: { city: 'Berlin' }, id: expect.any(String) };
    const answer = await client().messages.create(forced);
    expect(answer.stop_reason).toBe('tool_use');
    expect(answer.content).toContainEqual(expect.objectContaining(call));
    const final = await client().messages.stream(forced).finalMessage();
    expect(final.content).toContainEqual(expect.objectContaining(call));
  });

  test('calls in parallel, answered in the next turn', async () => {
    const tools = [weather, { ...weather, name: 'traffic' }];
    const first = await client()
      .messages.stream({ ...scripted('parallel-tools'), tools })
      .finalMessage();
    const calls = first.content.filter((block) => block.type === 'tool_use');
    expect(calls.map(({ name, input }) => [name, input])).toEqual([
      ['weather', { place: 'Paris' }],
      ['traffic', { place: 'Hangzhou' }],
    ]);
    const results = calls.map(({ id, name }) => ({ type: 'tool_result' as const, tool_use_id: id, content: `${name}: fine` }));
    const second = await client().messages.create({
      ...scripted('parallel-tools'),
      tools,
      messages: [question, { role: 'assistant', content: first.content }, { role: 'user', content: results }],
    });
    expect(second.content).toMatchObject([{ type: 'text', text: 'The tool said: weather: fine; traffic: fine' }]);
  });

  test('a thought of the real engine, within its budget, goes back with the next turn', async () => {
    const thinking = { type: 'enabled' as const, budget_tokens: 5 };
    const first = await client().messages.create({ ...hello, max_tokens: 20, thinking });
    expect(first.content[0]).toMatchObject({ type: 'thinking', signature: expect.stringMatching(/./) });
    expect(first.usage).toMatchObject({ output_tokens_details: { thinking_tokens: 5 } });
    const second = await client().messages.create({
      ...hello,
      messages: [question, { role: 'assistant', content: first.content }, { role: 'user', content: 'Go on.' }],
    });
    expect(second.usage.output_tokens).toBeGreaterThan(0);
  });

  test('a JSON schema holds', async () => {
    const answer = await client().messages.create({ ...hello, max_tokens: 200, output_config: { format: capital } });
    const [block] = answer.content;
    expect(JSON.parse(block?.type === 'text' ? block.text : '')).toEqual({ city: 'Berlin', inhabitants: expect.any(Number) });
  });

  test('an abort ends the stream at once and frees the engine', async () => {
    const stream = client().messages.stream({ ...hello, max_tokens: 4_000 });
    let pieces = 0;
    stream.on('text', () => {
      if (++pieces === 3) stream.abort();
    });
    await expect(stream.finalMessage()).rejects.toBeInstanceOf(sdk.APIUserAbortError);
    await server.idle();
  });

  test('errors come as the errors that the client knows, with their type and the request id', async () => {
    const refused = [
      [{ ...hello, model: 'nobody' }, sdk.NotFoundError, 404, 'not_found_error'],
      [{ ...hello, max_tokens: 0 }, sdk.BadRequestError, 400, 'invalid_request_error'],
      [scripted('429'), sdk.RateLimitError, 429, 'rate_limit_error'],
    ] as const;
    for (const [body, kind, status, type] of refused) {
      const thrown: unknown = await client()
        .messages.create(body)
        .catch((error: unknown) => error);
      expect(thrown).toBeInstanceOf(kind);
      expect(thrown).toMatchObject({
        status,
        requestID: expect.stringMatching(/^req_/),
        error: { type: 'error', error: { type, message: expect.any(String) }, request_id: expect.stringMatching(/^req_/) },
      });
    }
    const stranger = new sdk.default({ baseURL: server.url, apiKey: 'fm_live_wrong', maxRetries: 0 });
    await expect(stranger.messages.create(hello)).rejects.toBeInstanceOf(sdk.AuthenticationError);
    await expect(stranger.models.list()).rejects.toMatchObject({ error: { error: { type: 'authentication_error' } } });
  });

  test('an error in the middle of a stream reaches the caller after what was said', async () => {
    let text = '';
    const stream = client().messages.stream(scripted('error-mid-stream'));
    stream.on('text', (piece) => (text += piece));
    await expect(stream.finalMessage()).rejects.toThrow(/overloaded/);
    expect(text).not.toBe('');
  });

  test('the list of models, page after page, and one of them by an alias', async () => {
    const ids = (await Array.fromAsync(client().models.list({ limit: 3 }))).map((model) => model.id);
    expect(ids).toContain('qwen3.5-flash');
    expect(new Set(ids).size).toBe(ids.length);
    expect(await client().models.retrieve('qwen3-5-flash')).toMatchObject({
      type: 'model',
      id: 'qwen3.5-flash',
      display_name: expect.any(String),
      max_input_tokens: expect.any(Number),
    });
    await expect(client().models.retrieve('nobody')).rejects.toBeInstanceOf(sdk.NotFoundError);
  });

  test('the beta resources of the client work as well', async () => {
    const answer = await client().beta.messages.create({ ...hello, betas: ['context-1m-2025-08-07'] });
    expect(answer.usage.output_tokens).toBe(12);
    expect((await client().beta.models.list()).data.length).toBeGreaterThan(0);
  });
});

describe('without a client', () => {
  const post = (path: string, body: unknown, headers: Record<string, string>): Promise<Response> =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });

  test.each([
    ['2023-06-01', (key: string) => ({ 'x-api-key': key })],
    ['2026-10-21', (key: string) => ({ authorization: `Bearer ${key}` })],
  ])('version %s, with the header that its clients send the key in', async (version, auth) => {
    const headers = { ...auth(server.key), 'anthropic-version': version, 'anthropic-beta': 'tools-2099-01-01,other' };
    const reply = await post('/v1/messages', hello, headers);
    expect(reply.status).toBe(200);
    expect(reply.headers.get('request-id')).toMatch(/^req_/);
    const models = await fetch(`${server.url}/v1/models`, { headers });
    expect(await models.json()).toMatchObject({ has_more: expect.any(Boolean), data: expect.any(Array) });
  });

  test('who is no client of Anthropic sees the models as OpenAI has them', async () => {
    const models = await fetch(`${server.url}/v1/models`, { headers: { 'x-api-key': server.key } });
    expect(await models.json()).toMatchObject({ object: 'list' });
  });

  test('a model that cannot answer now is a 529, and says when to try again', async () => {
    const reply = await post('/v1/messages', { ...hello, model: 'tinyllama-1.1b-chat' }, { 'x-api-key': server.key });
    expect([reply.status, await reply.json()]).toEqual([
      529,
      expect.objectContaining({ error: expect.objectContaining({ type: 'overloaded_error' }) }),
    ]);
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('unknown paths and methods answer in the envelope of the path', async () => {
    const unknown = await post('/v1/messages/batches', {}, { 'x-api-key': server.key });
    expect([unknown.status, await unknown.json()]).toEqual([
      404,
      {
        type: 'error',
        error: expect.objectContaining({ type: 'not_found_error' }),
        request_id: expect.stringMatching(/^req_/),
      },
    ]);
    const wrong = await fetch(`${server.url}/v1/messages`, { headers: { 'x-api-key': server.key } });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await wrong.json()).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
  });

  test('every event has its name in a line of its own, in the order that the clients insist on', async () => {
    const reply = await post('/v1/messages', { ...scripted('thinking'), stream: true }, { 'x-api-key': server.key });
    const frames = (await reply.text()).split('\n\n').filter((frame) => frame !== '');
    const names = frames.map((frame) => /^event: (\w+)\ndata: \{"type":"\1"/.exec(frame)?.[1]);
    expect(names.filter((name, index) => name !== names[index - 1])).toEqual([
      'message_start',
      'ping',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
  });

  test('an answer that is asked for again with its idempotency key begins with the same input', async () => {
    const headers = { 'x-api-key': server.key, 'idempotency-key': 'once' };
    const start = async (): Promise<unknown> => {
      const reply = await post('/v1/messages', { ...scripted('no-usage'), stream: true }, headers);
      const [frame = ''] = (await reply.text()).split('\n\n');
      const { message } = JSON.parse(frame.slice(frame.indexOf('data: ') + 6));
      return [message.id, message.usage.input_tokens];
    };
    const first = await start();
    expect(first).toEqual([expect.stringMatching(/^msg_/), expect.any(Number)]);
    expect(await start()).toEqual(first);
  });
});
