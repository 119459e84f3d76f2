import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { FlashmuxError } from '../../model/fault.ts';
import { parseJson } from './parse-json.ts';

/** Which sum each address had when it was first pulled. It outlives the model: a file that changed in between is to be noticed. */
export interface TrustRecord {
  /** Notes the sum of an address seen for the first time. Throws `conflict` where it had another one before. */
  check(url: string, sha256: string): Promise<void>;
}

const sums = z.record(z.string(), z.string());

export function trustRecordAt(path: string): TrustRecord {
  return {
    async check(url, sha256) {
      const known = await read(path);
      const before = known[url];
      if (before === sha256) return;
      if (before !== undefined) {
        throw new FlashmuxError(
          'conflict',
          `The file at ${url} is not the one that was pulled from there first: its sha256 was ${before} and is ${sha256}. If you expect that, remove the line from ${path} and pull again.`,
        );
      }
      const draft = `${path}.${process.pid}.draft`;
      await writeFile(draft, `${JSON.stringify({ ...known, [url]: sha256 }, undefined, 2)}\n`);
      await rename(draft, path);
    },
  };
}

async function read(path: string): Promise<Readonly<Record<string, string>>> {
  try {
    return sums.parse(parseJson(await readFile(path, 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw new FlashmuxError('conflict', `${path} cannot be read as a list of sums: repair or remove it.`, { cause: error });
  }
}
