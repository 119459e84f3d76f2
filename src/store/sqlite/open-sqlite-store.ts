import type { Clock } from '../../model/ports.ts';
import type { Log } from '../../telemetry/log.ts';
import { LeaseKeeper, type Leasing } from '../leases/lease-keeper.ts';
import { recallingLedgerStore } from '../leases/recalling-ledger-store.ts';
import { sqlSessionStore } from '../sql/sql-session-store.ts';
import { sqlKeyStore, sqlLeaseRecalls, sqlLeaseStore, sqlLedgerStore } from '../sql/sql-store.ts';
import { readsManyRows } from '../sql/operations.ts';
import type { Perform } from '../sql/operations.ts';
import type { Store } from '../store.ts';
import type { SqliteRole } from './worker-messages.ts';
import { shuttingDown } from './store-fault.ts';
import { Writer } from './writer.ts';

export interface SqliteStoreOptions {
  /** The data file; it and its folder are made where they are missing. */
  readonly path: string;
  readonly log: Log;
  readonly clock: Pick<Clock, 'now'>;
  /** A new id for this start of the process (`boot_...`). */
  readonly epochId: string;
  /**
   * `owner` (default) is a server: one per file, releases the holds of dead processes first, and alone may hold. `guest` is a
   * command beside it.
   */
  readonly role?: SqliteRole;
  /**
   * An owner that is asked often sets credits aside and decides holds against them by itself, so that a request waits for the disk
   * once. Absent: every hold is a transaction.
   */
  readonly leasing?: Leasing & Pick<Clock, 'ticks'>;
  /** How many calls may wait for the disk before new ones are refused with `overloaded`. Default 10,000. */
  readonly longestQueue?: number;
  /**
   * Told once when the data can no longer be trusted (a failed fsync, a damaged file). The process should end: nothing more
   * is stored, and a restart reads what the disk really has.
   */
  readonly onFailure?: (error: Error) => void;
}

/**
 * The embedded store: one SQLite file, written by a thread of its own. What a method has returned is on the disk. Throws
 * `conflict` where another process owns the file or it is of a newer flashmux, `forbidden` where everybody may read it.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { path, log, clock, epochId, role = 'owner', longestQueue = 10_000 } = options;
  const onFailure = (error: Error): void => {
    log.error({ path, error: error.message }, 'the data file failed; nothing more is stored until a restart');
    options.onFailure?.(error);
  };
  const startedAt = clock.now();
  const { writer, releasedHolds } = await Writer.open(
    { path, role, epochId, startedAt, access: 'write' },
    { longestQueue, onFailure },
  );
  if (releasedHolds > 0) log.warn({ path, releasedHolds }, 'released the holds of a process that ended without settling them');
  // A second thread for sums over many rows, made when the first is asked for: a server without look-ups does without it.
  let reader: Promise<Writer> | undefined;
  let closed = false;
  const readerOf = (): Promise<Writer> => {
    const start = { path, role: 'guest', epochId, startedAt, access: 'read' } as const;
    reader ??= Writer.open(start, { longestQueue, onFailure }).then(
      (opened) => opened.writer,
      (error: unknown) => {
        // The next look-up may find what this one missed.
        reader = undefined;
        throw error;
      },
    );
    return reader;
  };
  const perform: Perform = async (call) => {
    if (closed) throw shuttingDown();
    return (readsManyRows(call.name) ? await readerOf() : writer).perform(call);
  };
  const ledger = sqlLedgerStore(perform, () => epochId);
  // What was asked for is finished after everything else is refused.
  const leases = sqlLeaseStore(
    (call) => writer.perform(call),
    () => epochId,
  );
  const recalls = sqlLeaseRecalls(perform, () => epochId);
  const keeper =
    options.leasing === undefined || role === 'guest'
      ? undefined
      : new LeaseKeeper({
          ...options.leasing,
          clock: { now: () => clock.now(), ticks: options.leasing.ticks },
          log,
          epochId: () => epochId,
          ledger,
          leases,
          // No other process leases credits of the file.
          recall: async () => undefined,
          recalled: () => recalls.recalled(),
        });
  return {
    keys: sqlKeyStore(perform),
    ledger: keeper?.ledger ?? (role === 'guest' ? recallingLedgerStore(ledger, recalls) : ledger),
    sessions: sqlSessionStore(perform, () => epochId),
    async close() {
      closed = true;
      await keeper?.close();
      const writerClosed = writer.close();
      await (await reader?.catch(() => undefined))?.close();
      await writerClosed;
    },
  };
}
