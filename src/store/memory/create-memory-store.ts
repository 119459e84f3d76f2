import { FlashmuxError } from '../../model/fault.ts';
import type { Clock } from '../../model/ports.ts';
import { operationOf } from '../sql/operations.ts';
import type { Call, OperationName, Perform, ResultOf } from '../sql/operations.ts';
import { sqlSessionStore } from '../sql/sql-session-store.ts';
import { sqlKeyStore, sqlLedgerStore } from '../sql/sql-store.ts';
import { runOperation } from '../sqlite/sql-port.ts';
import type { Store } from '../store.ts';
import { openMemoryDatabase } from './memory-database.ts';
import type { MemoryDatabase } from './memory-database.ts';

export interface MemoryStoreOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly epochId: string;
  /** The tables of a store that "crashed", to open again; they stay open when the store is closed. Absent: empty ones. */
  readonly database?: MemoryDatabase;
}

/**
 * A store that forgets everything with its process: for tests and demonstrations. It runs the statements of the SQLite store, in
 * this thread and at once: each call is a transaction in the turn of the event loop in which it was made.
 */
export function createMemoryStore({ clock, epochId, database }: MemoryStoreOptions): Store {
  const sql = database ?? openMemoryDatabase();
  const startedAt = clock.now();
  transact(sql, { name: 'epoch.begin', input: { id: epochId, processId: process.pid, host: 'memory', startedAt } });
  let isClosed = false;
  const perform: Perform = async <Name extends OperationName>(call: Call<Name> & Call) => {
    if (isClosed) throw new FlashmuxError('shutting_down', 'The server is shutting down.', { retryAfterSeconds: 5 });
    return transact<Name>(sql, call);
  };
  return {
    keys: sqlKeyStore(perform),
    ledger: sqlLedgerStore(perform, () => epochId),
    sessions: sqlSessionStore(perform, () => epochId),
    close: async () => {
      if (!isClosed && database === undefined) sql.close();
      isClosed = true;
    },
  };
}

function transact<Name extends OperationName>(sql: MemoryDatabase, call: Call<Name>): ResultOf<Name> {
  sql.script('BEGIN');
  try {
    const result = runOperation(sql, operationOf(call));
    sql.script('COMMIT');
    return result;
  } catch (error) {
    if (sql.inTransaction) sql.script('ROLLBACK');
    throw error;
  }
}
