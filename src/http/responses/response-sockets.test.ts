import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { openaiResponsesDialect } from '../../dialects/openai-responses/openai-responses-dialect.ts';
import { createSessions } from '../../sessions/create-sessions.ts';
import { createMemoryStore } from '../../store/memory/create-memory-store.ts';
import type { Store } from '../../store/store.ts';
import { systemClock } from '../../telemetry/clock.ts';
import { newId } from '../../telemetry/ids.ts';
import type { HttpLimits } from '../limits.ts';
import { plainDialect, startListener, validKey, type StartedListener } from '../listener.test-support.ts';

// How a connection ends that has had its time, whose client is gone, or whose client does not read.

let store: Store;
beforeEach(() => {
  store = createMemoryStore({ clock: systemClock, epochId: 'boot_test' });
});
afterEach(() => store.close());

function start(limits: Partial<HttpLimits>, endless = false): Promise<StartedListener> {
  const sessions = createSessions({ store: store.sessions, clock: systemClock, newId, keepMs: 0, keepsUnasked: false });
  const serve = async function* () {
    yield [{ kind: 'part-start', answer: 0, index: 0, part: { kind: 'text' } }] as const;
    for (let words = 0; words < (endless ? Number.POSITIVE_INFINITY : 1); words++) {
      yield [{ kind: 'part-delta', answer: 0, index: 0, delta: { kind: 'text', text: 'word '.repeat(10_000) } }] as const;
      // As a host does, it lets others have their turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
    yield [
      { kind: 'part-end', answer: 0, index: 0 },
      { kind: 'answer-end', answer: 0, reason: 'stop' },
    ] as const;
  };
  return startListener(serve, { sessions, dialects: [plainDialect, openaiResponsesDialect], limits });
}

async function open({ url }: StartedListener, autoPong = true): Promise<WebSocket> {
  const headers = { authorization: `Bearer ${validKey}` };
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/responses`, { headers, autoPong });
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('open', resolve));
  return socket;
}

function closing(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => socket.once('close', resolve));
}

test('a connection that has had its time says so and ends', async () => {
  await using listener = await start({ socketMs: 50 });
  const socket = await open(listener);
  const told: string[] = [];
  socket.on('message', (data: Buffer) => told.push(data.toString()));
  expect(await closing(socket)).toBe(1000);
  expect(JSON.parse(told[0] ?? '')).toMatchObject({ type: 'error', error: { code: 'websocket_connection_limit_reached' } });
});

test('a client that answers no ping is taken for gone, one that does is not', async () => {
  await using listener = await start({ heartbeatMs: 40 });
  const [silent, lively] = [await open(listener, false), await open(listener)];
  let pings = 0;
  lively.on('ping', () => pings++);
  expect(await closing(silent)).toBe(1006);
  await expect.poll(() => pings, { timeout: 5_000 }).toBeGreaterThan(3);
  expect(lively.readyState).toBe(WebSocket.OPEN);
  lively.terminate();
});

test('a client that does not read is cut, and the model is asked for no more', async () => {
  await using listener = await start({ stallMs: 100, bufferedBytes: 1_000 }, true);
  const socket = await open(listener);
  socket.pause();
  const body = { type: 'response.create', model: 'm', input: 'Hi' };
  socket.send(JSON.stringify(body));
  await expect
    .poll(() => listener.logged.filter((fields) => fields['route'] === '/v1/responses').length, { timeout: 20_000 })
    .toBe(1);
  socket.terminate();
});
