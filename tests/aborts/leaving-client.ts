import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import type { JsonObject } from '../../src/model/json.ts';
import type { TestServer } from '../support/test-server.ts';

/** One request on a connection of its own, so that leaving is what it is in life: the connection closes. */
export class LeavingClient {
  readonly #sending: ClientRequest;
  readonly #replied: Promise<IncomingMessage>;

  constructor(server: TestServer, body: JsonObject) {
    const { hostname, port } = new URL(server.url);
    this.#sending = request({
      hostname,
      port,
      method: 'POST',
      path: '/v1/chat/completions',
      headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
      agent: false,
    });
    const replied = Promise.withResolvers<IncomingMessage>();
    this.#replied = replied.promise;
    this.#replied.catch(() => undefined);
    this.#sending.once('response', replied.resolve);
    this.#sending.on('error', replied.reject);
    this.#sending.end(JSON.stringify(body));
  }

  /** The id of the request, once the reply has begun. */
  async requestId(): Promise<string> {
    return String((await this.#replied).headers['x-request-id']);
  }

  /** Reads until so many frames have come, and returns the text so far. */
  async frames(count: number): Promise<string> {
    const reply = await this.#replied;
    let text = '';
    while (text.split('\n\n').length <= count) {
      const piece: unknown = reply.read();
      if (piece instanceof Buffer) text += piece.toString();
      else await once(reply, 'readable');
    }
    return text;
  }

  /** All that comes until the server ends the reply. */
  async rest(): Promise<string> {
    const chunks: unknown[] = await (await this.#replied).toArray();
    return chunks.map(String).join('');
  }

  /** Closes the connection. Resolves when it is closed on this side. */
  async leave(): Promise<void> {
    const closed = Promise.withResolvers<void>();
    this.#sending.once('close', closed.resolve);
    this.#sending.destroy();
    await closed.promise;
  }
}
