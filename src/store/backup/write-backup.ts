import { createHash } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { FlashmuxError } from '../../model/fault.ts';
import { syncFolderOf } from '../private-file.ts';
import { endLine, headLine, rowLine } from './backup-format.ts';
import type { BackupEnd, RowCounts } from './backup-format.ts';
import type { BackupSource } from './backup-ports.ts';

export interface BackupWish {
  readonly source: BackupSource;
  /** Where to; a file that is there is not touched. */
  readonly file: string;
  /** Unix milliseconds. */
  readonly at: number;
  /** As hex, to go into the file. */
  readonly pepper?: string;
  readonly signal: AbortSignal;
}

/**
 * Writes what the source shows into a new file of mode 0600, which is on the disk when this returns. Nothing of the file is left
 * where it fails. Throws `conflict` where there is a file already, `not_found` where there is no folder for it.
 */
export async function writeBackup(wish: BackupWish): Promise<RowCounts> {
  const handle = await create(wish.file);
  try {
    const counts = new Map<string, number>();
    // `flush`: synced before it is closed.
    const file = handle.createWriteStream({ flush: true });
    await pipeline(backupText(wish, counts), createGzip(), file, { signal: wish.signal });
    syncFolderOf(wish.file);
    return Object.fromEntries(counts);
  } catch (error) {
    await handle.close().catch(() => undefined);
    await unlink(wish.file);
    throw wish.signal.aborted ? new FlashmuxError('cancelled', 'Interrupted. No backup was written.', { cause: error }) : error;
  }
}

async function create(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'wx', 0o600);
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause)) throw cause;
    if (cause.code === 'EEXIST') {
      throw new FlashmuxError('conflict', `There is a file ${file} already. A backup never replaces one: give it another name.`);
    }
    throw new FlashmuxError('not_found', `The file ${file} cannot be made: ${cause.message}.`, { cause });
  }
}

/** Lines are handed on by the chunk: one at a time would cost the compression more than the compressing. */
const chunkCharacters = 64 * 1024;

/** The text of a backup in chunks, made as they are asked for. Fills in the counts. */
async function* backupText({ source, at, pepper }: BackupWish, counts: Map<string, number>): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  const hashed = (text: string): Buffer => {
    const bytes = Buffer.from(text);
    hash.update(bytes);
    return bytes;
  };
  const { database, schema } = source;
  let text = headLine({ database, schema, createdAt: at, ...(pepper === undefined ? {} : { pepper }) });
  for (const table of source.tables) {
    let count = 0;
    for await (const row of source.rows(table)) {
      text += rowLine(table, row);
      count += 1;
      if (text.length < chunkCharacters) continue;
      yield hashed(text);
      text = '';
    }
    counts.set(table, count);
  }
  yield hashed(text);
  const end: BackupEnd = { rows: Object.fromEntries(counts), sha256: hash.digest('hex') };
  yield Buffer.from(endLine(end));
}
