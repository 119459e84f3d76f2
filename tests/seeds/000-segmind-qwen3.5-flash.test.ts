import axios from 'axios';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { Json } from '../../src/model/json.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { chatAnswer } from './chat-answer.ts';
import { openPrepaid } from './open-prepaid.ts';
import { startSampleHost, type SampleAnswer, type SampleHost } from './sample-host.ts';

// Seed 000, Segmind's page of qwen3.5-flash: on the embedded engine, and where its tiny model reads no pictures and costs nothing, on a
// scripted host that is configured as qwen3.5-flash. The titles say which.

const answered: SampleAnswer = {
  text: 'A dog walks into a bar.',
  usage: {
    prompt_tokens: 57,
    completion_tokens: 10,
    prompt_tokens_details: { text_tokens: 57 },
    completion_tokens_details: { text_tokens: 10 },
  },
};

let next: SampleAnswer = answered;
let host: SampleHost;
let local: TestServer;
let hosted: TestServer;
let key = '';
let emptyKey = '';
beforeAll(async () => {
  host = await startSampleHost(() => next);
  local = await startTestServer();
  const provider = { name: 'host', base_url: host.baseUrl, quirks: 'flashmux', models: ['qwen3.5-flash'] };
  hosted = await startTestServer({ settings: { providers: [provider], engine: { enabled: false } }, store: 'memory' });
  key = await openPrepaid(hosted, 'customer', 5_000_000_000n);
  emptyKey = await openPrepaid(hosted, 'spent', 0n);
});
afterAll(async () => {
  await local.stop();
  await hosted.stop();
  await host.close();
});

/** The `data` of the sample. */
const data = {
  messages: [
    { role: 'user', content: 'tell me a joke on cats' },
    { role: 'assistant', content: 'here is a joke about cats...' },
    { role: 'user', content: 'now a joke on dogs' },
  ],
};

interface Asked {
  readonly url?: string;
  readonly body?: Json;
  readonly key?: string;
}

/** What the sample does, where the call fails too: axios throws there, and `error.response` is the answer. */
async function ask({ url = `${hosted.url}/v1/qwen3.5-flash`, body = data, key: own = key }: Asked) {
  try {
    return await axios.post<unknown>(url, body, { headers: { 'x-api-key': own } });
  } catch (error) {
    if (!axios.isAxiosError<unknown>(error) || error.response === undefined) throw error;
    return error.response;
  }
}

/** What the host was sent last. */
function lastBody() {
  return z.looseObject({ messages: z.array(z.unknown()) }).parse(host.bodies.at(-1));
}

// The sample below POST: axios.post(url, data, { headers: { 'x-api-key': api_key } }), and console.log(response.data).
test('the call of the page, and its data, on the embedded engine', async () => {
  const response = await axios.post<unknown>(`${local.url}/v1/qwen3.5-flash`, data, { headers: { 'x-api-key': local.key } });
  expect(response.status).toBe(200);
  expect(response.headers['content-type']).toBe('application/json');
  expect(response.headers['x-flashmux-stand-in-for']).toBe('qwen3.5-flash');
  chatAnswer.parse(response.data);
});

// toB64 at the top of the sample reads a file into base64; the second prompt tip names the parameter that takes it.
test('a picture made base64 the way the helper does reaches a scripted host', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'flashmux-picture-'));
  const file = path.join(folder, 'contract.png');
  await writeFile(
    file,
    Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64'),
  );
  const image = (await readFile(path.resolve(file))).toString('base64');
  await rm(folder, { recursive: true });
  const response = await ask({ body: { ...data, image } });
  expect(response.status, JSON.stringify(response.data)).toBe(200);
  expect(lastBody().messages.at(-1)).toEqual({
    role: 'user',
    content: [
      { type: 'text', text: 'now a joke on dogs' },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } },
    ],
  });
});

test('what the sample prints where the call failed', async () => {
  const failed = axios.post(`${local.url}/v1/qwen3.5-flash`, data, { headers: { 'x-api-key': 'YOUR API-KEY' } });
  const error: unknown = await failed.catch((thrown: unknown) => thrown);
  if (!axios.isAxiosError<unknown>(error)) throw new Error('axios did not throw its own error');
  expect(error.response?.data).toMatchObject({ message: expect.stringMatching(/key/), error: { code: 'invalid_api_key' } });
});

test.each([
  [200, () => ask({})],
  [401, () => ask({ key: 'YOUR API-KEY' })],
  [404, () => ask({ url: `${hosted.url}/v1/qwen3.5-flesh` })],
  [
    405,
    () => axios.get<unknown>(`${hosted.url}/v1/qwen3.5-flash`, { headers: { 'x-api-key': key }, validateStatus: () => true }),
  ],
  [406, () => ask({ key: emptyKey })],
  [500, () => failing()],
] as const)('response code %i, from a scripted host', async (status, call) => {
  const response = await call();
  expect([response.status, response.headers['content-type']]).toEqual([status, 'application/json']);
  if (status !== 200)
    expect(response.data).toMatchObject({ message: expect.any(String), error: { message: expect.any(String) } });
});

async function failing() {
  next = { ...answered, status: 500 };
  try {
    return await ask({});
  } finally {
    next = answered;
  }
}

test.each(['user', 'assistant', 'system'])('a message of the role %s is read as a text, by a scripted host', async (role) => {
  const messages = [
    { role, content: 'We speak of cats.' },
    { role: 'user', content: 'now a joke on dogs' },
  ];
  expect((await ask({ body: { messages } })).status).toBe(200);
  expect(lastBody().messages).toEqual(messages);
});

test('the credits that remain are in the headers of each call, less what a scripted host made it cost', async () => {
  const before = Number((await ask({ url: `${hosted.url}/v1/qwen3.5-flesh` })).headers['x-remaining-credits']);
  const { data: answer, headers } = await ask({});
  const { meta } = chatAnswer.parse(answer);
  expect(meta.usage.usd_spent).toBe(0.000_009_7);
  expect(Number(headers['x-remaining-credits'])).toBeCloseTo(before - meta.usage.usd_spent, 9);
  expect((await ask({ key: emptyKey })).headers['x-remaining-credits']).toBe('0.00');
});

test('it thinks before it answers, though nobody asked a scripted host to', async () => {
  next = { ...answered, thoughts: 'Dogs, then.' };
  const response = await ask({});
  next = answered;
  expect(lastBody()).toMatchObject({ enable_thinking: true });
  const [choice] = chatAnswer.parse(response.data).choices;
  expect(choice.message).toMatchObject({ content: answered.text, reasoning_content: 'Dogs, then.' });
});
