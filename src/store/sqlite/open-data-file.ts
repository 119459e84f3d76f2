import { hostname } from 'node:os';
import { FlashmuxError } from '../../model/fault.ts';
import { ensurePrivateFile } from '../private-file.ts';
import { numberColumn, textColumn } from '../sql/row.ts';
import { migrate, needsMigration } from './migrate.ts';
import { openDatabase } from './open-database.ts';
import { takeOwnerLock } from './owner-lock.ts';
import { runGroup } from './run-group.ts';
import type { SqlPort } from './sql-port.ts';
import type { WorkerStart } from './worker-messages.ts';

export interface DataFile {
  readonly sql: SqlPort;
  /** How many holds of dead processes were released. */
  readonly releasedHolds: number;
  close(): void;
}

/**
 * Opens the data file in its role, with the schema of this program. Throws `conflict` where another process owns it, `forbidden`
 * where everybody may read it.
 */
export function openDataFile(start: WorkerStart): DataFile {
  ensurePrivateFile(start.path, 'The data file');
  return start.role === 'owner' ? openAsOwner(start) : openAsGuest(start);
}

function openAsOwner(start: WorkerStart): DataFile {
  const lock = takeOwnerLock(start.path);
  if (lock === undefined) throw inUse(start.path);
  try {
    const sql = openDatabase(start.path);
    try {
      writeAnew(sql);
      migrate(sql, start.startedAt);
      const releasedHolds = beginEpoch(sql, start);
      const close = (): void => {
        sql.close();
        lock.release();
      };
      return { sql, releasedHolds, close };
    } catch (error) {
      sql.close();
      throw error;
    }
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * What a process before this one could not sync may be in the memory of the kernel only, which takes it for written and will not
 * try again: whatever is appended after it would be lost with it. Copied from the log into the data file and synced there, it
 * is on the disk, or this fails.
 */
function writeAnew(sql: SqlPort): void {
  sql.script('PRAGMA wal_checkpoint(TRUNCATE)');
}

/** A guest changes the schema only while nobody owns the file: a server must not find its tables changed under it. */
function openAsGuest(start: WorkerStart): DataFile {
  const sql = openDatabase(start.path);
  try {
    if (needsMigration(sql)) {
      const lock = takeOwnerLock(start.path);
      if (lock === undefined) throw inUse(start.path);
      try {
        migrate(sql, start.startedAt);
      } finally {
        lock.release();
      }
    } else {
      // Refuses the file of a newer flashmux.
      migrate(sql, start.startedAt);
    }
    if (start.access === 'read') sql.script('PRAGMA query_only = ON');
    return { sql, releasedHolds: 0, close: () => sql.close() };
  } catch (error) {
    sql.close();
    throw error;
  }
}

function beginEpoch(sql: SqlPort, start: WorkerStart): number {
  const { epochId: id, startedAt } = start;
  const [result] = runGroup(sql, [{ name: 'epoch.begin', input: { id, startedAt, processId: process.pid, host: hostname() } }]);
  if (result?.kind === 'done' && Array.isArray(result.value)) return result.value.length;
  throw result?.kind === 'failed' ? result.error : new Error('The epoch did not begin.');
}

function inUse(path: string): FlashmuxError {
  return new FlashmuxError(
    'conflict',
    `The data file ${path} is in use by another flashmux server${ownerOf(path)}. Stop it, or give this one another data folder.`,
  );
}

/** Who holds the lock, as far as the file tells: words for the message, never a reason to do anything. */
function ownerOf(path: string): string {
  try {
    const sql = openDatabase(path);
    try {
      const [row] = sql.rows({
        text: 'SELECT process_id, host FROM epochs ORDER BY started_at DESC, id DESC LIMIT 1',
        values: [],
      });
      return row === undefined ? '' : ` (process ${numberColumn(row, 'process_id')} on ${textColumn(row, 'host')})`;
    } finally {
      sql.close();
    }
  } catch {
    return '';
  }
}
