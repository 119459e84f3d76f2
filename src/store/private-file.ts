import { closeSync, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { FlashmuxError } from '../model/fault.ts';

/**
 * Makes sure that the file exists and that others on this machine cannot open it: created with mode 0600, its folder with
 * 0700. Throws `forbidden` for a file that everybody may read or write.
 */
export function ensurePrivateFile(path: string, what: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  createEmpty(path);
  refusePublicFile(path, what);
}

/** Windows has no such modes: there the folder's access list decides. */
export function refusePublicFile(path: string, what: string): void {
  if (process.platform === 'win32') return;
  const mode = statSync(path).mode & 0o777;
  if ((mode & 0o007) === 0) return;
  throw new FlashmuxError(
    'forbidden',
    `${what} ${path} is open to every user of this machine (mode ${mode.toString(8)}). Make it private: chmod 600 "${path}"`,
  );
}

/** A new name in a folder is durable only once the folder was synced; a name lost in a power cut would lose the whole file. */
export function syncFolderOf(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/**
 * An existing file is never opened here: POSIX drops all of a process's locks on a file when any of its descriptors for that
 * file is closed, SQLite's locks among them.
 */
function createEmpty(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return;
    throw error;
  }
  syncFolderOf(path);
}
