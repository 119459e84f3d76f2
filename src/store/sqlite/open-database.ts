import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';
import type { SqlValue, Statement } from '../sql/statement.ts';
import type { SqlPort } from './sql-port.ts';

/** How long another process may keep the database locked (the command line beside a server) before a group fails. */
const busyTimeoutMs = 10_000;

/**
 * Opens a database for durable money: write-ahead log, and one fsync a commit. The settings belong to the connection, so they
 * are made on every open, and the one that loses data without a word when it is missing is read back.
 */
export function openDatabase(path: string): SqlPort {
  const database = new DatabaseSync(path, { readBigInts: true, timeout: busyTimeoutMs, enableForeignKeyConstraints: true });
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;');
    const synchronous = database.prepare('PRAGMA synchronous').get()?.['synchronous'];
    if (synchronous !== 2n) throw new Error(`SQLite runs with synchronous = ${String(synchronous)} instead of FULL.`);
  } catch (error) {
    database.close();
    throw error;
  }
  return portOf(database);
}

function portOf(database: DatabaseSync): SqlPort {
  const prepared = new Map<string, StatementSync>();
  return {
    rows: (statement) => {
      let ready = prepared.get(statement.text);
      if (ready === undefined) {
        ready = database.prepare(statement.text);
        prepared.set(statement.text, ready);
      }
      return ready.all(named(statement));
    },
    script: (text) => database.exec(text),
    get inTransaction() {
      return database.isTransaction;
    },
    close: () => database.close(),
  };
}

/** Parameters are bound by name, because a `$1` that occurs twice cannot be bound by its position. */
function named(statement: Statement): Record<string, SqlValue> {
  const values: Record<string, SqlValue> = {};
  for (const [position, value] of statement.values.entries()) values[`$${position + 1}`] = value;
  return values;
}
