import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { signatureHeaders } from '../../src/webhooks/sign-delivery.ts';

// The receiver of docs/webhooks.md, run as it is written there.

const now = 1_700_000_000;
const delivery = { id: 'evt_1', timestamp: now, body: '{"type":"credits.low"}' };

async function receiver(): Promise<(...facts: unknown[]) => unknown> {
  const text = await readFile(path.join(import.meta.dirname, '../../docs/webhooks.md'), 'utf8');
  const [, code = ''] = /^```js\n(.*?)^```/ms.exec(text) ?? [];
  const module: unknown = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  const check: unknown =
    typeof module === 'object' && module !== null && 'isFromFlashmux' in module ? module.isFromFlashmux : null;
  if (typeof check !== 'function') throw new Error('the documentation has no receiver');
  return (...facts) => check(...facts);
}

test.each(['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'a text of the operator'])(
  'takes what was signed with %s',
  async (secret) => {
    const isFromFlashmux = await receiver();
    const headers = signatureHeaders(delivery, secret);
    expect(isFromFlashmux(headers, delivery.body, secret, now * 1000)).toBe(true);
    expect(isFromFlashmux(headers, delivery.body, `${secret}BBBB`, now * 1000)).toBe(false);
    expect(isFromFlashmux(headers, `${delivery.body} `, secret, now * 1000)).toBe(false);
    expect(isFromFlashmux(headers, delivery.body, secret, (now + 301) * 1000)).toBe(false);
    expect(isFromFlashmux({ ...headers, 'webhook-id': 'evt_2' }, delivery.body, secret, now * 1000)).toBe(false);
    expect(isFromFlashmux({}, delivery.body, secret, now * 1000)).toBe(false);
  },
);

test('the example of an event is JSON, with the fields of one', async () => {
  const text = await readFile(path.join(import.meta.dirname, '../../docs/webhooks.md'), 'utf8');
  const [, json = ''] = /^```json\n(.*?)^```/ms.exec(text) ?? [];
  expect(JSON.parse(json)).toMatchObject({ type: 'credits.low', data: { account: 'acme', below_nano_usd: '5000000000' } });
});
