import type { OutgoingHttpHeaders } from 'node:http';
import type { StreamManners } from '../dialects/dialect.ts';
import type { Incoming } from './incoming.ts';
import { commonHeaders } from './reply.ts';

/**
 * A server-sent event stream on one response. At most `bufferedBytes` and one batch wait for the reader: `write` returns when
 * more may be written. While nothing is written, heartbeats are. Close it in the `finally` of whoever opened it.
 */
export class EventStream {
  readonly #incoming: Incoming;
  readonly #heartbeat: NodeJS.Timeout;
  #headSent = false;

  /** Prepares the head; it leaves with the first text. */
  constructor(incoming: Incoming, answerId: string, manners: StreamManners, headers: OutgoingHttpHeaders) {
    this.#incoming = incoming;
    incoming.response.writeHead(200, {
      ...commonHeaders(incoming, answerId),
      'content-type': manners.contentType,
      // nginx holds an answer back until its buffer is full, unless it is told not to.
      'x-accel-buffering': 'no',
      ...headers,
    });
    this.#heartbeat = setTimeout(() => this.#beat(manners.heartbeat), incoming.limits.heartbeatMs);
  }

  /** Hands the text over in one write. Resolves once there is room for more, or the request was aborted. */
  async write(text: string): Promise<void> {
    const { response, limits } = this.#incoming;
    this.#heartbeat.refresh();
    if (text !== '') response.write(text);
    // A first batch without words for the caller still tells that the answer has begun.
    else if (!this.#headSent) response.flushHeaders();
    this.#headSent = true;
    if (response.writableNeedDrain && response.writableLength > limits.bufferedBytes) await this.#incoming.drained();
  }

  /** Ends the stream. Resolves once everything is delivered, or nobody reads any more. */
  async end(text: string): Promise<void> {
    this.close();
    await this.#incoming.finish(text);
  }

  close(): void {
    clearTimeout(this.#heartbeat);
  }

  #beat(heartbeat: string): void {
    const { response } = this.#incoming;
    // For a reader that does not read, heartbeats would only pile up.
    if (!response.writableNeedDrain) response.write(heartbeat);
    this.#heartbeat.refresh();
  }
}
