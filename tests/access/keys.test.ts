import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KeyWish } from '../../src/access/key-admin.ts';
import { localAccountId } from '../../src/main/open-home.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { startRecordingUpstream, type RecordingUpstream } from '../support/recording-upstream.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

// What a key was given when it was made, as its caller meets it on a running server.

const model = 'qwen3.5-flash';
let upstream: RecordingUpstream;
let server: TestServer;

beforeAll(async () => {
  upstream = await startRecordingUpstream();
  const providers = [{ name: 'host', base_url: upstream.baseUrl, models: [model, 'qwen3.6-flash'] }];
  server = await startTestServer({ settings: { engine: { enabled: false }, providers } });
});
afterAll(async () => {
  await server.stop();
  await upstream.close();
});

function createKey(limits: Partial<KeyWish>): Promise<{ readonly id: string; readonly secret: string }> {
  return server.server.home.access.create({ name: 'limited', accountId: localAccountId, ...limits });
}

function call(secret: string, named = model, more: JsonObject = {}, signal?: AbortSignal): Promise<Response> {
  return fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: named, messages: [{ role: 'user', content: 'Hello' }], max_tokens: 100, ...more }),
    ...(signal === undefined ? {} : { signal }),
  });
}

function get(path: string, secret: string): Promise<Response> {
  return fetch(server.url + path, { headers: { authorization: `Bearer ${secret}` } });
}

test('a key with a list of models calls those, by any of their ids, and sees no others', async () => {
  const { secret } = await createKey({ allowedModels: [`alibaba/${model}`] });
  for (const named of [model, `alibaba/${model}`]) {
    const reply = await call(secret, named);
    expect(reply.status, await reply.text()).toBe(200);
  }
  const refused = await call(secret, 'qwen3.6-flash');
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({
    error: {
      code: 'permission_denied',
      param: 'model',
      message: expect.stringMatching(/"qwen3\.6-flash".*alibaba\/qwen3\.5-flash/),
    },
  });
  const seen: { data: readonly { id: string }[] } = JSON.parse(await (await get('/v1/models', secret)).text());
  expect(seen.data.map(({ id }) => id)).toEqual([model]);
});

test('a key tells when it expires, and afterwards is refused with 401 that says so', async () => {
  const later = await createKey({ expiresAt: Date.UTC(2099, 0, 31) });
  expect(await (await get('/v1/key', later.secret)).json()).toMatchObject({ data: { expires_at: '2099-01-31T00:00:00.000Z' } });

  const expiresAt = Date.now() + 100;
  const { secret } = await createKey({ expiresAt });
  const at = new Date(expiresAt).toISOString();
  await expect.poll(async () => (await get('/v1/key', secret)).status, { timeout: 20_000 }).toBe(401);
  const refused = await call(secret);
  expect(refused.status).toBe(401);
  const text = await refused.text();
  expect(JSON.parse(text)).toMatchObject({
    error: { code: 'invalid_api_key', message: expect.stringContaining(`expired at ${at}`) },
  });
  expect(text).not.toContain(secret.slice(20, 40));
});

test('a key over its requests a minute is told 429, how long to wait, and where it stands; its look-ups go on', async () => {
  const { secret } = await createKey({ requestsPerMinute: 2 });
  const before = await get('/v1/key', secret);
  expect(rateLimitOf(before)).toEqual({ limit: '2', remaining: '2', reset: '0s' });
  const first = await call(secret);
  expect([first.status, rateLimitOf(first)]).toEqual([200, { limit: '2', remaining: '1', reset: '60s' }]);
  expect((await call(secret)).headers.get('x-ratelimit-remaining-requests')).toBe('0');
  const refused = await call(secret);
  expect(refused.status).toBe(429);
  expect(await refused.json()).toMatchObject({ error: { code: 'rate_limit_exceeded', type: 'rate_limit_error' } });
  expect(rateLimitOf(refused)).toMatchObject({ limit: '2', remaining: '0', reset: expect.stringMatching(/^\d+(\.\d+)?s$/) });
  const wait = Number(refused.headers.get('retry-after'));
  expect(wait).toBeGreaterThanOrEqual(1);
  expect(wait).toBeLessThanOrEqual(60);
  expect((await get('/v1/key', secret)).status).toBe(200);
  expect((await call(server.key)).status).toBe(200);
});

test('a stream tells the limit too, and a key without one is told nothing of it', async () => {
  const { secret } = await createKey({ requestsPerMinute: 5 });
  const stream = await call(secret, model, { stream: true });
  expect(rateLimitOf(stream)).toEqual({ limit: '5', remaining: '4', reset: '60s' });
  await stream.text();
  const unlimited = await call(server.key);
  expect(rateLimitOf(unlimited)).toEqual({ limit: null, remaining: null, reset: null });
});

test('a key has as many requests at the same time as it was given', async () => {
  const { secret } = await createKey({ maxInFlight: 1 });
  const leaving = new AbortController();
  const running = await call(secret, 'scripted/stall', { stream: true }, leaving.signal);
  expect(running.status).toBe(200);
  const refused = await call(secret);
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('1');
  leaving.abort();
  await expect.poll(async () => (await call(secret)).status, { timeout: 20_000 }).toBe(200);
});

test('both secrets of a rotated key open, until it is revoked', async () => {
  const { id, secret } = await createKey({});
  const rotated = await server.server.home.access.rotate(id, 3_600_000);
  const secrets = [secret, rotated?.secret ?? ''];
  for (const each of secrets) expect((await call(each)).status).toBe(200);
  await server.server.home.access.revoke(id);
  for (const each of secrets) expect((await call(each)).status).toBe(401);
});

function rateLimitOf({ headers }: Response): Readonly<Record<string, string | null>> {
  return {
    limit: headers.get('x-ratelimit-limit-requests'),
    remaining: headers.get('x-ratelimit-remaining-requests'),
    reset: headers.get('x-ratelimit-reset-requests'),
  };
}
