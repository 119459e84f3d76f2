import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localAccountId } from '../../src/main/open-home.ts';
import type { LogFields } from '../../src/telemetry/log.ts';
import { postChat } from '../support/chat-body.ts';
import { recordingLog } from '../support/recording-log.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

// A host may say anything about what it used. Whatever it is, the answer arrives, the bill lies between nothing and the hold, and
// nothing stays held.

const model = 'qwen-flash';
const lines: LogFields[] = [];
let usages: readonly string[] = [];
let upstream: Server;
let server: TestServer;

beforeAll(async () => {
  const head = '"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"host"';
  const answer = [
    `{${head},"choices":[{"index":0,"delta":{"role":"assistant","content":"Yes"},"finish_reason":null}]}`,
    `{${head},"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`,
  ];
  upstream = createServer((request, reply) => {
    request.resume();
    request.on('end', () => {
      reply.writeHead(200, { 'content-type': 'text/event-stream' });
      const told = usages.map((usage) => `{${head},"choices":[],"usage":${usage}}`);
      reply.end([...answer, ...told, '[DONE]'].map((data) => `data: ${data}\n\n`).join(''));
    });
  });
  const listening = Promise.withResolvers<void>();
  upstream.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = upstream.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  const host = { name: 'host', base_url: `http://127.0.0.1:${address.port}/v1`, models: [model] };
  const settings = { engine: { enabled: false }, providers: [host] };
  server = await startTestServer({ settings, store: 'memory', log: recordingLog(lines) });
});
afterAll(async () => {
  await server.stop();
  const closed = Promise.withResolvers<void>();
  upstream.close(() => closed.resolve());
  await closed.promise;
});

/** What one answer is charged whose host tells these usages, each as it stands on the wire. */
async function charged(...told: readonly string[]): Promise<{ readonly nano: bigint; readonly estimated: boolean }> {
  usages = told;
  const reply = await postChat(server, { model, max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] });
  expect(reply.status).toBe(200);
  const answer: { id: string; usage: { cost_usd: number } } = JSON.parse(await reply.text());
  const record = await server.server.home.ledger.answerRecord(answer.id);
  if (record === undefined) throw new Error('no record');
  expect(answer.usage.cost_usd).toBe(Number(record.charged) / 1e9);
  expect(await server.server.home.ledger.balance(localAccountId)).toMatchObject({ pending: 0n });
  return { nano: record.charged, estimated: record.usage?.estimated === true };
}

/** 3 tokens in and 1 out at $0.05 and $0.40 a million. */
const right = '{"prompt_tokens":3,"completion_tokens":1}';
const rightNano = 3n * 50n + 400n;

test('a usage that is told again and again is charged once, and the last word counts', async () => {
  expect(await charged(right)).toEqual({ nano: rightNano, estimated: false });
  expect(await charged(right, right, right)).toEqual({ nano: rightNano, estimated: false });
  expect(await charged('{"prompt_tokens":900,"completion_tokens":90}', right)).toEqual({ nano: rightNano, estimated: false });
});

test.each([
  ['negative', '{"prompt_tokens":-3,"completion_tokens":-1}'],
  ['beyond every number', '{"prompt_tokens":1e400,"completion_tokens":-1e400}'],
  ['a fraction', '{"prompt_tokens":0.1,"completion_tokens":1.5}'],
  ['text', '{"prompt_tokens":"NaN","completion_tokens":"1"}'],
  ['no object', '[3,1]'],
])('a usage that is %s was not told: what was said is counted here, and marked so', async (_, told) => {
  const { nano, estimated } = await charged(told);
  expect(estimated).toBe(true);
  expect(nano > 0n && nano < 100_000n).toBe(true);
});

test('a usage that is huge is charged up to the hold, and alarmed', async () => {
  const before = lines.length;
  const { nano } = await charged('{"prompt_tokens":9007199254740991,"completion_tokens":9007199254740991}');
  // The hold was for a hundred tokens out and a short prompt: some ten thousandths of a dollar.
  expect(nano > rightNano && nano < 1_000_000n).toBe(true);
  expect(lines.slice(before)).toContainEqual(expect.objectContaining({ flaw: 'above-hold' }));
});

test('parts that claim more than their whole are charged as the whole', async () => {
  const details =
    '"prompt_tokens_details":{"cached_tokens":900,"image_tokens":900},"completion_tokens_details":{"reasoning_tokens":900}';
  const { nano } = await charged(`{"prompt_tokens":3,"completion_tokens":1,${details}}`);
  expect(nano > 0n && nano <= rightNano).toBe(true);
});
