import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { UsageRecord } from '../../src/ledger/request-record.ts';
import { localAccountId } from '../../src/main/open-home.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { longChat, postChat, shortChat } from '../support/chat-body.ts';
import { recordingLog } from '../support/recording-log.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { leaveMany } from './leave-many.ts';
import { LeavingClient } from './leaving-client.ts';
import { recordOf, until, untilFigures, untilSettled } from './watch.ts';

const log = recordingLog();
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ log });
});
afterAll(() => server.stop());
afterEach(() => untilSettled(server));

const streamed: JsonObject = { ...longChat, stream: true };
/** Some 3,000 tokens: the tiny model takes more than a second to evaluate them. */
const longPrompt: JsonObject = { ...streamed, messages: [{ role: 'user', content: 'Hello again. '.repeat(250) }] };
const mostTokens = 3_900;

/** Ids of the settled requests by how they ended, and those whose hold was released, are in the log in order. */
function lastSettled(): { readonly requestId: string; readonly outcome: string } {
  const line = log.lines.findLast((fields) => 'outcome' in fields);
  return { requestId: String(line?.['requestId']), outcome: String(line?.['outcome']) };
}

function settlements(): number {
  return log.lines.filter((fields) => 'outcome' in fields).length;
}

describe('a client that leaves in the middle of a stream', () => {
  test.each([1, 3])('stops the engine and pays exactly for what it made, with %d answers', async (n) => {
    const before = await server.server.engine.figures();
    const client = new LeavingClient(server, { ...streamed, n });
    const requestId = await client.requestId();
    await client.frames(5 * n);
    await client.leave();
    await untilSettled(server);

    const after = await server.server.engine.figures();
    const record = await recordOf(server, requestId);
    const { input, output } = record?.usage ?? { input: {}, output: {} };
    expect(record?.outcome).toBe('aborted');
    expect(record?.usage.estimated).toBeUndefined();
    expect(output.total).toBeGreaterThan(0);
    expect(output.total).toBeLessThan(n * mostTokens);
    // What the ledger charged is what the engine did, to the token.
    const evaluated = after.tokensEvaluated - before.tokensEvaluated;
    const reused = after.tokensReused - before.tokensReused;
    expect(evaluated + reused).toBe(n * (input.total ?? 0) + (output.total ?? 0));
    // And it does nothing more.
    expect(await server.server.engine.figures()).toMatchObject({
      tokensEvaluated: after.tokensEvaluated,
      activeSequences: 0,
      queued: 0,
    });
  });

  test('is charged as much as a client that stayed for as many tokens', async () => {
    const client = new LeavingClient(server, { ...streamed, seed: 5 });
    const requestId = await client.requestId();
    await client.frames(8);
    await client.leave();
    await untilSettled(server);
    const left = await recordOf(server, requestId);

    const tokens = left?.usage.output.total ?? 0;
    const stayed = await postChat(server, { ...longChat, seed: 5, max_tokens: tokens });
    await stayed.text();
    const whole = await recordOf(server, stayed.headers.get('x-request-id') ?? '');
    expect(whole).toMatchObject({ outcome: 'complete', usage: { output: { total: tokens } } });
    expect(left?.usage.input.total).toBe(whole?.usage.input.total);
    expect(left?.charged).toBe(whole?.charged);
  });

  test('of a host that tells no usage pays for the words that were sent, marked as estimated', async () => {
    const client = new LeavingClient(server, { ...shortChat, model: 'scripted/stall', stream: true });
    const requestId = await client.requestId();
    await client.frames(1);
    await client.leave();
    await untilSettled(server);
    expect(await recordOf(server, requestId)).toMatchObject({
      outcome: 'aborted',
      usage: { estimated: true, output: { total: 1 } },
    });
  });
});

describe('a client that leaves a host with a price', () => {
  /** The first server as a host of the second, at the prices of the model's page. */
  async function withHost(cancellable: boolean, use: (front: TestServer) => Promise<void>): Promise<void> {
    const model = server.server.localModel.routed()?.modelId ?? '';
    const host = {
      name: 'host',
      base_url: `${server.url}/v1`,
      api_key: server.key,
      models: { 'qwen3.5-flash': model },
      cancellable,
    };
    const front = await startTestServer({ settings: { providers: [host], engine: { enabled: false } } });
    try {
      await use(front);
    } finally {
      await front.stop();
    }
  }

  /** Leaves after some words; the record of the request, which is all that was spent. */
  async function left(front: TestServer, body: JsonObject): Promise<UsageRecord | undefined> {
    const { ledger } = front.server.home;
    const client = new LeavingClient(front, body);
    const requestId = await client.requestId();
    await client.frames(4);
    expect((await ledger.balance(localAccountId)).pending).toBeGreaterThan(0n);
    await client.leave();
    await untilSettled(front);
    const record = await recordOf(front, requestId);
    expect(record?.outcome).toBe('aborted');
    expect(record?.charged).toBeGreaterThan(0n);
    expect(await ledger.balance(localAccountId)).toMatchObject({ pending: 0n, spent: record?.charged });
    return record;
  }

  test('that stops when told pays for the words that were sent, and the host stops', async () => {
    await withHost(true, async (front) => {
      const record = await left(front, streamed);
      expect(record?.usage.estimated).toBe(true);
      expect(record?.usage.output.total).toBeLessThan(mostTokens);
      await untilSettled(server);
      expect(lastSettled().outcome).toBe('aborted');
    });
  });

  test('that bills the whole answer in any case pays for what the host says at its end', async () => {
    await withHost(false, async (front) => {
      const record = await left(front, { ...streamed, max_tokens: 600 });
      expect(record?.usage).toMatchObject({ output: { total: 600 } });
      expect(record?.usage.estimated).toBeUndefined();
      expect(lastSettled().outcome).toBe('complete');
    });
  });
});

test('a client that leaves a whole request stops the engine, and what was written is settled', async () => {
  const before = await server.server.engine.figures();
  const settledBefore = settlements();
  // Nothing of a whole answer can be seen from outside, so the moment is found by trying later and later.
  for (let waitMs = 20; settlements() === settledBefore && waitMs < 2_000; waitMs *= 2) {
    const client = new LeavingClient(server, { ...longChat, n: 4 });
    await sleep(waitMs);
    await client.leave();
    await untilSettled(server);
  }
  expect(settlements()).toBe(settledBefore + 1);
  const { requestId, outcome } = lastSettled();
  expect(outcome).toBe('aborted');
  const record = await recordOf(server, requestId);
  expect(record?.usage.output.total).toBeLessThan(4 * mostTokens);
  const { tokensEvaluated } = await server.server.engine.figures();
  expect(tokensEvaluated - before.tokensEvaluated).toBeLessThan(4 * mostTokens);
});

test('a client that leaves while its prompt is evaluated stops that too, and owes nothing', async () => {
  const before = await server.server.engine.figures();
  const settledBefore = settlements();
  const client = new LeavingClient(server, longPrompt);
  await untilFigures(server, ({ activeSequences }) => activeSequences === 1);
  await client.leave();
  await untilSettled(server);

  const whole = await postChat(server, { ...longPrompt, stream: false, max_tokens: 1 });
  const promptTokens = (await recordOf(server, whole.headers.get('x-request-id') ?? ''))?.usage.input.total ?? 0;
  const after = await server.server.engine.figures();
  expect(settlements() - settledBefore).toBe(1);
  // Both together evaluated less than the prompt twice: the first stopped on its way, or the second began where it was.
  expect(after.tokensEvaluated - before.tokensEvaluated).toBeLessThan(2 * promptTokens);
});

describe('a client that leaves while it waits', () => {
  test('for a sequence of the engine gives up its place and owes nothing', async () => {
    const running = Array.from({ length: 4 }, () => new LeavingClient(server, streamed));
    await Promise.all(running.map((client) => client.frames(1)));
    const settledBefore = settlements();
    const waiting = new LeavingClient(server, streamed);
    await untilFigures(server, ({ queued }) => queued === 1);
    await waiting.leave();
    await untilFigures(server, ({ queued }) => queued === 0);
    expect((await server.server.engine.figures()).activeSequences).toBe(4);
    expect(settlements()).toBe(settledBefore);
    await Promise.all(running.map((client) => client.leave()));
    await untilSettled(server);
    expect(settlements()).toBe(settledBefore + 4);
  });

  test('for a place in the server never reaches a host', async () => {
    const settings = { limits: { max_in_flight: 1, max_queue_ms: 60_000 }, engine: { enabled: false } };
    const narrow = await startTestServer({ settings });
    try {
      const stalled = { ...shortChat, model: 'scripted/stall', stream: true };
      const running = new LeavingClient(narrow, stalled);
      await running.frames(1);
      const waiting = new LeavingClient(narrow, stalled);
      await until('one waits', () => narrow.server.inFlight() === 2);
      await waiting.leave();
      await until('it has left', () => narrow.server.inFlight() === 1);
      await running.leave();
      await untilSettled(narrow);
      // The place is free again.
      expect((await postChat(narrow, { ...shortChat, model: 'scripted/hello' })).status).toBe(200);
    } finally {
      await narrow.stop();
    }
  });
});

test('an engine that is killed ends the stream with engine_crashed, is settled, and the next request is answered', async () => {
  const { engine } = server.server;
  const client = new LeavingClient(server, streamed);
  const requestId = await client.requestId();
  const begun = await client.frames(3);
  const killed = engine.pid;
  process.kill(killed ?? 0, 'SIGKILL');
  const text = begun + (await client.rest());
  const last = text.split('\n\n').findLast((frame) => frame !== '') ?? '';
  expect(JSON.parse(last.slice('data: '.length))).toMatchObject({
    error: { type: 'server_error', code: 'engine_crashed', message: expect.stringContaining('SIGKILL'), request_id: requestId },
  });
  await untilSettled(server);
  // The dead cannot tell, so its words were counted.
  expect(await recordOf(server, requestId)).toMatchObject({ outcome: 'failed', usage: { estimated: true } });

  const next = await postChat(server, shortChat);
  expect(next.status).toBe(200);
  expect(engine.pid).not.toBe(killed);
});

test('a hundred clients that leave, at any moment and in any way, leave nothing behind', async () => {
  await leaveMany(server, 100);
});
