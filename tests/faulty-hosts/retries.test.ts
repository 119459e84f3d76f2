import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { startFaultyHost, type FaultyHost } from './faulty-host.ts';

let host: FaultyHost;
let server: TestServer;

beforeAll(async () => {
  host = await startFaultyHost();
  const names = ['fails-once', 'busy-once', 'status-401', 'status-429-retry-after'] as const;
  server = await startTestServer({
    store: 'memory',
    settings: {
      engine: { enabled: false },
      providers: names.map((name) => ({ name, base_url: host.baseUrl(name), quirks: 'openai', models: [name] })),
      prices: { unpriced: 'free' },
    },
  });
});

afterAll(async () => {
  await server.stop();
  await host.close();
});

async function ask(
  model: string,
): Promise<{ readonly status: number; readonly attempts: string | null; readonly milliseconds: number }> {
  const startedAt = performance.now();
  const reply = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Count to three.' }] }),
  });
  await reply.text();
  const milliseconds = performance.now() - startedAt;
  return { status: reply.status, attempts: reply.headers.get('x-flashmux-attempts'), milliseconds };
}

test('the only host of a model, which failed once, is asked again after a pause, and the caller is told of both tries', async () => {
  const { status, attempts } = await ask('fails-once');
  expect([status, attempts]).toEqual([200, 'fails-once=upstream_failed, fails-once']);
  expect(host.asked('fails-once')).toBe(2);
});

test('a host that says when to come back is asked again then, and not before', async () => {
  const { status, attempts, milliseconds } = await ask('busy-once');
  expect([status, attempts]).toEqual([200, 'busy-once=rate_limited, busy-once']);
  expect(milliseconds).toBeGreaterThanOrEqual(990);
});

test('nobody waits for a host that says to come back in a minute, and none is asked again that refused the key', async () => {
  expect((await ask('status-429-retry-after')).status).toBe(429);
  expect((await ask('status-401')).status).toBe(502);
  expect(host.asked('status-429-retry-after')).toBe(1);
  expect(host.asked('status-401')).toBe(1);
});
