import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import { runFlashmux, startFlashmux, stopFlashmux, temporaryHome } from './flashmux-process.ts';

// The admin API of a server as a person starts it.

let place: Awaited<ReturnType<typeof temporaryHome>>;
const environment = { FLASHMUX_ENGINE__ENABLED: 'false', FLASHMUX_SCRIPTED__ENABLED: 'true' };
beforeAll(async () => {
  place = await temporaryHome();
});
afterAll(() => place.remove());

test('the server prints its address, what it does is seen by the commands beside it, and its port can be taken once', async () => {
  const server = startFlashmux(['serve'], { home: place.home, environment });
  try {
    const [, url = ''] = await server.sees(/Admin API: (\S+)/);
    const made = await fetch(`${url}/accounts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: 'acme', limit: 'prepaid' }),
    });
    expect(made.status).toBe(200);
    const shown = await runFlashmux(['accounts', 'show', 'acme', '--json'], { home: place.home });
    const told: JsonObject = JSON.parse(await made.text());
    expect(JSON.parse(shown.stdout)).toMatchObject(told);

    const other = await temporaryHome();
    try {
      const taken = { ...environment, FLASHMUX_ADMIN__PORT: new URL(url).port };
      expect(await runFlashmux(['serve'], { home: other.home, environment: taken })).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/Port \d+ of 127\.0\.0\.1 is taken by another program\. Choose one with admin\.port/),
      });
    } finally {
      await other.remove();
    }
  } finally {
    expect((await stopFlashmux(server)).code).toBe(0);
  }
});

test('a server that others could reach does not start without a token', async () => {
  const open = { ...environment, FLASHMUX_ADMIN__HOST: '0.0.0.0' };
  expect(await runFlashmux(['serve'], { home: place.home, environment: open })).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('admin.token: must be set where admin.host is not a loopback address'),
  });
});

test('switched off, the server has none and says nothing of it', async () => {
  const off = { ...environment, FLASHMUX_ADMIN__ENABLED: 'false' };
  const server = startFlashmux(['serve'], { home: place.home, environment: off });
  try {
    await server.sees(/Try it:/);
    expect(server.stdout()).not.toContain('Admin API');
  } finally {
    await stopFlashmux(server);
  }
});
