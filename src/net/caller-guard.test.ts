import { afterEach, describe, expect, it } from 'vitest';
import { FlashmuxError } from '../model/fault.ts';
import type { ResolveHost } from './caller-guard.ts';
import { createOutgoing, type OutgoingOptions } from './create-outgoing.ts';
import { localServer, type Behaviour, type LocalServer } from './local-server.test-support.ts';
import type { OutgoingAnswer } from './outgoing.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function serve(behave: Behaviour): Promise<LocalServer> {
  const server = await localServer(behave);
  cleanups.push(() => server.close());
  return server;
}

/** Fetches as a caller would have us fetch. */
async function fetchFor(url: string, options: OutgoingOptions = {}): Promise<OutgoingAnswer> {
  const outgoing = createOutgoing(options);
  cleanups.push(() => outgoing.close());
  return outgoing.send(
    { method: 'GET', url, headers: {}, owner: 'caller', headTimeoutMs: 20_000, idleTimeoutMs: 20_000, maxRedirects: 3 },
    new AbortController().signal,
  );
}

async function refusal(fetching: Promise<unknown>): Promise<string> {
  const error: unknown = await fetching.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!FlashmuxError.is(error)) throw new Error(`expected a fault, got ${String(error)}`);
  return error.code;
}

async function text(answer: OutgoingAnswer): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of answer.body) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

/** Answers the given lists in turn, the last one for ever. */
function resolver(...answers: readonly (readonly string[])[]): { readonly resolveHost: ResolveHost; readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    resolveHost: async (hostname) => {
      const addresses = answers[Math.min(asked.length, answers.length - 1)] ?? [];
      asked.push(hostname);
      return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    },
  };
}

describe('a fetch for a caller', () => {
  it.each([
    '127.0.0.1',
    '127.1',
    '127.0.1',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '0x7f.0x0.0x0.0x1',
    '0177.0.0.1',
    '017700000001',
    '127.0.0.1.',
    '0',
    '0.0.0.0',
    '①②⑦.⓪.⓪.①',
    '127。0。0。1',
    '１２７.０.０.１',
    '127%2e0%2e0%2e1',
    '[::1]',
    '[::]',
    '[0:0:0:0:0:0:0:1]',
    '[0000:0000:0000:0000:0000:0000:0000:0001]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[0:0:0:0:0:ffff:7f00:1]',
    '[::127.0.0.1]',
    '[64:ff9b::127.0.0.1]',
    '[2002:7f00:1::]',
    '169.254.169.254',
    '[fd00:ec2::254]',
    '[fe80::1]',
    '168.63.129.16',
    '100.100.100.200',
    '10.0.0.1',
    '192.168.0.1',
  ])('does not reach http://%s', async (host) => {
    const { asked, resolveHost } = resolver(['93.184.216.34']);
    expect(await refusal(fetchFor(`http://${host}/`, { resolveHost }))).toBe('forbidden');
    expect(asked).toEqual([]);
  });

  it('does not reach the name of this machine', async () => {
    expect(await refusal(fetchFor('http://localhost/'))).toBe('forbidden');
  });

  it.each([[['127.0.0.1']], [['::1']], [['93.184.216.34', '10.0.0.1']], [['2606:4700:4700::1111', '::ffff:127.0.0.1']]])(
    'does not reach a name that resolves to %j: one private address refuses all',
    async (addresses) => {
      const { asked, resolveHost } = resolver(addresses);
      expect(await refusal(fetchFor('http://media.example/', { resolveHost }))).toBe('forbidden');
      expect(asked).toEqual(['media.example']);
    },
  );

  it('does not tell to which inner address a name resolves', async () => {
    const { resolveHost } = resolver(['10.1.2.3']);
    await expect(fetchFor('http://media.example/', { resolveHost })).rejects.toSatisfy(
      (error) => error instanceof Error && !error.message.includes('10.1.2.3'),
    );
  });

  it('asks the name server once for a connection, so that a second answer cannot lead elsewhere', async () => {
    const good = await serve((reply) => void reply.end('good'));
    const { asked, resolveHost } = resolver(['127.0.0.1'], ['127.0.0.3']);
    const options = { resolveHost, openToCallers: [`127.0.0.1:${good.port}`, `media.example:${good.port}`] };
    expect(await text(await fetchFor(`http://media.example:${good.port}/`, options))).toBe('good');
    expect(asked).toEqual(['media.example']);
    expect(await refusal(fetchFor(`http://media.example:${good.port}/`, options))).toBe('forbidden');
    expect(asked).toHaveLength(2);
    expect(good.connections()).toBe(1);
  });

  it('is refused at the redirect that leads inside', async () => {
    const inner = await serve((reply) => void reply.end('secret'));
    const locations = [
      `http://127.0.0.1:${inner.port}/`,
      `//127.0.0.1:${inner.port}/`,
      `http://localhost:${inner.port}/`,
      `http://2130706433:${inner.port}/`,
      'http://[::1]/',
      'http://169.254.169.254/latest/meta-data/',
      'file:///etc/passwd',
      'http://93.184.216.34:22/',
    ];
    for (const location of locations) {
      const outer = await serve((reply) => void reply.writeHead(302, { location }).end());
      const fetching = fetchFor(`${outer.origin}/`, { openToCallers: [`127.0.0.1:${outer.port}`] });
      expect(await refusal(fetching), location).toBe('forbidden');
    }
    expect(inner.connections()).toBe(0);
  });

  it('is refused at a redirect to a name that resolves inside, though the first hop was good', async () => {
    const outer = await serve((reply) => void reply.writeHead(302, { location: 'http://inner.example/' }).end());
    const { resolveHost } = resolver(['127.0.0.1']);
    const fetching = fetchFor(outer.origin, { resolveHost, openToCallers: [`127.0.0.1:${outer.port}`] });
    expect(await refusal(fetching)).toBe('forbidden');
  });

  it.each(['http://93.184.216.34:8080/', 'https://93.184.216.34:22/', 'http://media.example:6379/'])(
    'is refused for the port of %s',
    async (url) => {
      const { asked, resolveHost } = resolver(['93.184.216.34']);
      expect(await refusal(fetchFor(url, { resolveHost }))).toBe('forbidden');
      expect(asked).toEqual([]);
    },
  );

  it.each([
    'file:///etc/passwd',
    'ftp://example.com/',
    'gopher://example.com/',
    'javascript:alert(1)',
    'http://a:b@example.com/',
    '//x',
  ])('is refused for the form of %s', async (url) => {
    expect(await refusal(fetchFor(url))).toBe('forbidden');
  });

  it('shares no connection with another fetch', async () => {
    const server = await serve((reply) => void reply.end('x'));
    const outgoing = createOutgoing({ openToCallers: [`127.0.0.1:${server.port}`] });
    cleanups.push(() => outgoing.close());
    for (let round = 0; round < 3; round++) {
      const request = { method: 'GET', url: server.origin, headers: {}, owner: 'caller' } as const;
      await text(await outgoing.send({ ...request, headTimeoutMs: 20_000, idleTimeoutMs: 20_000 }, new AbortController().signal));
    }
    expect(server.connections()).toBe(3);
  });

  it('reaches a private address where the operator opened that one place, and no other port of it', async () => {
    const server = await serve((reply) => void reply.end('open'));
    const other = await serve((reply) => void reply.end('closed'));
    const openToCallers = [`127.0.0.1:${server.port}`];
    expect(await text(await fetchFor(server.origin, { openToCallers }))).toBe('open');
    expect(await refusal(fetchFor(other.origin, { openToCallers }))).toBe('forbidden');
    expect(other.connections()).toBe(0);
  });

  it('reaches any address where the operator switched the guard off', async () => {
    const server = await serve((reply) => void reply.end('open'));
    expect(await text(await fetchFor(server.origin, { allowPrivateForCallers: true }))).toBe('open');
  });
});
