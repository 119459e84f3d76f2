import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { FlashmuxError } from '../../model/fault.ts';
import { RunningDigest } from './digest.ts';
import { diskFault } from './disk-space.ts';
import type { PackagePart } from './known-models.ts';
import type { PullStep } from './model-source.ts';
import { removePartial } from './partial-file.ts';
import { readTarMember } from './read-tar-member.ts';
import { throwIfAborted } from './waiting.ts';

/** A file that is put together from parts of known size and sum. After a break it goes on behind the last part that is whole. */
export class JoinedFile {
  readonly #handle: FileHandle;
  readonly #report: (step: PullStep) => void;
  #whole = new RunningDigest('sha256');
  readonly #totalBytes: number;
  #bytes = 0;
  #parts = 0;

  private constructor(handle: FileHandle, totalBytes: number, report: (step: PullStep) => void) {
    this.#handle = handle;
    this.#totalBytes = totalBytes;
    this.#report = report;
  }

  /** Opens or creates it, and keeps the parts at its beginning that are whole and right. */
  static async open(
    path: string,
    parts: readonly PackagePart[],
    report: (step: PullStep) => void,
    signal: AbortSignal,
  ): Promise<JoinedFile> {
    const handle = await open(path, 'a+');
    try {
      const totalBytes = parts.reduce((sum, part) => sum + part.bytes, 0);
      const joined = new JoinedFile(handle, totalBytes, report);
      const { size } = await handle.stat();
      for (const part of parts) {
        if (joined.#bytes + part.bytes > size || !(await joined.#keepIfRight(path, part, signal))) break;
      }
      await handle.truncate(joined.#bytes);
      return joined;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** How many of the parts are in it. */
  get parts(): number {
    return this.#parts;
  }

  hex(): string {
    return this.#whole.hex();
  }

  /**
   * Unpacks the part from its package and appends it. Throws `upstream_refused` where it has another size or sum than it should:
   * then the package is removed and the file is as it was before.
   */
  async append(tarball: string, part: PackagePart, signal: AbortSignal): Promise<void> {
    try {
      await this.#unpack(tarball, part, signal);
    } catch (error) {
      await this.#handle.truncate(this.#bytes);
      throwIfAborted(signal);
      if (error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_')) {
        await removePartial(tarball);
        throw new FlashmuxError('upstream_refused', `The package ${part.package} is damaged.`, { cause: error });
      }
      if (FlashmuxError.is(error) && error.code === 'upstream_refused') await removePartial(tarball);
      throw diskFault(error, tarball);
    }
  }

  async empty(): Promise<void> {
    await this.#handle.truncate(0);
  }

  async sync(): Promise<void> {
    await this.#handle.sync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #unpack(tarball: string, part: PackagePart, signal: AbortSignal): Promise<void> {
    const sum = new RunningDigest('sha256');
    const whole = this.#whole.fork();
    let end = this.#bytes;
    const write = async (archive: AsyncIterable<Uint8Array>): Promise<void> => {
      for await (const piece of readTarMember(archive, part.member)) {
        if (piece.kind === 'size') {
          if (piece.bytes !== part.bytes) throw wrongPart(part, `has ${piece.bytes} bytes where ${part.bytes} were expected`);
          continue;
        }
        await this.#handle.appendFile(piece.bytes);
        sum.add(piece.bytes);
        whole.add(piece.bytes);
        end += piece.bytes.length;
        this.#report({ phase: 'unpacking', receivedBytes: end, totalBytes: this.#totalBytes });
      }
    };
    await pipeline(createReadStream(tarball), createGunzip(), write, { signal });
    if (sum.hex() !== part.sha256) throw wrongPart(part, `has the sha256 ${sum.hex()} where ${part.sha256} was expected`);
    this.#add(part, whole);
  }

  async #keepIfRight(path: string, part: PackagePart, signal: AbortSignal): Promise<boolean> {
    const sum = new RunningDigest('sha256');
    const whole = this.#whole.fork();
    const start = this.#bytes;
    let read = start;
    for await (const chunk of createReadStream(path, { start, end: start + part.bytes - 1, highWaterMark: 1 << 20, signal })) {
      if (!(chunk instanceof Uint8Array)) continue;
      sum.add(chunk);
      whole.add(chunk);
      read += chunk.length;
      this.#report({ phase: 'verifying', receivedBytes: read, totalBytes: this.#totalBytes });
    }
    if (sum.hex() !== part.sha256) return false;
    this.#add(part, whole);
    return true;
  }

  #add(part: PackagePart, whole: RunningDigest): void {
    this.#whole = whole;
    this.#bytes += part.bytes;
    this.#parts += 1;
  }
}

function wrongPart(part: PackagePart, what: string): FlashmuxError {
  return new FlashmuxError('upstream_refused', `${part.member} of ${part.package}@${part.version} ${what}. It was removed.`);
}
