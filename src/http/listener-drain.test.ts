import { Agent, request as httpRequest } from 'node:http';
import { describe, expect, it } from 'vitest';
import { opening, says, scripted, startListener, untilAborted, validKey, watched } from './listener.test-support.ts';

interface Reply {
  readonly status: number | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
}

interface PendingReply {
  readonly head: Promise<void>;
  readonly whole: Promise<Reply>;
}

function call(url: string, agent: Agent, body: object): PendingReply {
  const head = Promise.withResolvers<void>();
  const whole = Promise.withResolvers<Reply>();
  const sent = httpRequest(`${url}/v1/say`, { method: 'POST', headers: { 'x-api-key': validKey }, agent }, (reply) => {
    head.resolve();
    let text = '';
    reply.setEncoding('utf8');
    reply.on('data', (piece: string) => (text += piece));
    reply.on('error', whole.reject);
    reply.on('end', () => whole.resolve({ status: reply.statusCode, headers: reply.headers, text }));
  });
  sent.on('error', (error) => {
    head.reject(error);
    whole.reject(error);
  });
  sent.end(JSON.stringify(body));
  return { head: head.promise, whole: whole.promise };
}

/** Each keeps one connection. */
function keptConnection(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1 });
}

describe('drain', () => {
  it('lets streams come to their end, answers kept connections with 503, and takes no new ones', async () => {
    const go = new Map([
      ['first', Promise.withResolvers<void>()],
      ['second', Promise.withResolvers<void>()],
    ]);
    const { listener, url } = await startListener(async function* serve({ request }) {
      yield opening();
      await go.get(request.model)?.promise;
      yield says(request.model);
    });
    const agents = [keptConnection(), keptConnection()];
    const [one, two] = agents;
    if (one === undefined || two === undefined) throw new Error('two agents');
    const first = call(url, one, { model: 'first', stream: true });
    const second = call(url, two, { model: 'second', stream: true });
    await Promise.all([first.head, second.head]);

    const drained = listener.drain(30_000);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    go.get('first')?.resolve();
    expect((await first.whole).text).toContain('data: first');
    const refused = await call(url, one, { model: 'first' }).whole;
    expect(refused.status).toBe(503);
    expect(refused.headers).toMatchObject({ connection: 'close', 'retry-after': '1' });
    expect(JSON.parse(refused.text).error.code).toBe('shutting_down');

    go.get('second')?.resolve();
    expect((await second.whole).text).toContain('data: second');
    await drained;
    for (const agent of agents) agent.destroy();
  });

  it('says on answers that begin while it runs that the connection ends', async () => {
    const go = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const { listener, url } = await startListener(async function* serve() {
      asked.resolve();
      await go.promise;
      yield opening();
    });
    const agent = keptConnection();
    const pending = call(url, agent, { model: 'm' });
    await asked.promise;
    const drained = listener.drain(30_000);
    go.resolve();
    expect((await pending.whole).headers['connection']).toBe('close');
    await drained;
    agent.destroy();
  });

  it('aborts at the deadline: a stream ends with the reason, an answer not begun is a 503, and both settle first', async () => {
    let settled = 0;
    const bothRun = Promise.withResolvers<void>();
    const { serve } = watched(async function* script({ request, signal }) {
      try {
        if (request.delivery.kind === 'whole') bothRun.resolve();
        if (request.delivery.kind === 'stream') yield opening();
        await untilAborted(signal);
      } finally {
        await new Promise((resolve) => setTimeout(resolve, 50));
        settled++;
      }
    });
    const { listener, url, logged } = await startListener(serve);
    const agent = new Agent({ keepAlive: true });
    const stream = call(url, agent, { model: 'm', stream: true });
    await stream.head;
    const whole = call(url, agent, { model: 'm' });
    await bothRun.promise;
    await listener.drain(50);
    expect(settled).toBe(2);
    expect((await stream.whole).text).toBe('data: fault shutting_down\n\n');
    expect((await whole.whole).status).toBe(503);
    expect(logged.map((line) => line['fault'])).toEqual(['shutting_down', 'shutting_down']);
    agent.destroy();
  });

  it('ends although an exchange never settles', async () => {
    const { listener, url } = await startListener(
      async function* serve() {
        yield opening();
        await new Promise(() => undefined);
      },
      { limits: { settleMs: 50 } },
    );
    const agent = new Agent({ keepAlive: true });
    const stuck = call(url, agent, { model: 'm', stream: true });
    stuck.whole.catch(() => undefined);
    await stuck.head;
    await listener.drain(20);
    await expect(stuck.whole).rejects.toThrow();
    agent.destroy();
  });

  it('is over at once where nothing runs, and a second close changes nothing', async () => {
    const { listener, url } = await startListener(scripted());
    await fetch(`${url}/healthz`).then((reply) => reply.text());
    await listener.drain(30_000);
    await listener.close();
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });
});

describe('start', () => {
  it('rejects where the address is taken', async () => {
    await using started = await startListener(scripted());
    await expect(startListener(scripted(), { port: started.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
