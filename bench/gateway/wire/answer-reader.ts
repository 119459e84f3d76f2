/** What a reader tells its owner, in the order of the wire. */
export interface AnswerListener {
  onStatus(status: number): void;
  /** Bytes of the body, without the framing of the transfer. */
  onBody(bytes: Buffer): void;
  onEnd(): void;
}

type State = 'head' | 'sized' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer';

/**
 * Reads the answers of one HTTP/1.1 connection, one after the other, from bytes in pieces of any size. It knows what gateways send: a
 * body with a length, or in chunks. Throws for anything else, which a benchmark must not count as an answer.
 */
export class AnswerReader {
  readonly #listener: AnswerListener;
  #state: State = 'head';
  /** Text of a head or of a line that is not complete yet. */
  #line = '';
  #missing = 0;

  constructor(listener: AnswerListener) {
    this.#listener = listener;
  }

  read(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) at = this.#step(bytes, at);
  }

  #step(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case 'head':
        return this.#untilMark(bytes, at, '\r\n\r\n', (head) => this.#readHead(head));
      case 'chunk-size':
        return this.#untilMark(bytes, at, '\r\n', (line) => this.#readChunkSize(line));
      case 'chunk-end':
        return this.#untilMark(bytes, at, '\r\n', (line) => this.#readChunkEnd(line));
      case 'trailer':
        return this.#untilMark(bytes, at, '\r\n', (line) => {
          if (line === '') this.#end();
        });
      case 'sized':
      case 'chunk':
        return this.#readData(bytes, at);
    }
  }

  /** Gives the text up to the mark, which may lie across pieces. */
  #untilMark(bytes: Buffer, at: number, mark: string, use: (text: string) => void): number {
    const known = this.#line.length;
    // A window that is surely long enough: heads of gateways have up to a few kilobytes.
    const text = this.#line + bytes.toString('latin1', at, Math.min(bytes.length, at + 16_384));
    const end = text.indexOf(mark, Math.max(0, known - mark.length));
    if (end < 0) {
      if (text.length > 65_536) throw new Error('A head or a line without an end.');
      this.#line = text;
      return Math.min(bytes.length, at + 16_384);
    }
    this.#line = '';
    use(text.slice(0, end));
    return at + end + mark.length - known;
  }

  #readHead(head: string): void {
    const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
    if (status === undefined) throw new Error(`No head of HTTP/1.1: ${head.slice(0, 80)}`);
    this.#listener.onStatus(Number(status));
    if (/\r\ntransfer-encoding: *chunked/i.test(head)) {
      this.#state = 'chunk-size';
      return;
    }
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined) throw new Error(`An answer with neither a length nor chunks: ${head.slice(0, 200)}`);
    this.#missing = Number(length);
    this.#state = 'sized';
    if (this.#missing === 0) this.#end();
  }

  #readData(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#missing);
    this.#missing -= end - at;
    this.#listener.onBody(bytes.subarray(at, end));
    if (this.#missing > 0) return end;
    if (this.#state === 'sized') this.#end();
    else this.#state = 'chunk-end';
    return end;
  }

  #readChunkSize(line: string): void {
    const size = Number.parseInt(line, 16);
    if (!Number.isSafeInteger(size)) throw new Error(`No size of a chunk: ${line.slice(0, 80)}`);
    this.#missing = size;
    this.#state = size === 0 ? 'trailer' : 'chunk';
  }

  #readChunkEnd(line: string): void {
    if (line !== '') throw new Error('A chunk is longer than it said.');
    this.#state = 'chunk-size';
  }

  #end(): void {
    this.#state = 'head';
    this.#listener.onEnd();
  }
}
