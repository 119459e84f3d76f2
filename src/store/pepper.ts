import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { FlashmuxError } from '../model/fault.ts';
import { refusePublicFile, syncFolderOf } from './private-file.ts';

const pepperBytes = 32;

/**
 * The secret under which API keys are hashed: 32 bytes, as hex text in a file of mode 0600 beside the data, made on first use.
 * A copy of the data file without it is useless for guessing keys; without it no key is valid any more. Throws `forbidden` for
 * a file that everybody may read and `conflict` for one that holds something else.
 */
export function loadPepper(path: string, randomBytes: (count: number) => Uint8Array): Uint8Array {
  if (!existsSync(path)) createPepper(path, randomBytes);
  refusePublicFile(path, 'The pepper file');
  const text = readFileSync(path, 'utf8').trim();
  if (/^[0-9a-f]{64}$/.test(text)) return Buffer.from(text, 'hex');
  throw new FlashmuxError(
    'conflict',
    `The pepper file ${path} does not hold ${pepperBytes} bytes as hex. Restore it from a backup; removing it makes every API key invalid.`,
  );
}

/**
 * The file appears whole or not at all, and is on the disk before the first key is hashed under it. Of two processes that start
 * together one wins, and both read the winner's.
 */
function createPepper(path: string, randomBytes: (count: number) => Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${Buffer.from(randomBytes(6)).toString('hex')}`;
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, `${Buffer.from(randomBytes(pepperBytes)).toString('hex')}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    unlinkSync(draft);
  }
  syncFolderOf(path);
}
