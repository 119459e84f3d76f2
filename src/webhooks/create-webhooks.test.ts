import { createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createOutgoing } from '../net/create-outgoing.ts';
import { localServer, type Behaviour, type LocalServer } from '../net/local-server.test-support.ts';
import type { Outgoing } from '../net/outgoing.ts';
import { silentLog, type Log, type LogFields } from '../telemetry/log.ts';
import { createWebhooks, type Webhooks } from './create-webhooks.ts';
import type { WebhookEvent } from './webhook-event.ts';

const secret = 'a secret of the operator';
const longestMs = 5_000;

let outgoing: Outgoing;
let receiver: LocalServer;
let webhooks: Webhooks;
let behave: Behaviour;
/** The pauses between tries, in their order; a test ends each by hand. */
let pauses: { readonly ms: number; readonly end: () => void }[];
let wake: () => void;
let logged: { readonly fields: LogFields; readonly message: string }[];

beforeEach(async () => {
  outgoing = createOutgoing();
  behave = answers(204);
  receiver = await localServer((reply, request) => behave(reply, request));
  pauses = [];
  logged = [];
  wake = () => undefined;
  webhooks = start();
});
afterEach(async () => {
  await webhooks.close(0);
  await outgoing.close();
  await receiver.close();
});

function start(more: { readonly url?: string; readonly mostPending?: number } = {}): Webhooks {
  const { url = `${receiver.origin}/hook`, ...rest } = more;
  let now = 1_700_000_000_000;
  return createWebhooks({
    target: { url, secret },
    outgoing,
    // Each look at the clock is a second later.
    clock: { now: () => (now += 1_000) },
    log: recordingLog(),
    wait: (ms, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      pauses.push({ ms, end: resolve });
      wake();
      return promise;
    },
    ...rest,
  });
}

function recordingLog(): Log {
  const record = (fields: LogFields, message: string): void => {
    logged.push({ fields, message });
    wake();
  };
  return { ...silentLog, warn: record, error: record };
}

function answers(...statuses: readonly number[]): Behaviour {
  let asked = 0;
  return (reply: ServerResponse) => {
    reply.writeHead(statuses[Math.min(asked++, statuses.length - 1)] ?? 200);
    reply.end('thank you');
    wake();
  };
}

/** Resolves once something is so; whatever these tests wait for wakes them. */
async function until(isSo: () => boolean): Promise<void> {
  const seen = Promise.withResolvers<void>();
  const timer = setTimeout(() => seen.reject(new Error('it never came to be')), longestMs);
  wake = () => (isSo() ? seen.resolve() : undefined);
  wake();
  await seen.promise;
  clearTimeout(timer);
}

const event: WebhookEvent = {
  id: 'evt_1',
  type: 'credits.low',
  createdAt: 1_700_000_000_000,
  data: { account: 'acme', balance_usd: '0.50' },
};

test('an event arrives as JSON whose signature can be checked with the secret', async () => {
  webhooks.send(event);
  await until(() => receiver.requests.length === 1);
  const [{ method, url, headers, body } = fail()] = receiver.requests;
  expect({ method, url, type: headers['content-type'] }).toEqual({ method: 'POST', url: '/hook', type: 'application/json' });
  expect(JSON.parse(body)).toEqual({
    id: 'evt_1',
    type: 'credits.low',
    created_at: '2023-11-14T22:13:20.000Z',
    data: { account: 'acme', balance_usd: '0.50' },
  });
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', secret).update(signed).digest('base64')}`);
  expect(headers['webhook-timestamp']).toBe('1700000001');
});

test('what is refused is sent again with the same id and body, a new time and a new signature, until it is taken', async () => {
  behave = answers(500, 503, 200);
  webhooks.send(event);
  await until(() => pauses.length === 1);
  pauses[0]?.end();
  await until(() => pauses.length === 2);
  pauses[1]?.end();
  await until(() => receiver.requests.length === 3);
  await webhooks.close(longestMs);
  const header = (name: string): unknown[] => receiver.requests.map(({ headers }) => headers[name]);
  expect(new Set(header('webhook-id')).size).toBe(1);
  expect(new Set(receiver.requests.map(({ body }) => body)).size).toBe(1);
  expect(new Set(header('webhook-timestamp')).size).toBe(3);
  expect(new Set(header('webhook-signature')).size).toBe(3);
  expect(logged.map(({ fields }) => fields['reason'])).toEqual(['the receiver answered 500', 'the receiver answered 503']);
});

test('after five tries over ten minutes it is given up, and whoever sent it is told once', async () => {
  behave = answers(500);
  let givenUp = 0;
  webhooks.send(event, async () => void givenUp++);
  for (const pause of [0, 1, 2, 3]) {
    await until(() => pauses.length === pause + 1);
    expect(givenUp).toBe(0);
    pauses[pause]?.end();
  }
  await until(() => logged.some(({ message }) => message === 'a webhook was given up'));
  await webhooks.close(0);
  expect({ givenUp, tries: receiver.requests.length }).toEqual({ givenUp: 1, tries: 5 });
  const wholeMs = pauses.reduce((sum, { ms }) => sum + ms, 0);
  expect(wholeMs).toBeGreaterThan(9 * 60_000);
  expect(wholeMs).toBeLessThan(12 * 60_000);
  expect(pauses.map(({ ms }) => ms)).toEqual(pauses.map(({ ms }) => ms).toSorted((one, other) => one - other));
});

test.each([301, 302, 307, 308])(
  'a redirect (%d) is not followed: the event goes nowhere but where the operator said',
  async (status) => {
    const elsewhere = await localServer(answers(200));
    try {
      behave = (reply) => {
        reply.writeHead(status, { location: `${elsewhere.origin}/hook` });
        reply.end();
      };
      webhooks.send(event);
      await until(() => pauses.length === 1);
      expect(logged[0]?.fields['reason']).toBe(`the receiver answered ${status}`);
      expect(elsewhere.connections()).toBe(0);
    } finally {
      await elsewhere.close();
    }
  },
);

test('a receiver that is away is tried again', async () => {
  const away = await localServer(answers(200));
  const url = `${away.origin}/hook`;
  await away.close();
  webhooks = start({ url });
  webhooks.send(event);
  await until(() => pauses.length === 1);
  expect(logged).toHaveLength(1);
});

test('an event that is refused does not delay the next one', async () => {
  behave = (reply, { body }) => {
    reply.writeHead(body.includes('evt_1') ? 500 : 200);
    reply.end();
    wake();
  };
  webhooks.send(event);
  await until(() => pauses.length === 1);
  webhooks.send({ ...event, id: 'evt_2' });
  await until(() => receiver.requests.some(({ body }) => body.includes('evt_2')));
});

test('no more events wait than fit; one that does not is given up at once', async () => {
  behave = answers(500);
  webhooks = start({ mostPending: 2 });
  const told: string[] = [];
  for (const id of ['evt_1', 'evt_2', 'evt_3']) webhooks.send({ ...event, id }, async () => void told.push(id));
  expect(told).toEqual(['evt_3']);
  await until(() => pauses.length === 2);
  expect(receiver.requests).toHaveLength(2);
});

test('at the end what was not delivered is logged and its sender told, and nothing is tried again', async () => {
  behave = answers(500);
  let givenUp = 0;
  webhooks.send(event, async () => void givenUp++);
  await until(() => pauses.length === 1);
  await webhooks.close(longestMs);
  expect(givenUp).toBe(1);
  expect(logged.at(-1)).toEqual({
    fields: expect.objectContaining({
      eventId: 'evt_1',
      type: 'credits.low',
      data: event.data,
      reason: 'the server is shutting down',
    }),
    message: 'a webhook was given up',
  });
  webhooks.send({ ...event, id: 'evt_late' });
  await webhooks.close(longestMs);
  expect(logged.at(-1)?.fields).toMatchObject({ eventId: 'evt_late', reason: 'the server is shutting down' });
  expect(receiver.requests).toHaveLength(1);
});

test('the end waits for a try that runs, and no longer than its deadline', async () => {
  const asked = Promise.withResolvers<ServerResponse>();
  behave = (reply) => asked.resolve(reply);
  webhooks.send(event);
  const reply = await asked.promise;
  const closed = webhooks.close(longestMs);
  reply.writeHead(200);
  reply.end();
  await closed;
  expect(logged).toEqual([]);

  behave = () => undefined;
  webhooks = start();
  webhooks.send(event);
  await webhooks.close(1);
  expect(logged.at(-1)?.message).toBe('a webhook was given up');
});

test('a sender that cannot be told is logged, and the others go on', async () => {
  behave = answers(500);
  webhooks = start({ mostPending: 0 });
  webhooks.send(event, async () => {
    throw new Error('the store is away');
  });
  await until(() => logged.length === 2);
  expect(logged[1]?.message).toBe('nor could it be marked for another time');
});

test('an answer of any length is no reason to wait', async () => {
  behave = (reply) => {
    reply.writeHead(200);
    reply.write('x'.repeat(100_000));
    wake();
  };
  webhooks.send(event);
  await until(() => receiver.requests.length === 1);
  await webhooks.close(longestMs);
  expect(logged).toEqual([]);
});

function fail(): never {
  throw new Error('nothing arrived');
}
