import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { FaultCode } from '../model/fault.ts';
import { FlashmuxError } from '../model/fault.ts';
import { createOutgoing, type OutgoingOptions } from './create-outgoing.ts';
import { localServer, type Behaviour, type LocalServer } from './local-server.test-support.ts';
import type { Outgoing, OutgoingAnswer, OutgoingRequest } from './outgoing.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function serve(behave: Behaviour): Promise<LocalServer> {
  const server = await localServer(behave);
  cleanups.push(() => server.close());
  return server;
}

function open(options?: OutgoingOptions): Outgoing {
  const outgoing = createOutgoing(options);
  cleanups.push(() => outgoing.close());
  return outgoing;
}

function get(url: string, more: Partial<OutgoingRequest> = {}): OutgoingRequest {
  return { method: 'GET', url, headers: {}, owner: 'operator', headTimeoutMs: 20_000, idleTimeoutMs: 20_000, ...more };
}

async function text(answer: OutgoingAnswer): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of answer.body) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

async function faultOf(promise: Promise<unknown>): Promise<FlashmuxError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!FlashmuxError.is(error)) throw new Error(`expected a fault, got ${String(error)}`);
  return error;
}

async function codeOf(promise: Promise<unknown>): Promise<FaultCode> {
  return (await faultOf(promise)).code;
}

const never = new AbortController().signal;

describe('sending', () => {
  it('sends method, headers and body and gives status, headers and body back', async () => {
    const server = await serve((reply) => {
      reply.writeHead(201, { 'X-Kind': 'test', 'set-cookie': ['a=1', 'b=2'] }).end('received');
    });
    const answer = await open().send(
      get(`${server.origin}/path?q=1`, { method: 'POST', headers: { 'x-mine': 'yes' }, body: '{"a":"ä"}' }),
      never,
    );
    expect(await text(answer)).toBe('received');
    expect(answer).toMatchObject({ status: 201, headers: { 'x-kind': 'test', 'set-cookie': 'a=1, b=2' } });
    expect(answer.url).toBe(`${server.origin}/path?q=1`);
    expect(server.requests[0]).toMatchObject({ method: 'POST', url: '/path?q=1', body: '{"a":"ä"}' });
    expect(server.requests[0]?.headers).toMatchObject({ 'x-mine': 'yes', 'accept-encoding': 'identity' });
  });

  it('uses one connection for requests in turn', async () => {
    const server = await serve((reply) => void reply.end('x'));
    const outgoing = open();
    for (let round = 0; round < 5; round++) {
      await text(await outgoing.send(get(server.origin), never));
      // The pool counts a connection as free only after it has told the end of the answer.
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(server.connections()).toBe(1);
  });

  it('never opens more connections to a host than allowed, and serves all requests', async () => {
    const server = await serve((reply) => void setImmediate(() => reply.end('x')));
    const outgoing = open({ maxConnectionsPerHost: 2 });
    const answers = await Promise.all(
      Array.from({ length: 10 }, async () => text(await outgoing.send(get(server.origin), never))),
    );
    expect(answers).toEqual(Array.from({ length: 10 }, () => 'x'));
    expect(server.connections()).toBe(2);
  });

  it('gives what one write of the server brought as one item, however many HTTP chunks it was', async () => {
    const waiting = Promise.withResolvers<void>();
    const server = await serve(async (reply) => {
      reply.writeHead(200).write('first');
      await waiting.promise;
      // Written by hand: node:http would make one chunk of what it sends at once.
      reply.socket?.write('4\r\none \r\n4\r\ntwo \r\n5\r\nthree\r\n');
    });
    const answer = await open().send(get(server.origin), never);
    const body = answer.body[Symbol.asyncIterator]();
    const items: string[] = [];
    for (let step = await body.next(); step.done !== true && items.push(Buffer.from(step.value).toString()) < 2;) {
      const next = body.next();
      waiting.resolve();
      step = await next;
    }
    expect(items).toEqual(['first', 'one two three']);
  });

  it('pauses the upstream while nobody reads, and loses nothing', async () => {
    const total = 32 * 1024 * 1024;
    let written = 0;
    const stalled = Promise.withResolvers<void>();
    const server = await serve(async (reply) => {
      const block = Buffer.alloc(256 * 1024, 7);
      while (written < total) {
        const flowing = reply.write(block);
        written += block.length;
        if (flowing) continue;
        const drained = new Promise<'drained'>((resolve) => reply.once('drain', () => resolve('drained')));
        const outcome = await Promise.race([drained, new Promise((resolve) => setTimeout(resolve, 300, 'waiting'))]);
        if (outcome === 'waiting') stalled.resolve();
        await drained;
      }
      reply.end();
    });
    const answer = await open().send(get(server.origin), never);
    await stalled.promise;
    expect(written).toBeLessThan(total);
    let received = 0;
    for await (const piece of answer.body) received += piece.length;
    expect(received).toBe(total);
  });
});

describe('deadlines and aborts', () => {
  it('a host that sends no head in time is an upstream_timeout, and its connection is closed', async () => {
    const server = await serve(() => undefined);
    const fault = await faultOf(open().send(get(`${server.origin}/?key=secret`, { headTimeoutMs: 500 }), never));
    expect(fault.code).toBe('upstream_timeout');
    expect(fault.message).toContain(`127.0.0.1:${server.port}`);
    expect(fault.message).not.toContain('secret');
    await server.clientLeft;
  });

  it('a host that falls silent within the body is an upstream_timeout, after what it did send', async () => {
    const server = await serve((reply) => void reply.writeHead(200).write('beginning'));
    const answer = await open().send(get(server.origin, { idleTimeoutMs: 300 }), never);
    const items: string[] = [];
    const reading = (async () => {
      for await (const piece of answer.body) items.push(Buffer.from(piece).toString());
    })();
    expect(await codeOf(reading)).toBe('upstream_timeout');
    expect(items).toEqual(['beginning']);
    await server.clientLeft;
  });

  it('a reader who takes longer than the idle deadline is not a silent host', async () => {
    const more = Promise.withResolvers<void>();
    const server = await serve(async (reply) => {
      reply.writeHead(200).write('a');
      await more.promise;
      reply.end('b');
    });
    const answer = await open().send(get(server.origin, { idleTimeoutMs: 400 }), never);
    let whole = '';
    for await (const piece of answer.body) {
      whole += Buffer.from(piece).toString();
      await new Promise((resolve) => setTimeout(resolve, 600));
      more.resolve();
    }
    expect(whole).toBe('ab');
  });

  it('a host that pauses again and again is not silent as long as each pause is short', async () => {
    const server = await serve(async (reply) => {
      reply.writeHead(200);
      for (let time = 0; time < 5; time++) {
        reply.write('x');
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      reply.end();
    });
    expect(await text(await open().send(get(server.origin, { idleTimeoutMs: 800 }), never))).toBe('xxxxx');
  });

  it('a body that nobody reads does not keep its connection', async () => {
    const server = await serve((reply) => void reply.writeHead(200).write('x'));
    await open().send(get(server.origin, { idleTimeoutMs: 300 }), never);
    await server.clientLeft;
  });

  it('an abort before the head closes the connection', async () => {
    const arrived = Promise.withResolvers<void>();
    const server = await serve(() => arrived.resolve());
    const controller = new AbortController();
    const sending = codeOf(open().send(get(server.origin), controller.signal));
    await arrived.promise;
    controller.abort();
    expect(await sending).toBe('cancelled');
    await server.clientLeft;
  });

  it('an abort within the body closes the connection and ends the reading', async () => {
    const server = await serve((reply) => void reply.writeHead(200).write('x'));
    const controller = new AbortController();
    const answer = await open().send(get(server.origin), controller.signal);
    const reading = codeOf(
      (async () => {
        for await (const _ of answer.body) controller.abort();
      })(),
    );
    expect(await reading).toBe('cancelled');
    await server.clientLeft;
  });

  it('an abort whose reason is a fault is thrown as that fault', async () => {
    const server = await serve(() => undefined);
    const reason = new FlashmuxError('shutting_down', 'bye');
    expect(await faultOf(open().send(get(server.origin), AbortSignal.abort(reason)))).toBe(reason);
    expect(server.requests).toHaveLength(0);
  });

  it('an abort while the request waits for a connection never sends it', async () => {
    const release = Promise.withResolvers<void>();
    const server = await serve(async (reply, request) => {
      if (request.url === '/first') await release.promise;
      reply.end();
    });
    const outgoing = open({ maxConnectionsPerHost: 1 });
    const first = outgoing.send(get(`${server.origin}/first`), never);
    const controller = new AbortController();
    const second = codeOf(outgoing.send(get(`${server.origin}/second`), controller.signal));
    const third = outgoing.send(get(`${server.origin}/third`), never);
    controller.abort();
    expect(await second).toBe('cancelled');
    release.resolve();
    await text(await first);
    await text(await third);
    expect(server.requests.map((request) => request.url)).toEqual(['/first', '/third']);
  });

  it('leaving the loop closes the connection', async () => {
    const server = await serve((reply) => void reply.writeHead(200).write('x'));
    const answer = await open().send(get(server.origin), never);
    for await (const _ of answer.body) break;
    await server.clientLeft;
  });

  it('leaves no listener on the signal', async () => {
    const looked = Promise.withResolvers<void>();
    const server = await serve(async (reply) => {
      reply.writeHead(200).write('x');
      await looked.promise;
      reply.end();
    });
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args));
    signal.removeEventListener = (...args: Parameters<typeof remove>) => (listeners--, remove(...args));
    const answer = await open().send(get(server.origin), signal);
    expect(listeners).toBe(1);
    looked.resolve();
    await text(answer);
    expect(listeners).toBe(0);
  });
});

describe('failures', () => {
  it('a refused connection is an upstream_failed that names the host and no query', async () => {
    const server = await localServer(() => undefined);
    await server.close();
    const fault = await faultOf(open().send(get(`${server.origin}/x?key=secret`), never));
    expect(fault.code).toBe('upstream_failed');
    expect(fault.message).toContain(`127.0.0.1:${server.port}`);
    expect(fault.message).not.toContain('secret');
  });

  it('a body that is cut is an upstream_failed after what had arrived', async () => {
    const server = await serve((reply) => {
      reply.writeHead(200, { 'content-length': '100' }).write('half');
      setTimeout(() => reply.destroy(), 20);
    });
    const answer = await open().send(get(server.origin), never);
    let received = '';
    const reading = (async () => {
      for await (const piece of answer.body) received += Buffer.from(piece).toString();
    })();
    expect(await codeOf(reading)).toBe('upstream_failed');
    expect(received).toBe('half');
  });

  it('an answer that is no HTTP is an upstream_failed', async () => {
    const server = createServer(
      (socket) =>
        void socket
          .on('error', () => undefined)
          .resume()
          .end('SSH-2.0-OpenSSH\r\n'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => new Promise((resolve) => server.close(resolve)));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await codeOf(open().send(get(`http://127.0.0.1:${port}/`), never))).toBe('upstream_failed');
  });

  it('a header that cannot be written is an upstream_failed, not a hang', async () => {
    const server = await serve((reply) => void reply.end());
    expect(await codeOf(open().send(get(server.origin, { headers: { a: 'b\r\nc: d' } }), never))).toBe('upstream_failed');
    expect(server.requests).toHaveLength(0);
  });

  it('after close nothing is sent, and what was under way fails with shutting_down', async () => {
    const arrived = Promise.withResolvers<void>();
    const server = await serve(() => arrived.resolve());
    const outgoing = open();
    const under = codeOf(outgoing.send(get(server.origin), never));
    await arrived.promise;
    await outgoing.close();
    expect(await under).toBe('shutting_down');
    expect(await codeOf(outgoing.send(get(server.origin), never))).toBe('shutting_down');
  });
});

describe('redirects', () => {
  it('are handed back where none may be followed', async () => {
    const server = await serve((reply) => void reply.writeHead(302, { location: '/other' }).end());
    const answer = await open().send(get(server.origin), never);
    expect(answer.status).toBe(302);
    await text(answer);
  });

  it('are followed to the end, and the final address is told', async () => {
    const server = await serve((reply, { url }) => {
      if (url === '/c') reply.end('here');
      else reply.writeHead(302, { location: url === '/a' ? '/b' : './c' }).end();
    });
    const answer = await open().send(get(`${server.origin}/a`, { maxRedirects: 2 }), never);
    expect(await text(answer)).toBe('here');
    expect(answer.url).toBe(`${server.origin}/c`);
  });

  it('more than allowed are an upstream_failed', async () => {
    const server = await serve((reply) => void reply.writeHead(302, { location: '/again' }).end());
    expect(await codeOf(open().send(get(server.origin, { maxRedirects: 3 }), never))).toBe('upstream_failed');
    expect(server.requests).toHaveLength(4);
  });

  it('to another origin lose every header that may hold a key and keep the range', async () => {
    const target = await serve((reply) => void reply.end('x'));
    const origin = await serve((reply) => void reply.writeHead(307, { location: `${target.origin}/x` }).end());
    const headers = { Authorization: 'Bearer k', 'x-api-key': 'k', cookie: 'k', 'x-any': 'k', Range: 'bytes=5-' };
    await text(await open().send(get(origin.origin, { headers, maxRedirects: 1 }), never));
    const seen = target.requests[0]?.headers ?? {};
    expect(seen['range']).toBe('bytes=5-');
    expect(Object.values(seen)).not.toContain('k');
    expect(Object.values(seen)).not.toContain('Bearer k');
  });

  it('within the origin keep the headers', async () => {
    const server = await serve((reply, { url }) => {
      if (url === '/b') reply.end();
      else reply.writeHead(302, { location: '/b' }).end();
    });
    await text(await open().send(get(server.origin, { headers: { authorization: 'Bearer k' }, maxRedirects: 1 }), never));
    expect(server.requests[1]?.headers.authorization).toBe('Bearer k');
  });

  it.each([
    [302, 'GET', ''],
    [303, 'GET', ''],
    [307, 'POST', 'body'],
    [308, 'POST', 'body'],
  ])('a %i makes of a POST a %s with the body "%s"', async (status, method, body) => {
    const server = await serve((reply, { url }) => {
      if (url === '/b') reply.end();
      else reply.writeHead(status, { location: '/b' }).end();
    });
    await text(await open().send(get(server.origin, { method: 'POST', body: 'body', maxRedirects: 1 }), never));
    expect(server.requests[1]).toMatchObject({ method, body });
  });

  it.each(['file:///etc/passwd', 'ftp://127.0.0.1/', 'data:text/plain,hello', 'http://user:pass@127.0.0.1/'])(
    'to %s are refused, for the operator too',
    async (location) => {
      const server = await serve((reply) => void reply.writeHead(302, { location }).end());
      expect(await codeOf(open().send(get(server.origin, { maxRedirects: 3 }), never))).toBe('forbidden');
    },
  );
});
