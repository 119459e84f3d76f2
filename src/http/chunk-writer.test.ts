import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { opening, says, startListener, validKey } from './listener.test-support.ts';

const body = '{"model":"m","stream":true}';

function post(version: string, more: readonly string[] = []): string {
  const head = [`POST /v1/say HTTP/${version}`, 'host: x', `x-api-key: ${validKey}`, `content-length: ${body.length}`, ...more];
  return [...head, '', body].join('\r\n');
}

/** All that a connection brings until the server closes it. */
async function exchange(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(text);
  const received: Buffer[] = [];
  for await (const chunk of socket) received.push(chunk);
  return Buffer.concat(received).toString('utf8');
}

/** The bodies of replies in chunks, read by the letter of RFC 9112. */
function bodiesOf(text: string): string[] {
  const bytes = Buffer.from(text);
  const bodies: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    at = bytes.indexOf('\r\n\r\n', at) + 4;
    let said = '';
    for (;;) {
      const lineEnd = bytes.indexOf('\r\n', at);
      const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
      expect(bytes.toString('latin1', lineEnd + 2 + size, lineEnd + 4 + size)).toBe('\r\n');
      said += bytes.toString('utf8', lineEnd + 2, lineEnd + 2 + size);
      at = lineEnd + 4 + size;
      if (size === 0) break;
    }
    bodies.push(said);
  }
  return bodies;
}

const words = ['plain', 'zwölf', '三', '😀 and more'];

/** Says each word in a turn of its own, so that each is a chunk of its own. */
async function* slowly(): AsyncGenerator<ReturnType<typeof says>, void, undefined> {
  yield opening();
  for (const word of words) {
    await pause(2);
    yield says(word);
  }
}

describe('a stream on the wire', () => {
  const said = words.map((word) => `data: ${word}\n\n`).join('');

  it('is chunks of the right size, whatever letters it has', async () => {
    await using started = await startListener(slowly);
    const [only, ...more] = bodiesOf(await exchange(started.port, post('1.1', ['connection: close'])));
    expect(more).toEqual([]);
    expect(only).toContain(said);
  });

  it('waits for the stream before it on the same connection', async () => {
    await using started = await startListener(slowly);
    const text = await exchange(started.port, post('1.1') + post('1.1') + post('1.1', ['connection: close']));
    const bodies = bodiesOf(text);
    expect(bodies).toHaveLength(3);
    for (const each of bodies) expect(each).toContain(said);
  });

  it('has no chunks for a client of HTTP/1.0', async () => {
    await using started = await startListener(slowly);
    const text = await exchange(started.port, post('1.0'));
    const content = text.slice(text.indexOf('\r\n\r\n') + 4);
    expect(text).not.toContain('transfer-encoding');
    expect(content).toMatch(/^data: plain\n\n/);
    expect(content).toContain(said);
  });
});
