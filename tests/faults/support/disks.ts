import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Why no file system can be mounted here; undefined where one can. */
export function whyNoMounts(): string | undefined {
  if (process.platform !== 'linux') return 'file systems are mounted the way of Linux';
  return process.getuid?.() === 0 ? undefined : 'only root may mount file systems';
}

/** A small file system that is full when it is full. */
export class SmallDisk {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async mount(megabytes: number): Promise<SmallDisk> {
    const folder = await mkdtemp(path.join(tmpdir(), 'flashmux-small-disk-'));
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
    return new SmallDisk(folder);
  }

  async remove(): Promise<void> {
    await run('umount', ['--lazy', this.folder]);
    await rm(this.folder, { recursive: true });
  }
}

/**
 * An ext4 in a file, whose power can be cut: it writes nothing by itself for five minutes (`commit=300`), so what is in the file
 * is what somebody has synced, which is all that a disk without power still has.
 */
export class CuttableDisk {
  readonly folder: string;
  readonly #place: string;

  private constructor(place: string) {
    this.#place = place;
    this.folder = path.join(place, 'mounted');
  }

  static async mount(megabytes: number): Promise<CuttableDisk> {
    const disk = new CuttableDisk(await mkdtemp(path.join(tmpdir(), 'flashmux-disk-')));
    await mkdir(disk.folder);
    await run('truncate', ['--size', `${megabytes}M`, disk.#image]);
    await run('mkfs.ext4', ['-q', '-F', disk.#image]);
    await disk.#mount();
    return disk;
  }

  /** Everything that was written so far is on the disk, as after an orderly installation. */
  async sync(): Promise<void> {
    await run('sync', ['--file-system', this.folder]);
  }

  /** The moment of the cut: whoever writes is stopped already. What had reached the disk is set aside. */
  async keepWhatIsWritten(): Promise<void> {
    await run('cp', ['--sparse=always', this.#image, this.#cutImage]);
  }

  /** The power is back: the file system is what was set aside. Nobody may use the old one any more. */
  async comeBack(): Promise<void> {
    await run('umount', [this.folder]);
    await rename(this.#cutImage, this.#image);
    await this.#mount();
  }

  async remove(): Promise<void> {
    await run('umount', ['--lazy', this.folder]);
    await rm(this.#place, { recursive: true });
  }

  get #image(): string {
    return path.join(this.#place, 'image');
  }

  get #cutImage(): string {
    return path.join(this.#place, 'cut');
  }

  async #mount(): Promise<void> {
    await run('mount', ['-o', 'loop,commit=300', this.#image, this.folder]);
  }
}
