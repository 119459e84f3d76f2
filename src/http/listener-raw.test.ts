import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scripted, startListener, untilAborted, validKey, watched, type StartedListener } from './listener.test-support.ts';

const body = '{"model":"m"}';
const key = `x-api-key: ${validKey}`;

let started: StartedListener;
let calls = 0;
beforeAll(async () => {
  started = await startListener(
    (call) => {
      calls++;
      return scripted('hello')(call);
    },
    { limits: { headersMs: 300, bodyMs: 300 } },
  );
});
afterAll(() => started.listener.close());

/** Sends bytes and returns all that came back until the other side closed; this side ends only where `andEnd` says so. */
async function exchange(pieces: readonly (string | Uint8Array)[], andEnd = false): Promise<string> {
  const socket = connect(started.port, '127.0.0.1');
  const closed = Promise.withResolvers<void>();
  const received: Buffer[] = [];
  socket.on('data', (chunk) => received.push(chunk));
  socket.on('error', () => undefined);
  socket.on('close', () => closed.resolve());
  for (const piece of pieces) await sent(socket, piece);
  if (andEnd) socket.end();
  await closed.promise;
  return Buffer.concat(received).toString('latin1');
}

function sent(socket: Socket, piece: string | Uint8Array): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.write(piece, () => resolve());
  return promise;
}

function statuses(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status)).filter((status) => status >= 200);
}

function post(lines: readonly string[], content = body): string {
  return ['POST /v1/say HTTP/1.1', ...lines, '', content].join('\r\n');
}

const length = `content-length: ${body.length}`;
const chunked = 'transfer-encoding: chunked';
const close = 'connection: close';
const host = 'host: x';
const chunks = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;

describe('a request that is no clean HTTP', () => {
  const refused: [string, string, number][] = [
    ['a length and chunks', post([host, key, length, chunked], chunks), 400],
    ['two transfer codings', post([host, key, chunked, chunked], chunks), 400],
    ['a space before the colon', post(['host : x', key, length]), 400],
    ['two lengths', post([host, key, length, 'content-length: 3']), 400],
    ['a list of lengths', post([host, key, 'content-length: 13, 13']), 400],
    ['a signed length', post([host, key, 'content-length: +13']), 400],
    ['bare line feeds', post([host, key, length]).replaceAll('\r\n', '\n'), 400],
    ['a folded header', post([host, `x-a: b\r\n c`, key, length]), 400],
    ['a NUL in a header', post([host, 'x-a: b\0c', key, length]), 400],
    ['no host', post([key, length]), 400],
    ['a header of 100 KB', post([host, `x-a: ${'b'.repeat(100_000)}`, key, length]), 431],
    ['3,000 headers', post([host, ...Array.from({ length: 3000 }, (_, index) => `x-${index}: b`), key, length]), 431],
    ['an unknown transfer coding', post([host, key, 'transfer-encoding: sesame'], chunks), 400],
    ['a bad chunk size', post([host, key, chunked], 'zz\r\n'), 400],
    ['a chunk ended by a bare line feed', post([host, key, chunked], `${body.length.toString(16)}\r\n${body}\n0\r\n\r\n`), 400],
    ['two credentials', post([host, 'authorization: Bearer a', 'authorization: Bearer b', length, close]), 400],
    ['credentials that differ', post([host, 'authorization: Bearer a', key, length, close]), 400],
    ['another protocol', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['CONNECT', 'CONNECT elsewhere.example:443 HTTP/1.1\r\nhost: elsewhere.example\r\n\r\n', 405],
    ['the asterisk', 'OPTIONS * HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', 404],
  ];

  it.each(refused)('is refused once, with ids, in JSON, and never reaches the exchange: %s', async (_, bytes, status) => {
    const before = calls;
    const text = await exchange([Buffer.from(bytes, 'latin1')]);
    expect(statuses(text)).toEqual([status]);
    const [head = '', content = ''] = text.split('\r\n\r\n');
    expect(head).toMatch(/^x-request-id: (req_\w+)\r\nrequest-id: \1\r$/m);
    expect(head).toMatch(/^content-type: application\/json\r?$/m);
    expect(head).toMatch(/^connection: close\r?$/im);
    expect(JSON.parse(content).error.message).not.toBe('');
    expect(calls).toBe(before);
  });

  const accepted: [string, string][] = [
    ['two hosts', post(['host: x', 'host: y', key, length, close])],
    ['a host with a path', post(['host: x/v1/models#a', key, length, close])],
    ['an absolute target', post([host, key, length, close]).replace('/v1/say', 'http://elsewhere.example/v1/say')],
    ['chunk extensions', post([host, key, chunked, close], chunks.replace('\r\n', ';a=b\r\n'))],
    ['an expectation nobody knows', post([host, key, length, 'expect: sesame', close])],
    ['an upgrade nobody offers', post([host, key, length, 'upgrade: h2c', 'connection: upgrade, close'])],
    ['both credentials, the same', post([host, `authorization: Bearer ${validKey}`, key, length, close])],
    ['HTTP/1.0 without a host', post([key, length]).replace('HTTP/1.1', 'HTTP/1.0')],
  ];

  it.each(accepted)('is answered where nothing depends on it: %s', async (_, bytes) => {
    expect(statuses(await exchange([bytes]))).toEqual([200]);
  });

  it('asks for a body only after the key was found valid', async () => {
    const asking = [host, length, 'expect: 100-continue', close];
    expect(await exchange([post([...asking, key])])).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
    expect(await exchange([post([...asking, 'x-api-key: nope'], '')])).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('reads characters whose bytes come apart', async () => {
    const content = '{"model":"日é"}';
    const bytes = Buffer.from(post([host, key, `content-length: ${Buffer.byteLength(content)}`, close], content));
    const text = await exchange([...bytes].map((byte) => Uint8Array.of(byte)));
    expect(statuses(text)).toEqual([200]);
  });

  it('that never completes its headers is a 408', async () => {
    expect(statuses(await exchange(['GET /v1/models HTTP/1.1\r\nhost: x\r\n']))).toEqual([408]);
  });

  it.each([
    ['too large', key, 413],
    ['without a valid key', 'x-api-key: nope', 401],
  ])('sees the refusal of a body that it still sends, and then the end of the connection: %s', async (_, credential, status) => {
    const head = post([host, credential, `content-length: ${40 * 1024 * 1024}`], '');
    const text = await exchange([head, ...Array.from({ length: 40 }, () => Buffer.alloc(200_000, 'x'))]);
    expect(statuses(text)).toEqual([status]);
    expect(text).toMatch(/^connection: close\r$/im);
  });

  it('keeps the connection after a refusal of a small body', async () => {
    const bad = post([host, 'x-api-key: nope', length]);
    expect(statuses(await exchange([bad, post([host, key, length]), post([host, key, length, close])]))).toEqual([401, 200, 200]);
  });

  it('answers pipelined requests in order, and ends a connection after the last good one', async () => {
    const good = post([host, key, length]);
    const text = await exchange([good + good + post([host, key, length, close])]);
    expect(statuses(text)).toEqual([200, 200, 200]);
    expect(statuses(await exchange([`${good}garbage\r\n\r\n`]))).toEqual([200]);
    expect(statuses(await exchange([`${post([host, key, length, close])}garbage`]))).toEqual([200]);
  });

  it.each([chunked, 'content-length: 1000'])(
    'whose body breaks or stops after it was refused gets no second reply: %s',
    async (framing) => {
      const socket = connect(started.port, '127.0.0.1');
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString('latin1')));
      socket.on('error', () => undefined);
      const closed = once(socket, 'close');
      const replied = once(socket, 'data');
      await sent(socket, post([host, 'x-api-key: nope', framing], ''));
      await replied;
      for (let index = 0; index < 3; index++) await sent(socket, 'zz\r\n');
      await closed;
      expect(statuses(text)).toEqual([401]);
    },
  );

  it('that leaves while its pipelined calls wait aborts all of them', async () => {
    let running = 0;
    const { serve, aborted } = watched(async function* script({ signal }) {
      running++;
      yield await untilAborted(signal);
    });
    await using waiting = await startListener(serve);
    const socket = connect(waiting.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await sent(socket, post([host, key, length]).repeat(12));
    await expect.poll(() => running).toBe(12);
    socket.destroy();
    await aborted;
    await expect.poll(() => waiting.logged.filter((line) => line['ending'] === 'caller left').length).toBe(12);
  });
});

/** What may never happen: a 500, a reply without ids, a connection that stays open. */
function check(text: string): void {
  expect(statuses(text)).not.toContain(500);
  for (const reply of text.split(/(?=HTTP\/1\.1 [2-5]\d\d )/))
    if (reply !== '') expect(reply).toContain('\r\nx-request-id: req_');
}

describe('fuzzed input', () => {
  const numRuns = Number(process.env['FLASHMUX_FUZZ_RUNS'] ?? 1000);

  it('never crashes, hangs or answers 500: bodies', async () => {
    const wild = fc.oneof(
      fc.json().map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.record({ model: fc.jsonValue(), stream: fc.jsonValue() }).map((value) => Buffer.from(JSON.stringify(value))),
      fc.string().map((model) => Buffer.from(JSON.stringify({ model, stream: true }))),
    );
    await fc.assert(
      fc.asyncProperty(wild, async (bytes) => {
        const head = post([host, key, `content-length: ${bytes.length}`, close], '');
        const text = await exchange([Buffer.concat([Buffer.from(head), bytes])]);
        check(text);
        expect(statuses(text)).toHaveLength(1);
      }),
      { numRuns },
    );
  }, 600_000);

  it('never crashes, hangs or answers 500: bytes on the socket', async () => {
    const good = [post([host, key, length]), post([host, key, chunked], chunks), 'GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n'];
    const insert = fc.oneof(
      fc.constantFrom(
        '\r\n',
        '\n',
        '\0',
        ':',
        ' ',
        '\r\n\r\n',
        'content-length: 5\r\n',
        `${chunked}\r\n`,
        '%',
        '//',
        '\t',
        '\xff',
      ),
      fc.string({ maxLength: 5 }),
    );
    const edit = fc.record({ at: fc.nat(), insert, drop: fc.nat({ max: 4 }) });
    const mutated = fc
      .tuple(fc.array(fc.constantFrom(...good), { minLength: 1, maxLength: 3 }), fc.array(edit, { maxLength: 4 }))
      .map(([requests, edits]) =>
        edits.reduce((text, each) => {
          const at = each.at % (text.length + 1);
          return text.slice(0, at) + each.insert + text.slice(at + each.drop);
        }, requests.join('')),
      );
    const wild = fc.oneof({ weight: 5, arbitrary: mutated }, { weight: 1, arbitrary: fc.string({ unit: 'binary' }) });
    await fc.assert(
      fc.asyncProperty(wild, async (text) => {
        check(await exchange([Buffer.from(text, 'latin1')], true));
      }),
      { numRuns },
    );
    expect(statuses(await exchange([post([host, key, length, close])]))).toEqual([200]);
  }, 600_000);
});
