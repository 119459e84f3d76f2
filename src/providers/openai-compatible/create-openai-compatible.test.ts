import { afterEach, describe, expect, it } from 'vitest';
import type { AnswerEvent, EventBatch } from '../../model/event.ts';
import { FlashmuxError } from '../../model/fault.ts';
import { fold } from '../../model/fold.ts';
import { parseJson } from '../../model/json.ts';
import type { Attempt } from '../../model/ports.ts';
import { collect, foldStream } from '../../model/stream.ts';
import { createOutgoing } from '../../net/create-outgoing.ts';
import { localServer, type Behaviour, type LocalServer } from '../../net/local-server.test-support.ts';
import { systemClock } from '../../telemetry/clock.ts';
import { createKeyRing } from '../key-ring.ts';
import { quirksRows } from '../quirks.ts';
import { attemptOf, requestOf } from '../attempt.test-support.ts';
import { createOpenAiCompatible, type OpenAiCompatibleOptions } from './create-openai-compatible.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

interface Rig {
  readonly server: LocalServer;
  run(attempt?: Attempt, signal?: AbortSignal): AsyncIterable<EventBatch>;
}

async function rig(behave: Behaviour, options: Partial<OpenAiCompatibleOptions> = {}): Promise<Rig> {
  const server = await localServer(behave);
  cleanups.push(() => server.close());
  const outgoing = createOutgoing();
  cleanups.push(() => outgoing.close());
  const baseUrl = `${server.origin}/v1/`;
  const provider = createOpenAiCompatible({
    name: 'host',
    baseUrl,
    keys: createKeyRing(['sk-secret'], systemClock),
    quirks: quirksRows.generic,
    outgoing,
    cancellable: true,
    ...options,
  });
  return {
    server,
    run: (attempt = attemptOf(requestOf('hi')), signal = new AbortController().signal) => provider.run(attempt, signal),
  };
}

const chunk = (more: object): string =>
  `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 7, model: 'm1', choices: [], ...more })}\n\n`;
const delta = (fields: object, finish: string | null = null): string =>
  chunk({ choices: [{ index: 0, delta: fields, finish_reason: finish }] });
const usage = (prompt: number, completion: number): string =>
  chunk({ usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion } });
const done = 'data: [DONE]\n\n';
const hello = [delta({ role: 'assistant', content: 'Hel' }), delta({ content: 'lo ✓' }), delta({}, 'stop'), usage(3, 2), done];

const sse = { 'content-type': 'text/event-stream; charset=utf-8' };
const json = { 'content-type': 'application/json' };

function stream(pieces: readonly (string | Uint8Array)[]): Behaviour {
  return async (reply) => {
    reply.writeHead(200, sse);
    for (const piece of pieces) {
      reply.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    reply.end();
  };
}

function textOf(events: readonly AnswerEvent[]): string {
  return (fold(events).choices[0]?.parts ?? []).map((part) => (part.kind === 'text' ? part.text : `[${part.kind}]`)).join('');
}

async function failing(run: AsyncIterable<EventBatch>): Promise<{ fault: FlashmuxError; events: AnswerEvent[] }> {
  const events: AnswerEvent[] = [];
  try {
    for await (const batch of run) events.push(...batch);
  } catch (error) {
    if (FlashmuxError.is(error)) return { fault: error, events };
    throw error;
  }
  throw new Error('expected a fault');
}

describe('asking', () => {
  it('posts the request with the key, the headers and the request id to the chat completions of the base URL', async () => {
    const { server, run } = await rig(stream(hello), { headers: { 'X-Team': 'blue', 'User-Agent': 'mine' } });
    await collect(run());
    expect(server.requests[0]).toMatchObject({ method: 'POST', url: '/v1/chat/completions' });
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer sk-secret',
      'content-type': 'application/json',
      'x-team': 'blue',
      'user-agent': 'mine',
      'x-request-id': 'req_test',
    });
    expect(parseJson(server.requests[0]?.body ?? '')).toMatchObject({
      model: 'm',
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: 'user' }],
    });
  });

  it('sends no authorization where no key is configured', async () => {
    const server = await localServer(stream(hello));
    cleanups.push(() => server.close());
    const outgoing = createOutgoing();
    cleanups.push(() => outgoing.close());
    const provider = createOpenAiCompatible({
      name: 'h',
      baseUrl: server.origin,
      quirks: quirksRows.vllm,
      outgoing,
      cancellable: true,
    });
    await collect(provider.run(attemptOf(requestOf('hi')), new AbortController().signal));
    expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
    expect(server.requests[0]?.url).toBe('/chat/completions');
  });
});

describe('reading a stream', () => {
  it('gives the answer, its ending and its usage', async () => {
    const { run } = await rig(stream(hello));
    const answer = await foldStream(run());
    expect(answer).toMatchObject({
      id: 'c1',
      model: 'm1',
      createdAt: 7,
      choices: [{ reason: 'stop', parts: [{ kind: 'text', text: 'Hello ✓' }] }],
      usage: { input: { total: 3 }, output: { total: 2 } },
    });
  });

  it('gives the same answer where every byte comes alone', async () => {
    const { run: whole } = await rig(stream([hello.join('')]));
    const { run: bytes } = await rig(stream(Array.from(Buffer.from(hello.join('')), (byte) => Uint8Array.of(byte))));
    expect(await foldStream(bytes())).toEqual(await foldStream(whole()));
  });

  it('gives all that one chunk brought as one batch', async () => {
    const { run } = await rig(stream([hello.join('')]));
    const batches: EventBatch[] = [];
    for await (const batch of run()) batches.push(batch);
    expect(batches).toHaveLength(1);
  });

  it('gives no empty batch for a comment', async () => {
    const { run } = await rig(stream([': wait\n\n', ...hello.slice(0, 3), ': wait\n\n', ...hello.slice(3)]));
    for await (const batch of run()) expect(batch.length).toBeGreaterThan(0);
  });

  it('comments keep an answer alive that is silent otherwise', async () => {
    const { run } = await rig(async (reply) => {
      reply.writeHead(200, sse).write(hello[0]);
      for (let time = 0; time < 7; time++) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        reply.write(': still here\n\n');
      }
      reply.end(hello.slice(1).join(''));
    });
    expect(textOf(await collect(run(attemptOf(requestOf('hi'), { idleMs: 1_000 }))))).toBe('Hello ✓');
  });

  it('puts the notices of the request right after the start', async () => {
    const { run } = await rig(stream(hello), { quirks: quirksRows.dashscope });
    const events = await collect(run(attemptOf(requestOf('hi', { sampling: { temperature: 2, frequencyPenalty: 1 } }))));
    expect(events.slice(0, 3)).toMatchObject([
      { kind: 'answer-start' },
      { kind: 'notice', notice: { code: 'clamped', path: 'temperature' } },
      { kind: 'notice', notice: { code: 'dropped', path: 'frequency_penalty' } },
    ]);
    expect(events.filter(({ kind }) => kind === 'notice')).toHaveLength(2);
  });

  it('takes inline thinking out where the row says so, and leaves it where not', async () => {
    const pieces = [delta({ content: '<thi' }), delta({ content: 'nk>Hm.</think>\n\nYes' }, 'stop'), done];
    const { run: vllm } = await rig(stream(pieces), { quirks: quirksRows.vllm });
    expect(textOf(await collect(vllm()))).toBe('[reasoning]Yes');
    const { run: flashmux } = await rig(stream(pieces), { quirks: quirksRows.flashmux });
    expect(textOf(await collect(flashmux()))).toBe('<think>Hm.</think>\n\nYes');
  });

  it('the last usage is the usage: growing totals replace each other', async () => {
    const growing = [
      delta({ content: 'a' }),
      usage(3, 1),
      delta({ content: 'b' }),
      usage(3, 2),
      delta({}, 'stop'),
      usage(3, 2),
      done,
    ];
    const { run } = await rig(stream(growing));
    expect((await foldStream(run())).usage).toMatchObject({ input: { total: 3 }, output: { total: 2 } });
  });

  it('an answer without usage has none, not zero', async () => {
    const { run } = await rig(stream([delta({ content: 'a' }, 'stop'), done]));
    expect((await foldStream(run())).usage).toBeUndefined();
  });

  it('ends at [DONE] though the host keeps the connection open', async () => {
    const { server, run } = await rig((reply) => void reply.writeHead(200, sse).write(hello.join('')));
    expect(textOf(await collect(run()))).toBe('Hello ✓');
    await server.clientLeft;
  });

  it('is complete without [DONE] where the answer is', async () => {
    const { run } = await rig(stream(hello.slice(0, -1)));
    expect((await foldStream(run())).choices[0]?.reason).toBe('stop');
  });

  it('uses the connection of a complete answer again', async () => {
    let ended = Promise.withResolvers<void>();
    const { server, run } = await rig(async (reply) => {
      ended = Promise.withResolvers();
      reply.on('close', ended.resolve).writeHead(200, sse).write(hello.join(''));
      await new Promise((resolve) => setTimeout(resolve, 20));
      reply.end();
    });
    for (let round = 0; round < 3; round++) {
      await collect(run());
      await ended.promise;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(server.connections()).toBe(1);
  });
});

describe('reading a whole answer', () => {
  const body = {
    id: 'c2',
    object: 'chat.completion',
    created: 9,
    model: 'm2',
    choices: [{ index: 0, message: { role: 'assistant', content: '<think>Hm.</think>Whole' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  };

  it('works where a host answers whole though it was asked to stream', async () => {
    const { run } = await rig((reply) => void reply.writeHead(200, json).end(JSON.stringify(body)));
    expect(textOf(await collect(run()))).toBe('[reasoning]Whole');
  });

  it('is asked for where the host cannot stream', async () => {
    const { server, run } = await rig((reply) => void reply.writeHead(200, json).end(JSON.stringify(body)), {
      quirks: { ...quirksRows.generic, streams: false },
    });
    expect(await foldStream(run())).toMatchObject({ id: 'c2', usage: { input: { total: 1 } } });
    expect(parseJson(server.requests[0]?.body ?? '')).not.toHaveProperty('stream');
  });

  it.each([
    ['text/html', '<html>login</html>'],
    ['application/json', '{"choices":'],
    ['application/json', '{"hello":"world"}'],
    ['application/json', '[]'],
  ])('a 200 of %s with %s is an upstream_failed', async (type, text) => {
    const { run } = await rig((reply) => void reply.writeHead(200, { 'content-type': type }).end(text));
    expect((await failing(run())).fault).toMatchObject({ code: 'upstream_failed', upstream: { provider: 'host' } });
  });
});

describe('faults', () => {
  it.each([
    [400, 'invalid_request'],
    [401, 'upstream_refused'],
    [402, 'upstream_refused'],
    [403, 'upstream_refused'],
    [429, 'rate_limited'],
    [500, 'upstream_failed'],
    [503, 'upstream_failed'],
  ])('a %i is %s, with the provider and the status on it', async (status, code) => {
    const error = { error: { message: 'no sk-secret', type: 't', code: 'c', param: null } };
    const { run } = await rig(
      (reply) => void reply.writeHead(status, { ...json, 'retry-after': '4' }).end(JSON.stringify(error)),
    );
    const { fault, events } = await failing(run());
    expect(fault).toMatchObject({ code, retryAfterSeconds: 4, upstream: { provider: 'host', status } });
    expect(`${fault.message}${JSON.stringify(fault.upstream)}`).not.toContain('sk-secret');
    expect(events).toEqual([]);
  });

  it('an endless error body is read to its first 64 KiB only', async () => {
    const { server, run } = await rig((reply) => {
      reply.writeHead(500, json);
      const fill = (): void => {
        if (reply.destroyed) return;
        reply.write('x'.repeat(65_536));
        setImmediate(fill);
      };
      fill();
    });
    expect((await failing(run())).fault.code).toBe('upstream_failed');
    await server.clientLeft;
  });

  it('a redirect is not followed: the key belongs to the configured host', async () => {
    const { server, run } = await rig((reply) => void reply.writeHead(307, { location: '/v1/chat/completions' }).end());
    expect((await failing(run())).fault.message).toMatch(/base URL/);
    expect(server.requests).toHaveLength(1);
  });

  it('an error frame ends the answer after what was said before it, in the same chunk too', async () => {
    const { run } = await rig(stream([hello[0] + 'data: {"error":{"message":"boom","type":"server_error","code":"x"}}\n\n']));
    const { fault, events } = await failing(run());
    expect(textOf(events)).toBe('Hel');
    expect(fault).toMatchObject({ code: 'upstream_failed', message: 'boom', upstream: { provider: 'host' } });
  });

  it.each([
    ['no ending', hello.slice(0, 2)],
    ['garbage', [...hello.slice(0, 2), 'data: {"choices": [\n\n']],
  ])('a stream with %s is an upstream_failed after what was said', async (_, pieces) => {
    const { run } = await rig(stream(pieces));
    const { fault, events } = await failing(run());
    expect(fault.code).toBe('upstream_failed');
    expect(textOf(events)).toBe('Hello ✓');
  });

  it('a broken connection is an upstream_failed after what was said', async () => {
    const { run } = await rig((reply) => {
      reply.writeHead(200, sse).write(hello[0]);
      setTimeout(() => reply.destroy(), 30);
    });
    const { fault, events } = await failing(run());
    expect(fault).toMatchObject({ code: 'upstream_failed', upstream: { provider: 'host' } });
    expect(textOf(events)).toBe('Hel');
  });

  it('what the think splitter held back is given out before the fault', async () => {
    const { run } = await rig(stream([delta({ content: '<th' })]));
    expect(textOf((await failing(run())).events)).toBe('<th');
  });
});

describe('deadlines and aborts', () => {
  it('a host that sends no head in time is an upstream_timeout', async () => {
    const { server, run } = await rig(() => undefined);
    expect((await failing(run(attemptOf(requestOf('hi'), { firstEventMs: 500 })))).fault.code).toBe('upstream_timeout');
    await server.clientLeft;
  });

  it('a host that sends comments and no event in time is an upstream_timeout', async () => {
    const { server, run } = await rig((reply) => {
      reply.writeHead(200, sse).write(': thinking about it\n\n');
      const timer = setInterval(() => reply.write(': still\n\n'), 10);
      reply.on('close', () => clearInterval(timer));
    });
    expect((await failing(run(attemptOf(requestOf('hi'), { firstEventMs: 500 })))).fault.code).toBe('upstream_timeout');
    await server.clientLeft;
  });

  it('a host that falls silent is an upstream_timeout after what it said', async () => {
    const { server, run } = await rig((reply) => void reply.writeHead(200, sse).write(hello[0]));
    const { fault, events } = await failing(run(attemptOf(requestOf('hi'), { idleMs: 300 })));
    expect(fault.code).toBe('upstream_timeout');
    expect(textOf(events)).toBe('Hel');
    await server.clientLeft;
  });

  it('a host that goes on for too long is an upstream_timeout', async () => {
    const { server, run } = await rig((reply) => {
      reply.writeHead(200, sse);
      const timer = setInterval(() => reply.write(hello[0]), 5);
      reply.on('close', () => clearInterval(timer));
    });
    expect((await failing(run(attemptOf(requestOf('hi'), { totalMs: 500 })))).fault.code).toBe('upstream_timeout');
    await server.clientLeft;
  });

  it('an abort closes the connection, before the head and after', async () => {
    for (const head of [false, true]) {
      const arrived = Promise.withResolvers<void>();
      const { server, run } = await rig((reply) => {
        if (head) reply.writeHead(200, sse).write(hello[0]);
        arrived.resolve();
      });
      const controller = new AbortController();
      const running = failing(run(undefined, controller.signal));
      await arrived.promise;
      controller.abort();
      expect((await running).fault.code).toBe('cancelled');
      await server.clientLeft;
    }
  });

  it('leaving the loop closes the connection', async () => {
    const { server, run } = await rig((reply) => void reply.writeHead(200, sse).write(hello[0]));
    for await (const _ of run()) break;
    await server.clientLeft;
  });
});
