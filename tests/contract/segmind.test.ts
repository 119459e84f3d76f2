import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import axios from 'axios';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { localAccountId } from '../../src/main/open-home.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { startRecordingUpstream, type RecordingUpstream } from '../support/recording-upstream.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

// The pages of Segmind (seeds 000 and 001) with base URL and key changed: on the local engine, and on a host that reports 3 tokens in
// and 1 out for each call, which is what the bills below are made of.

const hosted = 'qwen3.6-flash';
let upstream: RecordingUpstream;
let server: TestServer;
beforeAll(async () => {
  upstream = await startRecordingUpstream();
  server = await startTestServer({
    settings: { providers: [{ name: 'host', base_url: upstream.baseUrl, models: [hosted] }] },
  });
});
afterAll(async () => {
  await server.stop();
  await upstream.close();
});

/** As both pages have it, the comma at the end of its list left out. */
const data = {
  messages: [
    { role: 'user', content: 'tell me a joke on cats' },
    { role: 'assistant', content: 'here is a joke about cats...' },
    { role: 'user', content: 'now a joke on dogs' },
  ],
};

const answer = z.looseObject({
  object: z.literal('chat.completion'),
  choices: z.tuple([z.looseObject({ message: z.looseObject({ role: z.literal('assistant') }) })]),
  usage: z.looseObject({ prompt_tokens: z.number(), completion_tokens: z.number() }),
});

function post(
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = { 'x-api-key': server.key },
): Promise<Response> {
  return fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

describe.each(['qwen3.5-flash', 'qwen-flash'])('the sample of the page of %s', (model) => {
  test('as it is written, with axios', async () => {
    const response = await axios.post(
      `${server.url}/v1/${model}`,
      { ...data, max_tokens: 8 },
      { headers: { 'x-api-key': server.key } },
    );
    expect(response.status).toBe(200);
    expect(response.headers['content-type']).toContain('application/json');
    const { usage } = answer.parse(response.data);
    expect(usage.completion_tokens).toBeGreaterThan(0);
  });

  test('with fetch', async () => {
    const reply = await post(`/v1/${model}`, { ...data, max_tokens: 8 });
    expect(reply.status).toBe(200);
    answer.parse(await reply.json());
  });

  test('with curl', async () => {
    const { url, key } = server;
    const words = ['-s', '-X', 'POST', `${url}/v1/${model}`, '-H', `x-api-key: ${key}`, '-H', 'content-type: application/json'];
    const child = spawn('curl', [...words, '-d', JSON.stringify({ ...data, max_tokens: 8 })], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    answer.parse(JSON.parse(await text(child.stdout)));
  });
});

test('any model by its id, with a slash as it is or encoded, and by an alias', async () => {
  for (const path of ['/v1/alibaba/qwen3.5-flash', '/v1/alibaba%2Fqwen3.5-flash', '/v1/qwen3-5-flash', '/v1/scripted/hello']) {
    const reply = await post(path, { ...data, max_tokens: 3 });
    expect(reply.status, path).toBe(200);
  }
});

test('the parameters of the pages reach the host, and an image is part of what was said last', async () => {
  const picture = 'data:image/png;base64,iVBORw0KGgo=';
  const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }];
  const reply = await post(`/v1/${hosted}`, { ...data, temperature: 0.5, tools, tool_choice: 'auto', seed: 3, image: picture });
  expect(reply.status).toBe(200);
  const { messages, ...body } = upstream.lastBody();
  expect(body).toMatchObject({ temperature: 0.5, tools, tool_choice: 'auto', seed: 3 });
  expect(z.array(z.unknown()).parse(messages).at(-1)).toEqual({
    role: 'user',
    content: [
      { type: 'text', text: 'now a joke on dogs' },
      { type: 'image_url', image_url: { url: picture } },
    ],
  });
});

test('a stream, for those who ask for one as OpenAI has it', async () => {
  const reply = await post('/v1/scripted/hello', { ...data, stream: true });
  expect(reply.headers.get('content-type')).toContain('text/event-stream');
  const lines = (await reply.text()).split('\n\n').filter((line) => line !== '');
  expect(lines.at(-1)).toBe('data: [DONE]');
  expect(lines.length).toBeGreaterThan(3);
});

describe('the statuses of the page', () => {
  const errorBody = z.looseObject({ message: z.string(), error: z.looseObject({ message: z.string(), code: z.string() }) });

  test('401 for a key that does not open, read the way the sample reads it', async () => {
    const failed = axios.post(`${server.url}/v1/qwen3.5-flash`, data, { headers: { 'x-api-key': 'YOUR API-KEY' } });
    const error: unknown = await failed.catch((thrown: unknown) => thrown);
    if (!axios.isAxiosError(error)) throw new Error('axios did not throw its own error');
    expect(error.response?.status).toBe(401);
    expect(errorBody.parse(error.response?.data).error.code).toBe('invalid_api_key');
    expect((await post('/v1/qwen3.5-flash', data, {})).status).toBe(401);
  });

  test('406 for missing credits, and the credits that remain on every answer', async () => {
    const budget = { amountNanoUsd: 1_000_000n, period: 'total' } as const;
    const { secret } = await server.server.home.access.create({ name: 'poor', accountId: localAccountId, budget });
    const headers = { 'x-api-key': secret };
    const paid = await post(`/v1/${hosted}`, { ...data, enable_thinking: false, max_tokens: 10 }, headers);
    expect(paid.status, await paid.clone().text()).toBe(200);
    const left = Number(paid.headers.get('x-remaining-credits'));
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(0.001);
    const refused = await post(`/v1/${hosted}`, { ...data, enable_thinking: false, max_tokens: 60_000 }, headers);
    expect(refused.status).toBe(406);
    expect(errorBody.parse(await refused.json()).error.code).toBe('insufficient_credits');
    expect(Number(refused.headers.get('x-remaining-credits'))).toBe(left);
  });

  test('404 for what does not exist, 405 for another method, 400 for a wrong body with its path', async () => {
    const unknown = await post('/v1/qwen9-flash', data);
    expect(unknown.status).toBe(404);
    expect(errorBody.parse(await unknown.json()).error.code).toBe('model_not_found');
    expect((await post('/v1/nobody/qwen9-flash', data)).status).toBe(404);
    const read = await fetch(`${server.url}/v1/qwen3.5-flash`, { headers: { 'x-api-key': server.key } });
    expect([read.status, read.headers.get('allow')]).toEqual([405, 'POST']);
    const cases: readonly (readonly [JsonObject, string])[] = [
      [{}, 'messages'],
      [{ messages: [{ role: 'robot', content: 'x' }] }, 'messages[0].role'],
      [{ ...data, model: 'other' }, 'model'],
      [{ ...data, image: 5 }, 'image'],
      [{ messages: [{ role: 'system', content: 'x' }], image: 'https://example.com/a.png' }, 'image'],
    ];
    for (const [body, param] of cases) {
      const reply = await post('/v1/qwen3.5-flash', body);
      expect([reply.status, await reply.json()]).toEqual([
        400,
        expect.objectContaining({ error: expect.objectContaining({ param }) }),
      ]);
    }
  });

  test('500 and its like for a host that fails', async () => {
    expect((await post('/v1/scripted/500', data)).status).toBe(500);
  });
});

test('routes of other APIs are no models', async () => {
  for (const path of ['/v1/chat/completions', '/v1/models', '/v1/credits', '/v1/chat/completion', '/v1/models/x']) {
    const reply = await post(path, {});
    const { error } = z.object({ error: z.looseObject({ code: z.string() }) }).parse(await reply.json());
    expect(error.code, path).not.toBe('model_not_found');
  }
});
