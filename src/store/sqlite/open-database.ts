import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';
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
    database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;',
    );
    const synchronous = database.prepare('PRAGMA synchronous').get()?.['synchronous'];
    if (synchronous !== 2n) throw new Error(`SQLite runs with synchronous = ${String(synchronous)} instead of FULL.`);
  } catch (error) {
    database.close();
    throw error;
  }
  return portOf(database);
}

function portOf(database: DatabaseSync): SqlPort {
  const prepared = new Map<string, Prepared>();
  const readyFor = (text: string): Prepared => {
    const known = prepared.get(text);
    if (known !== undefined) return known;
    const ready = prepare(database, text);
    prepared.set(text, ready);
    return ready;
  };
  return {
    rows: ({ text, values }) => {
      const { statement, order } = readyFor(text);
      return statement.all(...(order === undefined ? values : order.map((position) => values[position] ?? null)));
    },
    script: (text) => {
      if (transactionWords.has(text)) readyFor(text).statement.run();
      else database.exec(text);
    },
    get inTransaction() {
      return database.isTransaction;
    },
    close: () => database.close(),
  };
}

/** What each group says is prepared once. */
const transactionWords: ReadonlySet<string> = new Set(['BEGIN', 'BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK']);

interface Prepared {
  readonly statement: StatementSync;
  /** Which value each place takes; absent: the first the first, and so on. */
  readonly order: readonly number[] | undefined;
}

/** Values are bound by their place, which is half the work of binding them by name; a `$1` that occurs twice is two places. */
function prepare(database: DatabaseSync, text: string): Prepared {
  const order: number[] = [];
  const placed = text.replaceAll(/\$(\d+)/g, (_, number: string) => {
    order.push(Number(number) - 1);
    return '?';
  });
  const isInOrder = order.every((value, place) => value === place);
  return { statement: database.prepare(placed), order: isInOrder ? undefined : order };
}
