import { FlashmuxError } from '../../model/fault.ts';

const blockBytes = 512;
/** Path records are short; a larger one is an attack or damage. */
const maxRecordBytes = 64 * 1024;

export type TarPiece =
  /** Once, before the data. */
  { readonly kind: 'size'; readonly bytes: number } | { readonly kind: 'data'; readonly bytes: Uint8Array };

/**
 * Streams the one regular file of a tar archive whose path, without its first folder (npm puts everything under `package/`), is
 * exactly `member`. Names are only compared, never used as paths, so an archive cannot reach outside; links and devices do not
 * match. Reads ustar, GNU and pax headers; keeps one block in memory. Throws `upstream_refused` where the archive is damaged
 * or has no such file.
 */
export async function* readTarMember(archive: AsyncIterable<Uint8Array>, member: string): AsyncGenerator<TarPiece> {
  const input = new ByteInput(archive);
  let nextPath: string | undefined;
  let nextSize: number | undefined;
  for (;;) {
    const header = await input.take(blockBytes);
    if (header === undefined || header.every((byte) => byte === 0)) break;
    checkSum(header);
    const kind = String.fromCharCode(header[156] ?? 0);
    const size = kind === 'x' || kind === 'L' ? readSize(header) : (nextSize ?? readSize(header));
    const padding = (blockBytes - (size % blockBytes)) % blockBytes;
    if (kind === 'x' || kind === 'L') {
      const record = await input.take(size > maxRecordBytes ? Number.NaN : size);
      if (record === undefined) throw damaged('a path record is cut short or too long');
      if (kind === 'L') nextPath = text(record, 0, record.length);
      else ({ path: nextPath, size: nextSize } = readPax(record, { path: nextPath, size: nextSize }));
      await input.skip(padding);
      continue;
    }
    const path = nextPath ?? readPath(header);
    nextPath = undefined;
    nextSize = undefined;
    if ((kind === '0' || kind === '\0') && withoutFirstFolder(path) === member) {
      yield { kind: 'size', bytes: size };
      for await (const bytes of input.pieces(size)) yield { kind: 'data', bytes };
      await input.drain();
      return;
    }
    await input.skip(size + padding);
  }
  throw damaged(`it has no file ${member}`);
}

function withoutFirstFolder(path: string): string {
  return path.slice(path.indexOf('/') + 1);
}

function readPath(header: Uint8Array): string {
  const name = text(header, 0, 100);
  const prefix = text(header, 257, 5) === 'ustar' ? text(header, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Octal text, or for files from 8 GiB a big-endian number behind a set top bit. */
function readSize(header: Uint8Array): number {
  if ((header[124] ?? 0) >= 0x80) {
    let size = 0;
    for (const byte of header.subarray(125, 136)) size = size * 256 + byte;
    return checkedSize(size);
  }
  const octal = text(header, 124, 12).trim();
  return checkedSize(/^[0-7]+$/.test(octal) ? Number.parseInt(octal, 8) : Number.NaN);
}

function checkedSize(size: number): number {
  if (!Number.isSafeInteger(size) || size < 0) throw damaged('a size is no number');
  return size;
}

function checkSum(header: Uint8Array): void {
  const stated = Number.parseInt(text(header, 148, 8).trim(), 8);
  // The sum is taken with blanks in its own place.
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  if (sum !== stated) throw damaged('a header has a wrong check sum');
}

interface PaxFields {
  readonly path: string | undefined;
  readonly size: number | undefined;
}

/** Lines of `length key=value`, where the length counts the whole line in bytes. */
function readPax(record: Uint8Array, before: PaxFields): PaxFields {
  let { path, size } = before;
  for (let at = 0; at < record.length;) {
    const space = record.indexOf(32, at);
    const length = space < 0 ? Number.NaN : Number(text(record, at, space - at));
    if (!Number.isSafeInteger(length) || length < 5 || at + length > record.length) throw damaged('a path record is malformed');
    const line = new TextDecoder().decode(record.subarray(space + 1, at + length - 1));
    if (line.startsWith('path=')) path = line.slice('path='.length);
    if (line.startsWith('size=')) size = checkedSize(Number(line.slice('size='.length)));
    at += length;
  }
  return { path, size };
}

function text(bytes: Uint8Array, start: number, length: number): string {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

function damaged(what: string): FlashmuxError {
  return new FlashmuxError('upstream_refused', `The package archive cannot be used: ${what}.`);
}

/** Bytes in the sizes that the reader wants, from chunks in the sizes that they come in. */
class ByteInput {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(archive: AsyncIterable<Uint8Array>) {
    this.#chunks = archive[Symbol.asyncIterator]();
  }

  /** Exactly so many; undefined where the archive ends before. */
  async take(count: number): Promise<Uint8Array | undefined> {
    if (Number.isNaN(count)) return undefined;
    const taken: Uint8Array[] = [];
    let missing = count;
    while (missing > 0) {
      const piece = await this.#next(missing);
      if (piece === undefined) return undefined;
      taken.push(piece);
      missing -= piece.length;
    }
    return Buffer.concat(taken);
  }

  async *pieces(count: number): AsyncGenerator<Uint8Array> {
    for (let missing = count; missing > 0;) {
      const piece = await this.#next(missing);
      if (piece === undefined) throw damaged('it ends in the middle of a file');
      yield piece;
      missing -= piece.length;
    }
  }

  async skip(count: number): Promise<void> {
    for await (const _ of this.pieces(count));
  }

  /** Reads to the end, so that whatever decompresses the archive checks its own sum and ends by itself. */
  async drain(): Promise<void> {
    this.#rest = new Uint8Array(0);
    while ((await this.#chunks.next()).done !== true);
  }

  /** Up to so many. */
  async #next(atMost: number): Promise<Uint8Array | undefined> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done === true) return undefined;
      this.#rest = value;
    }
    const piece = this.#rest.subarray(0, atMost);
    this.#rest = this.#rest.subarray(atMost);
    return piece;
  }
}
