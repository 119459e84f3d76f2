import { readdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseJson, type Json, type JsonObject } from '../../src/model/json.ts';
import type { Log } from '../../src/telemetry/log.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

// Keys that a caller brings along are used for the call alone: nothing that lasts, and nothing that anybody is told, has them in it.

const model = 'qwen3.5-flash';
/** One that the host takes, and one that it refuses with the key in its words, as hosts do. */
const good = 'sk-caller-good-31415926535';
const bad = 'sk-caller-bad-27182818284';
const operators = 'sk-operator-16180339887';
/** That of a host where no key is taken at all. */
const stale = 'sk-operator-stale-14142135623';
const closedModel = 'qwen-flash';
const secrets = [good, bad, operators, stale];

const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_700_000_000, model };
const frames = [
  { ...head, choices: [{ index: 0, delta: { role: 'assistant', content: 'Yes' }, finish_reason: null }] },
  { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
  { ...head, choices: [], usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 } },
];

/** The keys that the host was called with, in order. */
let keysSeen: string[] = [];
/** Whatever was given to the log, its words and the causes of errors included. */
const lines: string[] = [];
const everything = { depth: 12, maxStringLength: Infinity, maxArrayLength: Infinity, showHidden: true } as const;
const write = (...told: readonly unknown[]): void => void lines.push(inspect(told, everything));
const log: Log = { debug: write, info: write, warn: write, error: write, child: () => log };
const answers: string[] = [];
let host: Server;
let server: TestServer;

beforeAll(async () => {
  host = createServer((request, reply) => {
    const key = (request.headers.authorization ?? '').replace('Bearer ', '');
    keysSeen.push(key);
    request.resume().on('end', () => {
      if (key === bad || key === stale) {
        reply.writeHead(401, { 'content-type': 'application/json', 'x-key': key });
        reply.end(JSON.stringify({ error: { message: `Incorrect API key provided: ${key}.`, code: key, type: 'invalid_key' } }));
        return;
      }
      reply.writeHead(200, { 'content-type': 'text/event-stream' });
      reply.end([...frames.map((frame) => JSON.stringify(frame)), '[DONE]'].map((data) => `data: ${data}\n\n`).join(''));
    });
  });
  const listening = Promise.withResolvers<void>();
  host.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = host.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  const base_url = `http://127.0.0.1:${address.port}/v1`;
  const providers = [
    { name: 'host', base_url, models: [model], api_key: operators },
    { name: 'closed', base_url, models: [closedModel], api_key: stale },
  ];
  server = await startTestServer({ settings: { engine: { enabled: false }, providers }, log });
});
afterAll(async () => {
  await server.stop();
  const closed = Promise.withResolvers<void>();
  host.close(() => closed.resolve());
  host.closeAllConnections();
  await closed.promise;
});

async function call(
  gateway: JsonObject,
  stream: boolean,
  named = model,
): Promise<{ readonly status: number; readonly text: string }> {
  const reply = await fetch(`${server.url}/v4/ai/language-model`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${server.key}`,
      'content-type': 'application/json',
      'ai-language-model-id': named,
      'ai-language-model-streaming': String(stream),
      'ai-language-model-specification-version': '4',
    },
    body: JSON.stringify({
      prompt: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
      maxOutputTokens: 100,
      providerOptions: { gateway },
    }),
  });
  const text = await reply.text();
  answers.push(text, JSON.stringify([...reply.headers]));
  return { status: reply.status, text };
}

async function get(target: string): Promise<Json> {
  const reply = await fetch(server.url + target, { headers: { authorization: `Bearer ${server.key}` } });
  const text = await reply.text();
  answers.push(text);
  return parseJson(text) ?? null;
}

const today = new Date().toISOString().slice(0, 10);
const span = `start_date=${today}&end_date=${today}`;

describe.each([
  ['whole', false],
  ['streamed', true],
])('a call, %s', (_, stream) => {
  test('is made with the key of the caller, before that of the server', async () => {
    keysSeen = [];
    const { status, text } = await call({ byok: { host: [{ apiKey: good }] }, user: 'ann', tags: ['own', 'chat'] }, stream);
    expect({ status, keysSeen }).toEqual({ status: 200, keysSeen: [good] });
    expect(text).toContain('Yes');
  });

  test('goes on with the next key where the host refuses the first', async () => {
    keysSeen = [];
    const { status } = await call({ byok: { host: [{ apiKey: bad }, { apiKey: good }] } }, stream);
    expect({ status, keysSeen }).toEqual({ status: 200, keysSeen: [bad, good] });
    keysSeen = [];
    await call({ byok: { host: [{ apiKey: bad }] }, only: ['host'] }, stream);
    expect(keysSeen).toEqual([bad, operators]);
  });

  test('fails without telling the keys where the host takes none of them, though it says them itself', async () => {
    keysSeen = [];
    const { text } = await call({ byok: { closed: [{ apiKey: bad }] } }, stream, closedModel);
    expect(keysSeen).toEqual([bad, stale]);
    expect(text).toContain('"error"');
  });

  test.each<[string, Json]>([
    ['byok', good],
    ['byok.host', { host: good }],
    ['byok.host[0]', { host: [{ token: good }] }],
    ['byok.host[0].apiKey', { host: [{ apiKey: `${good}\r\n` }] }],
  ])('with a credential of another form is refused at %s', async (place, byok) => {
    const { status, text } = await call({ byok }, stream);
    expect(status).toBe(400);
    expect(text).toContain(`providerOptions.gateway.${place}`);
  });
});

test('the record of a call says that an own key was used, and for whom and what; reports are told by all of it', async () => {
  const byok = { host: [{ apiKey: bad }, { apiKey: good }] };
  const { text } = await call({ byok, user: 'bob', tags: ['told'] }, false);
  const { providerMetadata } = JSON.parse(text);
  const about = await get(`/v1/generation?id=${providerMetadata.gateway.generationId}`);
  expect(about).toMatchObject({ data: { is_byok: true, external_user: 'bob', tags: ['told'] } });
  expect(await get(`/api/v1/generation?id=${providerMetadata.gateway.generationId}`)).toMatchObject({
    data: {
      is_byok: true,
      external_user: 'bob',
      provider_responses: [
        { provider_name: 'host', status: expect.any(Number) },
        { provider_name: 'host', status: 200, is_byok: true },
      ],
    },
  });
  const report = (query: string): Promise<Json> => get(`/v1/report?${span}&${query}`);
  expect(await report('group_by=user&tags=told')).toMatchObject({ results: [{ user: 'bob', request_count: 1 }] });
  expect(await report('group_by=tag&user_id=bob')).toMatchObject({ results: [{ tag: 'told', request_count: 1 }] });
  expect(await report('group_by=credential_type&user_id=bob')).toMatchObject({ results: [{ credential_type: 'byok' }] });
  expect(await report('group_by=provider&credential_type=byok')).toMatchObject({ results: [{ provider: 'host' }] });
  expect(await get('/v1/usage?group_by=tag')).toMatchObject({
    data: expect.arrayContaining([expect.objectContaining({ tag: 'told' })]),
  });
});

test('no key of a caller is in a line of the log, in an answer, or in a file of the server', async () => {
  await server.idle();
  // What is looked through has words of the calls in it, or it would prove nothing.
  expect(lines.join('\n')).toContain('upstream_refused');
  expect(answers.length).toBeGreaterThan(20);
  const files = await filesIn(server.home);
  expect(files.some(({ text }) => text.includes('ann') && text.includes('own'))).toBe(true);
  const places = [
    ...lines.map((text) => ({ name: 'log', text })),
    ...answers.map((text) => ({ name: 'answer', text })),
    ...files,
  ];
  const found = places.filter(({ text }) => secrets.some((secret) => text.includes(secret)));
  expect(found).toEqual([]);
});

/** Every file of the data folder, the log of the database among them. */
async function filesIn(folder: string): Promise<readonly { readonly name: string; readonly text: string }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return Promise.all(names.map(async (name) => ({ name, text: await readFile(name, 'latin1') })));
}
