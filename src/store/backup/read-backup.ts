import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { addAbortSignal, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FlashmuxError } from '../../model/fault.ts';
import { readHead, readLine } from './backup-format.ts';
import type { BackupEnd, BackupHead, RowCounts } from './backup-format.ts';
import type { BackupRow } from './backup-ports.ts';

export type BackupPiece =
  | { readonly kind: 'head'; readonly head: BackupHead }
  /** Rows of one table that came one after another. */
  | { readonly kind: 'rows'; readonly table: string; readonly rows: readonly BackupRow[] }
  | { readonly kind: 'end'; readonly end: BackupEnd };

/** A backup that was read to its closing line and is whole. */
export interface WholeBackup extends BackupEnd {
  readonly head: BackupHead;
}

/**
 * Reads a backup piece by piece, the closing one last and only where it is right. Throws `not_found` for a file that is not there,
 * `conflict` for one of a newer format, `invalid_request` for one that is no backup, was cut off or was changed.
 */
export async function* readBackup(file: string, signal: AbortSignal): AsyncGenerator<BackupPiece> {
  const hash = createHash('sha256');
  const counts = new Map<string, number>();
  let hasHead = false;
  let end: BackupEnd | undefined;
  let batch: { readonly table: string; readonly rows: BackupRow[]; bytes: number } | undefined;
  for await (const bytes of linesOf(file, signal)) {
    if (end !== undefined) throw damaged(file, 'it goes on after its closing line');
    const text = bytes.toString('utf8');
    if (!hasHead) {
      const head = readHead(text);
      if (head === undefined) throw noBackup(file);
      hasHead = true;
      hash.update(bytes);
      yield { kind: 'head', head };
      continue;
    }
    const line = readLine(text);
    if (line === undefined) throw damaged(file, `line ${2 + total(counts)} is not what a backup has there`);
    if (line.kind === 'end') {
      end = line.end;
      continue;
    }
    hash.update(bytes);
    counts.set(line.table, (counts.get(line.table) ?? 0) + 1);
    if (batch !== undefined && (batch.table !== line.table || isFull(batch))) {
      yield { kind: 'rows', table: batch.table, rows: batch.rows };
      batch = undefined;
    }
    batch ??= { table: line.table, rows: [], bytes: 0 };
    batch.rows.push(line.row);
    batch.bytes += bytes.length;
  }
  if (end === undefined) throw hasHead ? damaged(file, 'it ends before its closing line') : noBackup(file);
  if (end.sha256 !== hash.digest('hex')) throw damaged(file, 'its checksum is not that of its rows');
  const wrong = wrongCount(end.rows, counts);
  if (wrong !== undefined) throw damaged(file, `its closing line counts other rows of "${wrong}" than there are`);
  if (batch !== undefined) yield { kind: 'rows', table: batch.table, rows: batch.rows };
  yield { kind: 'end', end };
}

/** Reads a backup to its end, so that whatever is wrong with the file is known before anything is made from it. */
export async function verifyBackup(file: string, signal: AbortSignal): Promise<WholeBackup> {
  let head: BackupHead | undefined;
  for await (const piece of readBackup(file, signal)) {
    if (piece.kind === 'head') head = piece.head;
    if (piece.kind === 'end' && head !== undefined) return { head, ...piece.end };
  }
  throw noBackup(file);
}

/** A batch is one transaction or one statement of its target, so it is large, and bounded by what a process has to spare. */
const batchRows = 1_000;
const batchBytes = 4 * 1024 * 1024;

function isFull({ rows, bytes }: { readonly rows: readonly BackupRow[]; readonly bytes: number }): boolean {
  return rows.length >= batchRows || bytes >= batchBytes;
}

function total(counts: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}

/** The first table whose rows are not as many as the closing line says. */
function wrongCount(told: RowCounts, counts: ReadonlyMap<string, number>): string | undefined {
  const tables = new Set([...Object.keys(told), ...counts.keys()]);
  return [...tables].find((table) => (told[table] ?? 0) !== (counts.get(table) ?? 0));
}

/** A row is some KB; what comes without an end of line is no backup, and is not taken into memory whole. */
const longestLineBytes = 256 * 1024 * 1024;

/** The lines of a compressed file, each with its newline. */
async function* linesOf(file: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  const compressed = createReadStream(file);
  // What fails on the way ends the unpacked stream with its error, which is thrown where it is read.
  const unpacked = pipeline(compressed, createGunzip(), () => undefined);
  addAbortSignal(signal, unpacked);
  let open: Buffer[] = [];
  let openBytes = 0;
  try {
    for await (const chunk of unpacked.iterator()) {
      if (!Buffer.isBuffer(chunk)) throw new TypeError('A stream of bytes gave something else.');
      let from = 0;
      for (let newline = chunk.indexOf(10); newline >= 0; newline = chunk.indexOf(10, from)) {
        const piece = chunk.subarray(from, newline + 1);
        yield open.length === 0 ? piece : Buffer.concat([...open, piece]);
        open = [];
        openBytes = 0;
        from = newline + 1;
      }
      if (from === chunk.length) continue;
      open.push(chunk.subarray(from));
      openBytes += chunk.length - from;
      if (openBytes > longestLineBytes) throw damaged(file, 'a line of it has no end');
    }
  } catch (error) {
    throw readFault(file, error);
  }
  if (openBytes > 0) throw damaged(file, 'it ends in the middle of a line');
}

/** The two errors that tell of the file and not of this program, in words. */
function readFault(file: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || FlashmuxError.is(error)) return error;
  switch (error.code) {
    case 'ENOENT':
      return new FlashmuxError('not_found', `There is no file ${file}.`);
    case 'EISDIR':
      return noBackup(file);
    case 'Z_BUF_ERROR':
      return damaged(file, 'it was cut off');
    case 'Z_DATA_ERROR':
      // What zlib says of a file that was never packed.
      if (error.message === 'incorrect header check') return noBackup(file);
      return damaged(file, `it cannot be unpacked (${error.message})`);
    default:
      return error;
  }
}

function noBackup(file: string): FlashmuxError {
  return new FlashmuxError(
    'invalid_request',
    `The file ${file} is no backup of flashmux. Name one that "flashmux backup" wrote.`,
  );
}

function damaged(file: string, what: string): FlashmuxError {
  return new FlashmuxError('invalid_request', `The backup ${file} is damaged: ${what}. Nothing was restored. Take another copy.`);
}
