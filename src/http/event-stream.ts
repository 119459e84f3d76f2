import type { OutgoingHttpHeaders } from 'node:http';
import type { StreamManners } from '../dialects/dialect.ts';
import { ChunkWriter } from './chunk-writer.ts';
import type { Incoming } from './incoming.ts';
import { commonHeaders } from './reply.ts';

/**
 * A server-sent event stream on one response. At most `bufferedBytes` and one batch wait for the reader: `write` returns when
 * more may be written. While nothing is written, heartbeats are. Close it in the `finally` of whoever opened it.
 */
export class EventStream {
  readonly #incoming: Incoming;
  readonly #chunks: ChunkWriter;
  readonly #heartbeat: NodeJS.Timeout;

  /** Prepares the head; it leaves with the first text. */
  constructor(incoming: Incoming, answerId: string, manners: StreamManners, headers: OutgoingHttpHeaders) {
    this.#incoming = incoming;
    this.#chunks = new ChunkWriter(incoming.response);
    incoming.response.writeHead(200, {
      ...commonHeaders(incoming, answerId),
      'content-type': manners.contentType,
      // nginx holds an answer back until its buffer is full, unless it is told not to.
      'x-accel-buffering': 'no',
      ...headers,
    });
    this.#heartbeat = setTimeout(() => this.#beat(manners.heartbeat), incoming.limits.heartbeatMs);
  }

  /** Hands the text over in one write. Where there is no room for more, a promise that resolves once there is, or the request was aborted. */
  write(text: string): Promise<void> | undefined {
    const { response, limits } = this.#incoming;
    this.#heartbeat.refresh();
    if (text !== '') this.#chunks.write(text);
    // A first batch without words for the caller still tells that the answer has begun.
    else this.#chunks.begin();
    return this.#chunks.isBehind && response.writableLength > limits.bufferedBytes ? this.#incoming.drained() : undefined;
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
    // For a reader that does not read, heartbeats would only pile up.
    if (!this.#chunks.isBehind) this.#chunks.write(heartbeat);
    this.#heartbeat.refresh();
  }
}
