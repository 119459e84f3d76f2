import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KeyWish } from '../../src/access/key-admin.ts';
import { localAccountId } from '../../src/main/open-home.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { startRecordingUpstream, type RecordingUpstream } from '../support/recording-upstream.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

// Where a key may come from, what it may use and spend, and how that changes while the server runs. The upstream reports 3 tokens in
// and 1 out for each call, at EmpirioLabs' prices; the test itself stands behind a trusted proxy at 127.0.0.1.

const model = 'qwen3.5-flash';
let upstream: RecordingUpstream;
let server: TestServer;

beforeAll(async () => {
  upstream = await startRecordingUpstream();
  server = await startTestServer({
    settings: {
      server: { port: 0, trusted_proxies: ['127.0.0.1', '10.0.0.0/8'] },
      engine: { enabled: false },
      providers: [{ name: 'host', base_url: upstream.baseUrl, models: [model] }],
    },
  });
});
afterAll(async () => {
  await server.stop();
  await upstream.close();
});

function createKey(terms: Partial<KeyWish>): Promise<{ readonly id: string; readonly secret: string }> {
  return server.server.home.access.create({ name: 'limited', accountId: localAccountId, ...terms });
}

interface CallOptions {
  readonly body?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
}

function call(secret: string, { body = {}, headers = {} }: CallOptions = {}): Promise<Response> {
  return fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }], max_tokens: 100, ...body }),
  });
}

/** The numbers of one family: `limit, remaining`. */
function tokensOf({ headers }: Response): readonly (string | null)[] {
  return ['limit', 'remaining'].map((what) => headers.get(`x-ratelimit-${what}-tokens`));
}

test('what the host counted is what the key has used, whether its answer is whole or a stream', async () => {
  const { secret } = await createKey({ tokensPerMinute: 10 });
  expect(tokensOf(await call(secret))).toEqual(['10', '6']);
  const stream = await call(secret, { body: { stream: true } });
  expect(tokensOf(stream)).toEqual(['10', '6']);
  await stream.text();
  const last = await call(secret);
  expect([last.status, tokensOf(last)]).toEqual([200, ['10', '0']]);
  const refused = await call(secret);
  expect(refused.status).toBe(429);
  expect(tokensOf(refused)).toEqual(['10', '0']);
  const wait = Number(refused.headers.get('retry-after'));
  expect(wait).toBeGreaterThanOrEqual(1);
  expect(wait).toBeLessThanOrEqual(61);
  expect(await refused.json()).toEqual({
    error: {
      message: `This key may use 10 tokens in a minute, and has. Try again in ${wait} s.`,
      type: 'rate_limit_error',
      code: 'rate_limit_exceeded',
      param: null,
      request_id: refused.headers.get('x-request-id'),
    },
  });
  expect((await call(server.key)).status).toBe(200);
});

test('tokens of a caller who left are counted as well', async () => {
  const { secret } = await createKey({ tokensPerMinute: 10 });
  const leaving = new AbortController();
  const stream = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'scripted/stall', messages: [{ role: 'user', content: 'Hello' }], stream: true }),
    signal: leaving.signal,
  });
  expect(stream.status).toBe(200);
  leaving.abort();
  const left = async (): Promise<number> =>
    Number(
      (await fetch(`${server.url}/v1/key`, { headers: { authorization: `Bearer ${secret}` } })).headers.get(
        'x-ratelimit-remaining-tokens',
      ),
    );
  await expect.poll(left, { timeout: 20_000 }).toBeLessThan(10);
});

test('a key uses the server-side tools that it was given, and is told 403 for another', async () => {
  const { secret } = await createKey({ allowedTools: ['web_search'] });
  const refused = await call(secret, { body: { enable_thinking: true, tool_web_search: true, tool_code_interpreter: true } });
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({
    error: {
      code: 'permission_denied',
      type: 'permission_error',
      param: 'tool_code_interpreter',
      message: 'This key may not use the server-side tool code_interpreter. It may use: web_search.',
    },
  });
  const none = await createKey({ allowedTools: [] });
  expect(await (await call(none.secret, { body: { tool_web_search: true } })).json()).toMatchObject({
    error: { param: 'tool_web_search', message: expect.stringContaining('It may use none.') },
  });
  expect((await call(none.secret, { body: { tool_web_search: false } })).status).toBe(200);
});

test('a key that is kept to addresses opens behind the proxy for those only, whatever the caller claims', async () => {
  const { secret } = await createKey({ allowedAddresses: ['203.0.113.0/24', '2001:db8::/32'] });
  const from = (forwarded: string): Promise<Response> => call(secret, { headers: { 'x-forwarded-for': forwarded } });
  for (const forwarded of ['203.0.113.9', '198.51.100.1, 203.0.113.9, 10.0.0.5', '[2001:db8::7]:443'])
    expect((await from(forwarded)).status, forwarded).toBe(200);
  for (const [forwarded, seen] of [
    ['203.0.113.9, 198.51.100.1', 'the address 198.51.100.1'],
    ['203.0.113.9, 198.51.100.1, 10.0.0.5', 'the address 198.51.100.1'],
    ['203.0.113.9, unknown', 'an address that cannot be told'],
    ['', 'the address 127.0.0.1'],
  ] as const) {
    const refused = await from(forwarded);
    expect(refused.status, forwarded).toBe(403);
    const text = await refused.text();
    expect(JSON.parse(text)).toMatchObject({
      error: { code: 'permission_denied', message: expect.stringContaining(`may not be used from ${seen}.`) },
    });
    expect(text).not.toMatch(/203\.0\.113|2001:db8/);
    expect(text).not.toContain(secret.slice(20, 40));
  }
});

test('a server without trusted proxies believes no header', async () => {
  const plain = await startTestServer({ settings: { engine: { enabled: false } } });
  try {
    const wish = { name: 'kept', accountId: localAccountId, allowedAddresses: ['203.0.113.9'] };
    const { secret } = await plain.server.home.access.create(wish);
    const headers = { authorization: `Bearer ${secret}`, 'x-forwarded-for': '203.0.113.9' };
    expect((await fetch(`${plain.url}/v1/models`, { headers })).status).toBe(403);
    await plain.server.home.access.update((await plain.server.home.access.list()).find(({ name }) => name === 'kept')?.id ?? '', {
      allowedAddresses: ['127.0.0.0/8'],
    });
    expect((await fetch(`${plain.url}/v1/models`, { headers })).status).toBe(200);
  } finally {
    await plain.stop();
  }
});

test('a key spends its budget and no more, and the other keys of its account go on', async () => {
  const { id, secret } = await createKey({ budget: { amountNanoUsd: 150_000n, period: 'month' } });
  // A call holds its worst case: its input, and 100 or 60,000 tokens of output at $0.40 for a million.
  const cheap = await call(secret, { body: { enable_thinking: false } });
  expect(cheap.status, await cheap.text()).toBe(200);
  const { ledger } = server.server.home;
  // 3 tokens in at $0.10 for a million, 1 out at $0.40.
  expect((await ledger.account(`key:${id}`)).debits).toBe(700n);
  const refused = await call(secret, { body: { enable_thinking: false, max_tokens: 60_000 } });
  expect(refused.status).toBe(402);
  expect(await refused.json()).toMatchObject({
    error: { code: 'insufficient_credits', message: expect.stringContaining('the budget has $0.0001493 available') },
  });
  expect((await ledger.account(`key:${id}`)).debits).toBe(700n);
  expect((await call(server.key, { body: { enable_thinking: false, max_tokens: 60_000 } })).status).toBe(200);
});

test('a change to a live key holds from the next call on', async () => {
  const { id, secret } = await createKey({});
  const { access } = server.server.home;
  expect((await call(secret)).headers.get('x-ratelimit-limit-requests')).toBeNull();
  await access.update(id, { requestsPerMinute: 1 });
  expect((await call(secret)).status).toBe(200);
  expect((await call(secret)).status).toBe(429);
  await access.update(id, { requestsPerMinute: null, budget: { amountNanoUsd: 1n, period: 'total' } });
  expect((await call(secret)).status).toBe(402);
  await access.update(id, { budget: null });
  expect((await call(secret)).status).toBe(200);
});

test('the list tells when a key was last used', async () => {
  const { id, secret } = await createKey({});
  const { access } = server.server.home;
  const lastUsed = async (): Promise<number | undefined> => (await access.find(id))?.lastUsedAt;
  expect(await lastUsed()).toBeUndefined();
  const before = Date.now();
  await call(secret);
  await expect.poll(lastUsed).toBeGreaterThanOrEqual(before);
});

/** Header lines as they are, also twice. */
async function callWith(
  lines: readonly (readonly [string, string])[],
): Promise<{ readonly status: number; readonly text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ readonly status: number; readonly text: string }>();
  const { host } = new URL(server.url);
  const request = httpRequest(`${server.url}/v1/models`, { headers: ['host', host, ...lines.flat()] }, (reply) => {
    const chunks: Buffer[] = [];
    reply.on('data', (chunk: Buffer) => chunks.push(chunk));
    reply.on('end', () => resolve({ status: reply.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
  });
  request.on('error', reject);
  request.end();
  return promise;
}

test('credentials that two readers could read differently are a 400, and the ones that agree are not', async () => {
  const [one, other] = [await createKey({}), await createKey({})];
  const bearer = (secret: string) => ['authorization', `Bearer ${secret}`] as const;
  const apiKey = (secret: string) => ['x-api-key', secret] as const;
  for (const lines of [
    [bearer(one.secret), bearer(one.secret)],
    [bearer(one.secret), bearer(other.secret)],
    [apiKey(one.secret), apiKey(one.secret)],
    [bearer(one.secret), apiKey(other.secret)],
    [['Authorization', `Bearer ${one.secret}`] as const, bearer(''), apiKey(one.secret)],
  ]) {
    const { status, text } = await callWith(lines);
    expect(status, text).toBe(400);
    expect(JSON.parse(text)).toMatchObject({
      error: { type: 'invalid_request_error', message: expect.stringMatching(/Send (it once|one of them)\.$/) },
    });
    expect(text).not.toContain(one.secret.slice(20, 40));
  }
  expect((await callWith([bearer(one.secret), apiKey(one.secret)])).status).toBe(200);
});
