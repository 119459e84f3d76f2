import type { Call, Perform } from '../../src/store/sql/operations.ts';
import { sqlLeaseStore, sqlLedgerStore } from '../../src/store/sql/sql-store.ts';
import { migrate } from '../../src/store/sqlite/migrate.ts';
import { openDatabase } from '../../src/store/sqlite/open-database.ts';
import { runGroup } from '../../src/store/sqlite/run-group.ts';
import type { SqlPort } from '../../src/store/sqlite/sql-port.ts';
import type { Ports } from './take-step.ts';

interface Waiter {
  readonly call: Call;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * The SQLite ledger in this thread, with its groups made by hand: what was called since the last `commit` is one transaction.
 * It lets a test say exactly which calls share a commit, and whether that commit reaches the disk.
 */
export class ManualStore {
  readonly sql: SqlPort;
  #waiting: Waiter[] = [];
  #commitFails = false;

  constructor(path: string) {
    this.sql = openDatabase(path);
    migrate(this.sql, 0);
  }

  /** A process starts: every hold of another epoch is released first. */
  begin(epochId: string, startedAt: number): Ports {
    const results = runGroup(this.sql, [{ name: 'epoch.begin', input: { id: epochId, processId: 1, host: 'test', startedAt } }]);
    for (const result of results) if (result.kind === 'failed') throw result.error;
    const perform: Perform = (call) =>
      new Promise((resolve, reject) => {
        this.#waiting.push({ call, resolve, reject });
      });
    return { ledger: sqlLedgerStore(perform, () => epochId), leases: sqlLeaseStore(perform, () => epochId) };
  }

  /** Runs what is waiting as one group. `fails`: the commit is refused, as it is when the power goes just before it. */
  commit(end: 'succeeds' | 'fails'): void {
    this.#commitFails = end === 'fails';
    const group = this.#waiting;
    this.#waiting = [];
    const calls = group.map((waiter) => waiter.call);
    const results = runGroup(this.#port(), calls);
    for (const [position, waiter] of group.entries()) {
      const result = results[position];
      if (result?.kind === 'done') waiter.resolve(result.value);
      else waiter.reject(result?.error);
    }
  }

  #port(): SqlPort {
    const { sql } = this;
    return {
      rows: (statement) => sql.rows(statement),
      script: (text) => {
        if (text === 'COMMIT' && this.#commitFails) throw new Error('the commit failed');
        sql.script(text);
      },
      get inTransaction() {
        return sql.inTransaction;
      },
      close: () => sql.close(),
    };
  }
}
