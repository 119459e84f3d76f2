import { statfs } from 'node:fs/promises';
import { FlashmuxError } from '../../model/fault.ts';
import { describeBytes } from './progress.ts';

/** Left free for the rest of the machine: a full disk stops more than a download. */
const reserveBytes = 64_000_000;

/** Bytes that this process may still write to the disk of a folder. */
export async function freeDiskBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Throws `model_not_ready`, saying what is missing, where fewer than `neededBytes` and the reserve are free. */
export function checkDiskSpace(folder: string, freeBytes: number, neededBytes: number): void {
  const missing = neededBytes + reserveBytes - freeBytes;
  if (missing > 0)
    throw noSpace(
      folder,
      `${describeBytes(neededBytes)} are still to come and ${describeBytes(freeBytes)} are free, so that ${describeBytes(missing)} are missing`,
    );
}

/** A full disk met while writing says the same as one met before; any other error is handed back as it is. */
export function diskFault(error: unknown, path: string): unknown {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') return noSpace(path, 'it filled up while writing', error);
  if (code === 'EFBIG') return noSpace(path, 'its file system holds no file of this size', error);
  return error;
}

function noSpace(place: string, what: string, cause?: unknown): FlashmuxError {
  return new FlashmuxError(
    'model_not_ready',
    `The disk under ${place} is too small: ${what}. Free some space, or choose another data folder with FLASHMUX_HOME.`,
    { cause },
  );
}
