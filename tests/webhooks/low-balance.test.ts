import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';
import { buildServer, type FlashmuxServer } from '../../src/main/build-server.ts';
import { openHome } from '../../src/main/open-home.ts';
import { localServer, type LocalServer } from '../../src/net/local-server.test-support.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { startRecordingUpstream, type RecordingUpstream } from '../support/recording-upstream.ts';

// An account that runs low on a running server, and the operator's own server that is told of it.

const model = 'qwen3.5-flash';
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const dollar = 1_000_000_000n;

let home = '';
let upstream: RecordingUpstream;
let receiver: LocalServer;
let server: FlashmuxServer;
let url = '';
let status: number;
let arrived: () => void;

beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'flashmux-low-'));
  status = 200;
  arrived = () => undefined;
  upstream = await startRecordingUpstream();
  receiver = await localServer((reply: ServerResponse) => {
    reply.writeHead(status);
    reply.end();
    arrived();
  });
  const config = configSchema.parse({
    home,
    server: { port: 0 },
    engine: { enabled: false },
    providers: [{ name: 'host', base_url: upstream.baseUrl, models: [model] }],
    webhooks: { url: `${receiver.origin}/low`, secret, low_balance_usd: '5' },
  });
  server = await buildServer({ config, log: silentLog, version: '0.0.0-test', store: 'owner' });
  ({ url } = await server.start());
});
afterEach(async () => {
  await server.stop(5_000);
  await receiver.close();
  await upstream.close();
  await rm(home, { recursive: true, force: true });
});

/** An account with credits, and a function that spends a little of them. */
async function account(id: string, credits: bigint): Promise<() => Promise<void>> {
  const { ledger, access } = server.home;
  await ledger.openAccount({ id, limit: 'prepaid' });
  await ledger.topUp(id, credits, `first of ${id}`);
  const { secret: key } = await access.create({ name: id, accountId: id });
  return async () => {
    const reply = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }], max_tokens: 100 }),
    });
    expect(reply.status).toBe(200);
    await reply.text();
  };
}

async function events(count: number): Promise<void> {
  const all = Promise.withResolvers<void>();
  arrived = () => (receiver.requests.length >= count ? all.resolve() : undefined);
  arrived();
  await all.promise;
}

test('it is told once, signed, with what is left to the nano-dollar', async () => {
  const spend = await account('acme', 5n * dollar);
  await spend();
  await events(1);
  const { available } = await server.home.ledger.balance('acme');
  const [request] = receiver.requests;
  if (request === undefined) throw new Error('nothing arrived');
  const { headers, body } = request;
  expect(JSON.parse(body)).toEqual({
    id: expect.stringMatching(/^evt_/),
    type: 'credits.low',
    created_at: expect.stringMatching(/^\d{4}-.*Z$/),
    data: {
      account: 'acme',
      balance_usd: expect.stringMatching(/^4\.99\d+$/),
      balance_nano_usd: String(available),
      held_usd: '0.00',
      held_nano_usd: '0',
      below_usd: '5.00',
      below_nano_usd: '5000000000',
    },
  });
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
});

test('while it stays low nothing more is told; low again after credits came, it is told again', async () => {
  const { ledger } = server.home;
  const spend = await account('acme', 5n * dollar);
  await spend();
  await events(1);
  await spend();
  await spend();
  await ledger.topUp('acme', dollar, 'more');
  await spend();
  await ledger.adjust('acme', -dollar, 'less', 'to be low again');
  await spend();
  await events(2);
  const below = receiver.requests.map(({ body }) => body.match(/"balance_usd":"([^"]+)"/)?.[1]);
  expect(below).toEqual([expect.stringMatching(/^4\.99/), expect.stringMatching(/^4\.99/)]);
});

test("an account's own mark counts before that of the configuration", async () => {
  const { ledger } = server.home;
  const spendLittle = await account('own-mark', 5n * dollar);
  await ledger.changeAccount({ id: 'own-mark', lowBalance: dollar });
  await spendLittle();
  const spend = await account('without', 5n * dollar);
  await spend();
  await events(1);
  expect(receiver.requests.map(({ body }) => body.match(/"account":"([^"]+)"/)?.[1])).toEqual(['without']);
});

test('what could not be delivered before the server ended is told again by the next one', async () => {
  status = 500;
  const spend = await account('acme', 5n * dollar);
  await spend();
  await events(1);
  expect((await server.home.ledger.account('acme')).lowBalanceToldAt).toBeDefined();
  await server.stop(5_000);
  const books = await openHome({ folder: home, role: 'guest', log: silentLog });
  try {
    expect((await books.ledger.account('acme')).lowBalanceToldAt).toBeUndefined();
  } finally {
    await books.close();
  }
});
