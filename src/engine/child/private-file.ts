import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The path of a file that does not exist yet, in a folder that nobody else can read. Both are gone when the work is done. */
export async function inPrivateFile<Result>(work: (file: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(path.join(tmpdir(), 'flashmux-engine-'));
  try {
    return await work(path.join(folder, 'state'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
