import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { localServer, type LocalServer } from '../../src/net/local-server.test-support.ts';
import { runFlashmux, startFlashmux, temporaryHome, type Ended } from './flashmux-process.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
let place: Awaited<ReturnType<typeof temporaryHome>>;
let receiver: LocalServer;
let status = 200;
beforeEach(async () => {
  place = await temporaryHome();
  status = 200;
  receiver = await localServer((reply) => {
    reply.writeHead(status);
    reply.end();
  });
});
afterEach(async () => {
  await receiver.close();
  await place.remove();
});

const testEvent = (...words: string[]): Promise<Ended> =>
  runFlashmux(['webhooks', 'test', ...words], {
    home: place.home,
    environment: { FLASHMUX_WEBHOOKS__URL: `${receiver.origin}/hook`, FLASHMUX_WEBHOOKS__SECRET: secret },
  });

test('a test event arrives signed, once', async () => {
  const { code, stdout } = await testEvent();
  const [sent] = receiver.requests;
  if (sent === undefined) throw new Error('nothing arrived');
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^delivered evt_\S+ to http\S+\/hook: 200\n$/) });
  expect(JSON.parse(sent.body)).toMatchObject({ id: expect.stringMatching(/^evt_/), type: 'webhooks.test', data: {} });
  const signed = `${String(sent.headers['webhook-id'])}.${String(sent.headers['webhook-timestamp'])}.${sent.body}`;
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  expect(sent.headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  expect(JSON.parse((await testEvent('--json')).stdout)).toMatchObject({ delivered: true, status: 200 });
});

test('a receiver that refuses it, or is away, fails the command', async () => {
  status = 401;
  expect(await testEvent()).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('answered 401; only 2xx takes an event'),
  });
  expect(receiver.requests).toHaveLength(1);
  await receiver.close();
  expect((await testEvent()).code).toBe(1);
});

test('a server does not start with an address and without a secret for it, nor with an empty one', async () => {
  const url = { FLASHMUX_WEBHOOKS__URL: `${receiver.origin}/hook` };
  for (const environment of [url, { ...url, FLASHMUX_WEBHOOKS__SECRET: '' }]) {
    const ended = await startFlashmux(['serve'], { home: place.home, environment }).ended;
    expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('webhooks.secret: must ') });
  }
});

test('the secret and the token are not shown among the settings', async () => {
  const environment = { FLASHMUX_WEBHOOKS__SECRET: secret, FLASHMUX_ADMIN__TOKEN: 'a-token-of-the-operator' };
  const { stdout } = await runFlashmux(['config', 'explain'], { home: place.home, environment });
  expect(stdout).toContain('(secret, 38 characters)');
  expect(stdout).not.toContain(secret);
  expect(stdout).not.toContain('a-token');
});
