import { DatabaseSync } from 'node:sqlite';
import { ensurePrivateFile } from '../private-file.ts';

export interface OwnerLock {
  release(): void;
}

/** A guest that is just creating the schema holds the lock for some milliseconds; a server holds it for ever. */
const patienceMs = 1_000;

/**
 * One owner per data file. The lock is SQLite's own exclusive lock on an empty file beside it: the operating system drops it
 * when the process ends in whatever way, so a crashed owner blocks nobody, and no process id is ever mistaken for another's
 * (in a container the server is always process 1). Undefined where another process, or this one, has it.
 */
export function takeOwnerLock(databasePath: string): OwnerLock | undefined {
  const path = `${databasePath}.lock`;
  ensurePrivateFile(path, 'The lock file');
  const lock = new DatabaseSync(path, { timeout: patienceMs });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  return { release: () => lock.close() };
}

const sqliteBusy = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy;
}
