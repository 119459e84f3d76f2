import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isJsonObject, parseJson, type JsonObject } from '../../src/model/json.ts';
import { defaultRoutingSettings } from '../../src/routing/settings.ts';
import { startRecordingUpstream, type RecordingUpstream } from '../support/recording-upstream.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

// The whole program between two hosts over real sockets: one of them is down, and no caller notices.

const { failuresInRow } = defaultRoutingSettings.circuit;
let good: RecordingUpstream;
let broken: { readonly baseUrl: string; readonly asked: () => number; close(): Promise<void> };
let server: TestServer;

beforeAll(async () => {
  good = await startRecordingUpstream();
  broken = await startBrokenUpstream();
  const models = ['qwen3.6-flash'];
  server = await startTestServer({
    store: 'memory',
    settings: {
      engine: { enabled: false },
      routing: { strategy: 'configured' },
      providers: [
        { name: 'broken', base_url: broken.baseUrl, models },
        { name: 'good', base_url: good.baseUrl, models, quantization: 'fp8', privacy: { retains_nothing: true } },
      ],
    },
  });
});

afterAll(async () => {
  await server.stop();
  await Promise.all([good.close(), broken.close()]);
});

async function startBrokenUpstream(): Promise<typeof broken> {
  let asked = 0;
  const upstream = createServer((request, reply) => {
    asked += 1;
    request.resume();
    reply.writeHead(500, { 'content-type': 'application/json' }).end('{"error":{"message":"out of order"}}');
  });
  const listening = Promise.withResolvers<void>();
  upstream.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = upstream.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    asked: () => asked,
    async close() {
      const closed = Promise.withResolvers<void>();
      upstream.close(() => closed.resolve());
      upstream.closeAllConnections();
      await closed.promise;
    },
  };
}

async function call(path: string, body?: JsonObject): Promise<{ readonly status: number; readonly body: JsonObject }> {
  const reply = await fetch(`${server.url}${path}`, {
    headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  const told = parseJson(await reply.text());
  if (!isJsonObject(told)) throw new Error('the answer is no object');
  return { status: reply.status, body: told };
}

const ask = (provider: JsonObject = {}): ReturnType<typeof call> =>
  call('/api/v1/chat/completions', { model: 'qwen3.6-flash', messages: [{ role: 'user', content: 'Hello' }], provider });

test('a host that fails is not noticed, is left alone, and is shown as what it is', async () => {
  const calls = failuresInRow + 3;
  for (let count = 0; count < calls; count++) {
    const { status, body } = await ask();
    expect([status, body['provider']]).toEqual([200, 'good']);
  }
  expect(broken.asked()).toBe(failuresInRow);
  const { body } = await call('/v1/models/qwen3.6-flash/endpoints');
  expect(body).toMatchObject({
    model: 'qwen3.6-flash',
    data: [
      { provider: 'broken', circuit: { state: 'open' }, latency_ms_last_30m: null },
      { provider: 'good', quantization: 'fp8', circuit: { state: 'closed' }, uptime_last_5m: 1 },
    ],
  });
  expect((await call('/api/v1/models/qwen/qwen3.6-flash/endpoints')).body).toMatchObject({
    data: {
      endpoints: [
        { status: -1 },
        { status: 0, tag: 'good/fp8', uptime_last_1d: 100, latency_last_30m: { p50: expect.any(Number) } },
      ],
    },
  });
});

test('wishes are followed: the host that is wanted is asked although it fails, and nobody else', async () => {
  const before = broken.asked();
  expect((await ask({ only: ['broken'] })).status).toBe(502);
  expect(broken.asked()).toBeGreaterThan(before);
});

test('a wish that no host fulfils is told with what stands against it', async () => {
  const { status, body } = await ask({ zdr: true, quantizations: ['int4'] });
  expect(status).toBe(503);
  expect(JSON.stringify(body)).toContain('broken has weights in unknown; good has weights in fp8');
});
