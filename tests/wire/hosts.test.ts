import { createServer, type Server } from 'node:http';
import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { localAccountId } from '../../src/main/open-home.ts';
import type { Json } from '../../src/model/json.ts';
import type { LogFields } from '../../src/telemetry/log.ts';
import { postChat } from '../support/chat-body.ts';
import { recordingLog } from '../support/recording-log.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

// Known hosts over real sockets: the address is this machine's, everything else is as their preset says.

const model = 'qwen-flash';

interface Asked {
  readonly key: string;
  readonly body: Json;
}

let upstream: Server;
let address = '';
let asked: Asked[] = [];
/** Keys that the host refuses, with the status. */
let refused: Readonly<Record<string, number>> = {};
let server: TestServer | undefined;
const lines: LogFields[] = [];

const head = '"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"host"';
const frames = [
  `{${head},"choices":[{"index":0,"delta":{"role":"assistant","content":"Yes"},"finish_reason":null}]}`,
  `{${head},"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`,
  `{${head},"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}`,
  '[DONE]',
];

beforeEach(async () => {
  asked = [];
  refused = {};
  upstream = createServer((request, reply) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const key = (request.headers.authorization ?? '').replace('Bearer ', '');
      const body: Json = JSON.parse(Buffer.concat(chunks).toString());
      asked.push({ key, body });
      const status = refused[key];
      if (status !== undefined) {
        reply.writeHead(status, { 'content-type': 'application/json', 'retry-after': '30' });
        reply.end(JSON.stringify({ error: { message: `no, ${key}`, type: 'x', code: 'x' } }));
        return;
      }
      reply.writeHead(200, { 'content-type': 'text/event-stream' });
      reply.end(frames.map((data) => `data: ${data}\n\n`).join(''));
    });
  });
  const listening = Promise.withResolvers<void>();
  upstream.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const at = upstream.address();
  if (at === null || typeof at === 'string') throw new Error('no address');
  address = `http://127.0.0.1:${at.port}/v1`;
});

afterEach(async () => {
  await server?.stop();
  server = undefined;
  const closed = Promise.withResolvers<void>();
  upstream.close(() => closed.resolve());
  upstream.closeAllConnections();
  await closed.promise;
});

async function start(provider: Readonly<Record<string, unknown>>): Promise<TestServer> {
  const settings = {
    engine: { enabled: false },
    providers: [{ name: 'alibaba', preset: 'alibaba', base_url: address, ...provider }],
  };
  server = await startTestServer({ settings, store: 'memory', log: recordingLog(lines) });
  return server;
}

async function ask(running: TestServer, more: Readonly<Record<string, Json>> = {}): Promise<{ status: number; text: string }> {
  const reply = await postChat(running, { model, messages: [{ role: 'user', content: 'Hello' }], ...more });
  return { status: reply.status, text: await reply.text() };
}

async function charged(running: TestServer, text: string): Promise<bigint | undefined> {
  const { id }: { id: string } = JSON.parse(text);
  return (await running.server.home.ledger.answerRecord(id))?.charged;
}

test('keys are used in turn, and one that is refused is left out at once', async () => {
  const running = await start({ api_keys: ['sk-first', 'sk-second', 'sk-third'] });
  for (let round = 0; round < 3; round++) expect((await ask(running)).status).toBe(200);
  expect(asked.map(({ key }) => key)).toEqual(['sk-first', 'sk-second', 'sk-third']);
  asked = [];
  refused = { 'sk-first': 401, 'sk-third': 429 };
  for (let round = 0; round < 4; round++) expect((await ask(running)).status).toBe(200);
  expect(asked.map(({ key }) => key)).toEqual(['sk-first', 'sk-second', 'sk-third', 'sk-second', 'sk-second', 'sk-second']);
});

test('where every key is refused the caller hears it, and no key stands in an answer or in the log', async () => {
  const running = await start({ api_keys: ['sk-first', 'sk-second'] });
  refused = { 'sk-first': 401, 'sk-second': 403 };
  const { status, text } = await ask(running);
  expect(status).toBe(502);
  expect(text).toMatch(/refused/);
  expect(new Set(asked.map(({ key }) => key))).toEqual(new Set(['sk-first', 'sk-second']));
  expect(text + inspect(lines, { depth: 12 })).not.toMatch(/sk-(first|second)/);
  expect(lines.length).toBeGreaterThan(0);
});

test('an account that brings its own key is served with it, and pays the host and not this server', async () => {
  const running = await start({ api_key: 'sk-ours', account_keys: { [localAccountId]: 'sk-own', other: 'sk-other' } });
  const { status, text } = await ask(running);
  expect(status).toBe(200);
  expect(asked.map(({ key }) => key)).toEqual(['sk-own']);
  expect(await charged(running, text)).toBe(0n);
});

test("callers pay the host's price of the region", async () => {
  const running = await start({ api_key: 'k', region: 'beijing' });
  const { text } = await ask(running);
  // 3 tokens in at $0.022 and 1 out at $0.216 a million; in Singapore it would be $0.05 and $0.40.
  expect(await charged(running, text)).toBe(3n * 22n + 216n);
});

test('the host is asked in its own words, and the caller is told what it could not be asked', async () => {
  const running = await start({ api_key: 'k' });
  const { text } = await ask(running, { reasoning_effort: 'low', min_p: 0.1, x_field: 1, temperature: 2 });
  expect(asked[0]?.body).toEqual({
    model,
    messages: [{ role: 'user', content: 'Hello' }],
    temperature: 1.99,
    enable_thinking: true,
    thinking_budget: 4_096,
    stream: true,
    stream_options: { include_usage: true },
  });
  for (const field of ['min_p', 'x_field', 'temperature']) expect(text).toContain(field);
});
