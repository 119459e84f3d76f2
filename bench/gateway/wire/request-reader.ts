/** One request, as far as the host of the benchmark looks at it. */
export interface ReadRequest {
  readonly path: string;
  /** Whether its body asks for a stream. */
  readonly isStreamed: boolean;
  readonly bodyBytes: number;
}

/** Bytes at both ends of a body in which its small fields stand, whichever way a gateway orders them. */
const lookedAtBytes = 4_096;
const streamMark = /"stream": ?true/;

/**
 * Reads requests with a length from one connection, without keeping or parsing their bodies: that would cost more than all the rest of
 * the host. Throws for a body in chunks.
 */
export class RequestReader {
  readonly #onRequest: (request: ReadRequest) => void;
  #head = '';
  #path = '';
  #bodyBytes = 0;
  #missing = -1;
  #begin = '';
  #end = '';

  constructor(onRequest: (request: ReadRequest) => void) {
    this.#onRequest = onRequest;
  }

  read(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) at = this.#missing < 0 ? this.#readHead(bytes, at) : this.#readBody(bytes, at);
  }

  #readHead(bytes: Buffer, at: number): number {
    const known = this.#head.length;
    const text = this.#head + bytes.toString('latin1', at, Math.min(bytes.length, at + 16_384));
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) {
      this.#head = text;
      return Math.min(bytes.length, at + 16_384);
    }
    const head = text.slice(0, end);
    this.#head = '';
    if (/\r\ntransfer-encoding:/i.test(head)) throw new Error('The host of the benchmark takes no body in chunks.');
    this.#path = head.slice(head.indexOf(' ') + 1, head.indexOf(' HTTP/1.1'));
    this.#bodyBytes = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    this.#missing = this.#bodyBytes;
    this.#begin = '';
    this.#end = '';
    if (this.#missing === 0) this.#done();
    return at + end + 4 - known;
  }

  #readBody(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#missing);
    this.#missing -= end - at;
    if (this.#begin.length < lookedAtBytes) this.#begin += bytes.toString('latin1', at, Math.min(end, at + lookedAtBytes));
    if (this.#missing < lookedAtBytes)
      this.#end = (this.#end + bytes.toString('latin1', Math.max(at, end - lookedAtBytes), end)).slice(-lookedAtBytes);
    if (this.#missing === 0) this.#done();
    return end;
  }

  #done(): void {
    this.#missing = -1;
    const isStreamed = streamMark.test(this.#begin) || streamMark.test(this.#end);
    this.#onRequest({ path: this.#path, isStreamed, bodyBytes: this.#bodyBytes });
  }
}
