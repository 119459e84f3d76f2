import { createReadStream } from 'node:fs';
import { open, readFile, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { RunningDigest, type Digest } from './digest.ts';
import { diskFault } from './disk-space.ts';

/** What the bytes on disk are the beginning of, written beside them before the first byte. */
const origin = z.object({
  url: z.string(),
  /** Sum of the whole file, where it was known. */
  digest: z.string().optional(),
  /** Strong ETag of the answer the bytes came from. */
  etag: z.string().optional(),
  totalBytes: z.number().int().nonnegative().optional(),
});

export type Origin = z.infer<typeof origin>;

/**
 * A file that is still arriving. It knows its own digest at every moment, so that nothing is read twice in the end; what an
 * earlier process left is read once when it is opened.
 */
export class PartialFile {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #digest: RunningDigest;
  #origin: Origin | undefined;
  #bytes = 0;

  private constructor(path: string, handle: FileHandle, algorithm: Digest['algorithm'], from: Origin | undefined) {
    this.path = path;
    this.#handle = handle;
    this.#digest = new RunningDigest(algorithm);
    this.#origin = from;
  }

  /** Opens or creates it, and adds up what is there. `onRead` is told how many of its bytes have been read. */
  static async open(
    path: string,
    algorithm: Digest['algorithm'],
    onRead: (bytes: number, of: number) => void,
    signal: AbortSignal,
  ): Promise<PartialFile> {
    const handle = await open(path, 'a+');
    try {
      const partial = new PartialFile(path, handle, algorithm, await readOrigin(path));
      const { size } = await handle.stat();
      if (partial.#origin === undefined) await handle.truncate(0);
      else if (size > 0) {
        for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal })) {
          if (!(chunk instanceof Uint8Array)) continue;
          partial.#digest.add(chunk);
          partial.#bytes += chunk.length;
          onRead(partial.#bytes, size);
        }
      }
      return partial;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** How much is there. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Absent: nothing was ever received into it. */
  get origin(): Origin | undefined {
    return this.#origin;
  }

  hex(): string {
    return this.#digest.hex();
  }

  /** Empties it and notes what will arrive. */
  async begin(from: Origin): Promise<void> {
    await this.#handle.truncate(0);
    this.#bytes = 0;
    this.#digest.restart();
    await writeFile(originPath(this.path), JSON.stringify(from));
    this.#origin = from;
  }

  /** Throws `model_not_ready` where the disk is full. */
  async append(bytes: Uint8Array): Promise<void> {
    try {
      await this.#handle.appendFile(bytes);
    } catch (error) {
      throw diskFault(error, this.path);
    }
    this.#digest.add(bytes);
    this.#bytes += bytes.length;
  }

  /** Until it returns, a power cut may still take the last bytes away. */
  async sync(): Promise<void> {
    await this.#handle.sync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** Removes a partial file and what was noted about it. */
export async function removePartial(path: string): Promise<void> {
  await rm(path, { force: true });
  await rm(originPath(path), { force: true });
}

function originPath(path: string): string {
  return `${path}.origin.json`;
}

async function readOrigin(path: string): Promise<Origin | undefined> {
  try {
    return origin.parse(JSON.parse(await readFile(originPath(path), 'utf8')));
  } catch {
    // Missing or cut short: bytes of unknown origin are worth nothing.
    return undefined;
  }
}
