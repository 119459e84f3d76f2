import type { ServerResponse } from 'node:http';

/**
 * Writes the pieces of a streamed response, each in one piece: Node makes four of each (size, line end, text, line end) and hands them over
 * together a tick later, which costs a stream up to twice as much CPU. The first piece, which takes the head along, and the end stay Node's.
 */
export class ChunkWriter {
  readonly #response: ServerResponse;
  #hasBegun = false;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  /** Whether the reader is behind, so that more would pile up here. */
  get isBehind(): boolean {
    return (this.#response.socket ?? this.#response).writableNeedDrain;
  }

  /** Sends the head, should nothing have taken it along yet. */
  begin(): void {
    if (!this.#hasBegun) this.#response.flushHeaders();
    this.#hasBegun = true;
  }

  write(text: string): void {
    const { socket, chunkedEncoding } = this.#response;
    // Without a socket this response waits for the one before it on the same connection; HTTP/1.0 has no chunks.
    if (!this.#hasBegun || socket === null || socket.destroyed || !chunkedEncoding) {
      this.#hasBegun = true;
      this.#response.write(text);
      return;
    }
    const bytes = Buffer.byteLength(text);
    // As many bytes as characters: all of them ASCII, which needs no encoder.
    socket.write(`${bytes.toString(16)}\r\n${text}\r\n`, bytes === text.length ? 'latin1' : 'utf8');
  }
}
