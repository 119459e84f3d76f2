import { execFile } from 'node:child_process';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const source = fileURLToPath(new URL('./shim.c', import.meta.url));

/** Of `struct control` in shim.c: 64-bit numbers one after another. */
const at = { syncMode: 0, clockSeconds: 8, failedSyncs: 16 } as const;
const controlBytes = 24;
const syncModes = { works: 0n, fails: 1n, lies: 2n } as const;

/** Lets the C library of one process fail, lie, or tell another time. */
export class Shim {
  readonly #folder: string;
  readonly #control: number;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#control = openSync(path.join(folder, 'control'), 'r+');
  }

  /** Compiles it. A text says why that cannot be done here. */
  static async build(): Promise<Shim | string> {
    if (process.platform !== 'linux') return 'LD_PRELOAD is for Linux';
    const folder = await mkdtemp(path.join(tmpdir(), 'flashmux-shim-'));
    try {
      await run('gcc', ['-shared', '-fPIC', '-O1', '-o', path.join(folder, 'shim.so'), source, '-ldl']);
    } catch {
      await rm(folder, { recursive: true });
      return 'there is no gcc to compile the shim with';
    }
    await writeFile(path.join(folder, 'control'), Buffer.alloc(controlBytes));
    return new Shim(folder);
  }

  /** Of the process to be disturbed. */
  get environment(): Readonly<Record<string, string>> {
    return { LD_PRELOAD: path.join(this.#folder, 'shim.so'), FAULT_CONTROL: path.join(this.#folder, 'control') };
  }

  /** What fsync and fdatasync do from now on. `lies`: they say that it is done and do nothing. */
  letSync(mode: keyof typeof syncModes): void {
    this.#write(at.syncMode, syncModes[mode]);
  }

  /** Moves the wall clock away from the real one. */
  moveClock(seconds: number): void {
    this.#write(at.clockSeconds, BigInt(seconds));
  }

  get failedSyncs(): number {
    const bytes = Buffer.alloc(8);
    readSync(this.#control, bytes, 0, 8, at.failedSyncs);
    return Number(bytes.readBigInt64LE());
  }

  async remove(): Promise<void> {
    closeSync(this.#control);
    await rm(this.#folder, { recursive: true });
  }

  #write(position: number, value: bigint): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    writeSync(this.#control, bytes, 0, 8, position);
  }
}
