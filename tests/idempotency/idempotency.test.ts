import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

// The header Idempotency-Key on a real server: one request is one charge, however often a client that lost its connection asks.

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ settings: { engine: { enabled: false }, scripted: { enabled: true } } });
});
afterAll(() => server.stop());

function post(key: string, body: JsonObject = {}, signal?: AbortSignal): Promise<Response> {
  return fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ model: 'scripted/hello', messages: [{ role: 'user', content: 'Hello' }], ...body }),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function spentRequests(): Promise<number> {
  return (await server.server.home.ledger.requestRecords({ accountId: 'local', limit: 1_000 })).length;
}

test('the same request under the same key gets the same body, and says that it is a repetition', async () => {
  const before = await spentRequests();
  const first = await post('whole');
  const again = await post('whole');
  expect(first.headers.get('idempotent-replayed')).toBeNull();
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(again.status).toBe(200);
  expect(await again.json()).toEqual(await first.json());
  expect(await spentRequests()).toBe(before + 1);
});

test('a stream is repeated as a stream with the same words, id and usage', async () => {
  const first = await (await post('stream', { stream: true, stream_options: { include_usage: true } })).text();
  const again = await (await post('stream', { stream: true, stream_options: { include_usage: true } })).text();
  expect(textOf(again)).toBe(textOf(first));
  expect(textOf(again)).toBe('Hello from the script.');
  expect(usageOf(again)).toEqual(usageOf(first));
  expect(again.endsWith('data: [DONE]\n\n')).toBe(true);
});

test('another order of the same fields is the same request, another value is not', async () => {
  const first = await (await post('order', { temperature: 0.5, top_p: 0.9 })).json();
  expect(await (await post('order', { top_p: 0.9, temperature: 0.5 })).json()).toEqual(first);
  const other = await post('order', { top_p: 0.8, temperature: 0.5 });
  expect(other.status).toBe(422);
  expect(await other.json()).toMatchObject({ error: { code: 'idempotency_key_reused', param: 'idempotency-key' } });
});

test('of 1,000 requests with one key at once, one is done; the others are told when to come again', async () => {
  const before = await spentRequests();
  const replies = await Promise.all(Array.from({ length: 1_000 }, () => post('storm', { model: 'scripted/slow-tokens' })));
  const statuses = new Map<number, number>();
  for (const reply of replies) {
    statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1);
    if (reply.status === 409) {
      expect(reply.headers.get('retry-after')).toBe('1');
      expect(reply.headers.get('x-should-retry')).toBeNull();
    }
    await reply.body?.cancel();
  }
  // Late ones may find the answer; the limit of requests at once refuses some before the key is looked at.
  expect(statuses.get(200)).toBeGreaterThanOrEqual(1);
  expect([...statuses.keys()].toSorted((left, right) => left - right)).toEqual(expect.arrayContaining([200, 409]));
  expect(await spentRequests()).toBe(before + 1);
});

test('a client that loses its connection and asks again gets the whole answer, and pays once', async () => {
  const before = await spentRequests();
  const connection = new AbortController();
  const reply = await post('lost', { model: 'scripted/slow-tokens', stream: true }, connection.signal);
  const reader = reply.body?.getReader();
  await reader?.read();
  connection.abort();
  await expect
    .poll(async () => (await post('lost', { model: 'scripted/slow-tokens', stream: true })).status, {
      timeout: 30_000,
      interval: 200,
    })
    .toBe(200);
  const again = await post('lost', { model: 'scripted/slow-tokens', stream: true });
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(textOf(await again.text())).toBe('Hello from the script.');
  expect(await spentRequests()).toBe(before + 1);
});

test('each account has its own keys', async () => {
  const { ledger, access } = server.server.home;
  await ledger.openAccount({ id: 'other', limit: 'none' });
  const { secret } = await access.create({ name: 'other', accountId: 'other' });
  const mine = await (await post('shared')).json();
  const theirs = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', 'idempotency-key': 'shared' },
    body: JSON.stringify({ model: 'scripted/hello', messages: [{ role: 'user', content: 'Hello' }] }),
  });
  expect(theirs.headers.get('idempotent-replayed')).toBeNull();
  expect(await theirs.json()).not.toMatchObject({ id: idOf(mine) });
});

test('a key that no header should hold is refused with its name', async () => {
  const reply = await post('x'.repeat(256));
  expect(reply.status).toBe(400);
  expect(await reply.json()).toMatchObject({ error: { param: 'idempotency-key' } });
});

function idOf(answer: unknown): unknown {
  return typeof answer === 'object' && answer !== null && 'id' in answer ? answer.id : undefined;
}

function chunksOf(stream: string): readonly JsonObject[] {
  return stream
    .split('\n\n')
    .filter((frame) => frame.startsWith('data: {'))
    .map((frame) => JSON.parse(frame.slice('data: '.length)));
}

function textOf(stream: string): string {
  return chunksOf(stream)
    .map((chunk) => JSON.stringify(chunk).match(/"content":("(?:[^"\\]|\\.)*")/)?.[1] ?? '""')
    .map((text) => String(JSON.parse(text)))
    .join('');
}

function usageOf(stream: string): unknown {
  return chunksOf(stream).findLast((chunk) => 'usage' in chunk && chunk['usage'] !== null)?.['usage'];
}
