import { request as httpRequest, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { FlashmuxError } from '../model/fault.ts';
import {
  opening,
  says,
  scripted,
  startListener,
  untilAborted,
  validKey,
  watched,
  type StartedListener,
} from './listener.test-support.ts';

/** A call whose reply is read only when the test reads it. */
async function call(started: StartedListener, body: object): Promise<IncomingMessage> {
  const sent = httpRequest(`${started.url}/v1/say`, {
    method: 'POST',
    headers: { 'x-api-key': validKey, 'content-type': 'application/json' },
    agent: false,
  });
  sent.on('error', () => undefined);
  sent.end(JSON.stringify(body));
  const [reply]: IncomingMessage[] = await once(sent, 'response');
  if (reply === undefined) throw new Error('no reply');
  return reply;
}

async function textOf(reply: IncomingMessage): Promise<string> {
  const pieces: string[] = [];
  reply.setEncoding('utf8');
  for await (const piece of reply) pieces.push(String(piece));
  return pieces.join('');
}

const streamed = { model: 'm', stream: true };

describe('a stream', () => {
  it('is the batches as the dialect writes them, then its end', async () => {
    await using started = await startListener(scripted('one', 'zwei', '三'));
    const reply = await call(started, streamed);
    expect(reply.statusCode).toBe(200);
    expect(reply.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(reply.headers['x-accel-buffering']).toBe('no');
    expect(await textOf(reply)).toBe(
      `data: one\n\ndata: zwei\n\ndata: 三\n\ndata: end ${String(reply.headers['x-plain-answer'])}\n\n`,
    );
  });

  it('sends its head with the first batch, before there is any text', async () => {
    const go = Promise.withResolvers<void>();
    await using started = await startListener(async function* serve() {
      yield opening();
      await go.promise;
      yield says('late');
    });
    const reply = await call(started, streamed);
    go.resolve();
    expect(await textOf(reply)).toContain('data: late');
  });

  it('says a fault before the first batch as a status and after it as its last words', async () => {
    await using started = await startListener(async function* serve({ request }) {
      if (request.model === 'early') throw new FlashmuxError('rate_limited', 'slow down');
      yield opening();
      yield says('half');
      throw new FlashmuxError('upstream_failed', 'cut');
    });
    const early = await call(started, { model: 'early', stream: true });
    expect([early.statusCode, early.headers['retry-after']]).toEqual([429, '1']);
    expect(await textOf(await call(started, streamed))).toBe('data: half\n\ndata: fault upstream_failed\n\n');
    const whole = await call(started, { model: 'm' });
    expect(whole.statusCode).toBe(502);
    expect(await textOf(whole)).not.toContain('half');
    await expect
      .poll(() => started.logged.map((line) => line['fault']))
      .toEqual(['rate_limited', 'upstream_failed', 'upstream_failed']);
  });

  it('sends heartbeats while the model is silent, and none before the head', async () => {
    const go = Promise.withResolvers<void>();
    await using started = await startListener(
      async function* serve() {
        await new Promise((resolve) => setTimeout(resolve, 100));
        yield opening();
        await go.promise;
        yield says('text');
      },
      { limits: { heartbeatMs: 20 } },
    );
    const reply = await call(started, streamed);
    expect(reply.statusCode).toBe(200);
    let text = '';
    reply.setEncoding('utf8');
    for await (const piece of reply) {
      text += String(piece);
      if (text.split(': beat\n\n').length > 3) go.resolve();
    }
    expect(text).toMatch(/^(: beat\n\n){3,}data: text\n\n(: beat\n\n)*data: end gen_\w+\n\n$/);
  });
});

describe('a caller who leaves', () => {
  it.each([true, false])('aborts the call and leaves its generator, streamed: %s', async (stream) => {
    const started = Promise.withResolvers<void>();
    const { serve, aborted, left } = watched(async function* script({ signal }) {
      if (stream) yield opening();
      started.resolve();
      await untilAborted(signal);
    });
    await using listening = await startListener(serve);
    const sent = httpRequest(`${listening.url}/v1/say`, { method: 'POST', headers: { 'x-api-key': validKey }, agent: false });
    sent.on('error', () => undefined);
    sent.end(JSON.stringify({ model: 'm', stream }));
    await started.promise;
    if (stream) await once(sent, 'response');
    sent.destroy();
    expect(await aborted).toMatchObject({ code: 'cancelled' });
    await left;
    await expect.poll(() => listening.logged).toMatchObject([{ ending: 'caller left', status: stream ? 200 : 499 }]);
    expect(listening.logged[0]?.['fault']).not.toBe('internal');
  });

  it('is left at the next batch where the exchange does not heed the signal', async () => {
    let yielded = 0;
    const { serve, left } = watched(async function* script() {
      yield opening();
      for (;;) {
        yielded++;
        yield says('more');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
    await using started = await startListener(serve);
    const reply = await call(started, streamed);
    await once(reply, 'data');
    reply.destroy();
    await left;
    expect(yielded).toBeGreaterThan(0);
  });
});

describe('a reader', () => {
  const piece = 'x'.repeat(64 * 1024);

  it('that does not read pauses the generator, and gets everything once it reads', async () => {
    const count = 800;
    let pulled = 0;
    await using started = await startListener(async function* serve() {
      yield opening();
      for (; pulled < count; pulled++) yield says(piece);
    });
    const reply = await call(started, streamed);
    await standsStill(() => pulled);
    // 800 pieces are 50 MB; what is neither read nor bounded by us lies in the kernel's buffers of both ends.
    expect(pulled).toBeLessThan(400);
    let bytes = 0;
    for await (const chunk of reply) if (Buffer.isBuffer(chunk)) bytes += chunk.length;
    expect(pulled).toBe(count);
    expect(bytes).toBeGreaterThan(count * piece.length);
  });

  it('that stalls is cut, and its generator left', async () => {
    const { serve, aborted, left } = watched(async function* script() {
      yield opening();
      for (;;) yield says(piece);
    });
    await using started = await startListener(serve, { limits: { stallMs: 200 } });
    const reply = await call(started, streamed);
    expect(await aborted).toMatchObject({ code: 'cancelled' });
    await left;
    await expect.poll(() => started.logged).toMatchObject([{ ending: 'reader stalled' }]);
    reply.destroy();
  });

  it('that stalls on a whole answer is cut too', async () => {
    const { serve, left } = watched(async function* script() {
      yield opening();
      for (let index = 0; index < 400; index++) yield says(piece);
    });
    await using started = await startListener(serve, { limits: { stallMs: 200 } });
    const reply = await call(started, { model: 'm' });
    await left;
    await expect.poll(() => started.logged).toMatchObject([{ ending: 'reader stalled' }]);
    reply.destroy();
  });

  it('that is slow but reads is not cut, although one batch takes it longer than a stall may last', async () => {
    const large = 'x'.repeat(32_000_000);
    await using started = await startListener(scripted(large), { limits: { stallMs: 600 } });
    const reply = await call(started, streamed);
    let bytes = 0;
    let pauses = 0;
    for await (const chunk of reply) {
      if (Buffer.isBuffer(chunk)) bytes += chunk.length;
      if (bytes > pauses * 1_000_000) {
        pauses++;
        await new Promise((resolve) => setTimeout(resolve, 40));
      }
    }
    expect(bytes).toBeGreaterThan(large.length);
    await expect.poll(() => started.logged).toMatchObject([{ ending: 'answered' }]);
  });
});

/** Resolves once the value has not changed for a while. */
async function standsStill(value: () => number): Promise<void> {
  for (let before = -1; before !== value();) {
    before = value();
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}
