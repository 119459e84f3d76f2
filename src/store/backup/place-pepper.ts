import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { FlashmuxError } from '../../model/fault.ts';
import { syncFolderOf } from '../private-file.ts';

/**
 * Writes the pepper of a backup (hex) into its file, and returns what takes it away again. The same pepper may be there already.
 * Throws `conflict` where there is another: every key that was hashed under that one would end.
 */
export function placePepper(file: string, pepper: string): () => void {
  if (existsSync(file)) {
    if (readFileSync(file, 'utf8').trim() === pepper) return () => undefined;
    throw new FlashmuxError(
      'conflict',
      `The pepper file ${file} is not that of the backup, so the keys of the backup would not be valid. Restore into an empty folder (--home), or move that file away.`,
    );
  }
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const handle = openSync(file, 'wx', 0o600);
  try {
    writeSync(handle, `${pepper}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  syncFolderOf(file);
  return () => unlinkSync(file);
}
