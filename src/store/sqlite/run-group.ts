import { operationOf } from '../sql/operations.ts';
import type { Call } from '../sql/operations.ts';
import { runOperation } from './sql-port.ts';
import type { SqlPort } from './sql-port.ts';

/** What became of one call of a group. */
export type CallResult =
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly error: unknown };

/**
 * Runs a group of calls as one transaction, so that one fsync pays for all of them. A call that fails is undone alone; where
 * the commit fails, or the database gave the transaction up, all of them have failed. Nothing is `done` before the commit.
 * A group that writes takes the lock for it first: a transaction that finds out later that it has to may find it gone.
 */
export function runGroup(sql: SqlPort, calls: readonly Call[], access: 'write' | 'read' = 'write'): readonly CallResult[] {
  const begin = access === 'write' ? 'BEGIN IMMEDIATE' : 'BEGIN';
  try {
    sql.script(begin);
    let results = runTogether(sql, calls);
    if (results === undefined) {
      sql.script('ROLLBACK');
      sql.script(begin);
      results = calls.map((call) => runAlone(sql, call));
    }
    sql.script('COMMIT');
    return results;
  } catch (error) {
    if (sql.inTransaction) sql.script('ROLLBACK');
    return calls.map(() => ({ kind: 'failed', error }));
  }
}

/**
 * Without a savepoint for each, which would make SQLite keep a copy of every page that a call changes. Undefined where one of
 * them failed: an operation may run again after a rollback.
 */
function runTogether(sql: SqlPort, calls: readonly Call[]): readonly CallResult[] | undefined {
  try {
    return calls.map((call) => ({ kind: 'done', value: runOperation(sql, operationOf(call)) }));
  } catch (error) {
    // SQLite has rolled back everything, the neighbours too: the group is lost.
    if (!sql.inTransaction) throw error;
    return undefined;
  }
}

function runAlone(sql: SqlPort, call: Call): CallResult {
  sql.rows(savepoint);
  try {
    const value = runOperation(sql, operationOf(call));
    sql.rows(release);
    return { kind: 'done', value };
  } catch (error) {
    // SQLite has rolled back everything, the neighbours too: the group is lost.
    if (!sql.inTransaction) throw error;
    sql.rows(rollBack);
    sql.rows(release);
    return { kind: 'failed', error };
  }
}

const savepoint = { text: 'SAVEPOINT operation', values: [] };
const release = { text: 'RELEASE operation', values: [] };
const rollBack = { text: 'ROLLBACK TO operation', values: [] };
