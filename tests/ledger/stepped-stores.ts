import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import postgres from 'postgres';
import { operationOf } from '../../src/store/sql/operations.ts';
import type { Perform } from '../../src/store/sql/operations.ts';
import type { Row } from '../../src/store/sql/statement.ts';
import { sqlLeaseStore, sqlLedgerStore } from '../../src/store/sql/sql-store.ts';
import { createMemoryStore } from '../../src/store/memory/create-memory-store.ts';
import { openMemoryDatabase } from '../../src/store/memory/memory-database.ts';
import { openOn } from '../../src/store/postgres/open-postgres-store.test-support.ts';
import { runOperation } from '../../src/store/sqlite/sql-port.ts';
import type { SqlPort } from '../../src/store/sqlite/sql-port.ts';
import { makeDatabase } from '../support/postgres/database.ts';
import { ManualStore } from './manual-store.ts';
import type { Ports } from './take-step.ts';
import type { Sql } from './wrong-books.ts';

type Work = () => Promise<unknown>;
export type Answers = readonly PromiseSettledResult<unknown>[];

/** A store that lives step by step through a history, and whose rows can be looked at. */
export interface SteppedStore {
  readonly sql: Sql;
  readonly isLookedAt: 'after each moment' | 'at the end';
  /** A process starts, the only one alive. */
  begin(epochId: string, startedAt: number): Promise<Ports>;
  /** One after the other, in one commit where the store can do that. */
  run(works: readonly Work[]): Promise<Answers>;
  /** The same, but the commit is refused, as it is when the power goes just before it. Absent: the store is tested for that elsewhere. */
  readonly lose?: (works: readonly Work[]) => Promise<Answers>;
  rows(text: string): Promise<readonly Row[]>;
  /** The rows of several questions at once. */
  rowsOfEach(texts: readonly string[]): Promise<readonly (readonly Row[])[]>;
  /** Forgets everything, but for a beginning that was kept. */
  empty(): Promise<void>;
  /** Absent: living through the beginning costs no more than keeping it. */
  readonly beginning?: KeptBeginning;
  close(): Promise<void>;
}

/** What all histories have in common, so that a store to which every step is a journey need not live through it each time. */
export interface KeptBeginning {
  readonly isKept: boolean;
  /** What there is now is the beginning from now on. */
  keep(): Promise<void>;
  /** The process that began it goes on. */
  ports(epochId: string): Ports;
}

export async function steppedSqlite(): Promise<SteppedStore> {
  const folder = await mkdtemp(path.join(tmpdir(), 'flashmux-histories-'));
  const store = new ManualStore(path.join(folder, 'flashmux.db'));
  const commit = (works: readonly Work[], end: 'succeeds' | 'fails'): Promise<Answers> => {
    const answers = Promise.allSettled(works.map((work) => work()));
    store.commit(end);
    return answers;
  };
  return {
    sql: 'sqlite',
    isLookedAt: 'after each moment',
    begin: async (epochId, startedAt) => store.begin(epochId, startedAt),
    run: (works) => commit(works, 'succeeds'),
    lose: (works) => commit(works, 'fails'),
    rows: async (text) => store.sql.rows({ text, values: [] }),
    rowsOfEach: async (texts) => texts.map((text) => store.sql.rows({ text, values: [] })),
    empty: async () => emptySqlite(store.sql),
    close: async () => {
      store.sql.close();
      await rm(folder, { recursive: true });
    },
  };
}

export async function steppedMemory(): Promise<SteppedStore> {
  const database = openMemoryDatabase();
  let loses = false;
  const port: SqlPort = {
    rows: (statement) => database.rows(statement),
    script: (text) => {
      if (loses && text === 'COMMIT') throw new Error('the commit failed');
      database.script(text);
    },
    get inTransaction() {
      return database.inTransaction;
    },
    close: () => database.close(),
  };
  // The memory store has no leases, which are for stores whose transactions wait; their rules are tried on its tables all the same.
  const perform = performOn(port);
  const run = (works: readonly Work[]): Promise<Answers> => Promise.allSettled(works.map((work) => work()));
  return {
    sql: 'sqlite',
    isLookedAt: 'after each moment',
    begin: async (epochId, startedAt) => ({
      ledger: createMemoryStore({ clock: { now: () => startedAt }, epochId, database: port }).ledger,
      leases: sqlLeaseStore(perform, () => epochId),
    }),
    run,
    lose: async (works) => {
      loses = true;
      const answers = await run(works);
      loses = false;
      return answers;
    },
    rows: async (text) => database.rows({ text, values: [] }),
    rowsOfEach: async (texts) => texts.map((text) => database.rows({ text, values: [] })),
    empty: async () => emptySqlite(database),
    close: async () => database.close(),
  };
}

/** Each call is a transaction, at once. */
export function performOn(port: SqlPort): Perform {
  return async (call) => {
    port.script('BEGIN');
    try {
      const result = runOperation(port, operationOf<typeof call.name>(call));
      port.script('COMMIT');
      return result;
    } catch (error) {
      port.script('ROLLBACK');
      throw error;
    }
  };
}

export async function steppedPostgres(): Promise<SteppedStore> {
  const database = await makeDatabase();
  // What a crash of the server leaves behind is looked at elsewhere; here nobody has to wait for its disk.
  await database.run(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$`);
  // Its own epoch stands beside those of the histories and must not look at them: theirs are alive although they never beat.
  const never = 2 ** 31 - 1;
  const store = await openOn(database, { connections: 1, beats: { everyMs: never, silentForMs: never } });
  const types = { integer: { to: 20, from: [20, 21, 23], parse: BigInt, serialize: String } };
  const observer = postgres(database.url, { max: 1, fetch_types: false, types, onnotice: () => undefined });
  const { perform } = store;
  const ports = (epochId: string): Ports => ({
    ledger: sqlLedgerStore(perform, () => epochId),
    leases: sqlLeaseStore(perform, () => epochId),
  });
  let isKept = false;
  const beginning: KeptBeginning = {
    get isKept() {
      return isKept;
    },
    keep: async () => {
      await observer.unsafe(tables.map((table) => `CREATE TABLE kept_${table} AS TABLE ${table}`).join('; '));
      isKept = true;
    },
    ports,
  };
  return {
    sql: 'postgres',
    beginning,
    isLookedAt: 'at the end',
    begin: async (epochId, startedAt) => {
      await perform({ name: 'epoch.begin', input: { id: epochId, processId: 1, host: 'test', startedAt } });
      return ports(epochId);
    },
    run: async (works) => {
      const answers: PromiseSettledResult<unknown>[] = [];
      for (const work of works) answers.push(...(await Promise.allSettled([work()])));
      return answers;
    },
    rows: async (text) => observer.unsafe(text),
    rowsOfEach: async (texts) => observer.unsafe<Row[][]>(texts.join(';\n')),
    empty: async () => {
      const forget = tables.map((table) => `DELETE FROM ${table}`);
      const restore = tables.map((table) => `INSERT INTO ${table} OVERRIDING SYSTEM VALUE TABLE kept_${table}`);
      const all = [...forget, ...(isKept ? restore : [])].join('; ');
      // The triggers that keep entries from being touched are for others.
      await observer.unsafe(`SET session_replication_role = replica; ${all}; SET session_replication_role = DEFAULT`);
    },
    close: async () => {
      await observer.end();
      await store.close();
      await database.drop();
    },
  };
}

const tables = [
  'usage_sums',
  'tool_sums',
  'tool_lines',
  'request_records',
  'entries',
  'idempotency',
  'holds',
  'grants',
  'accounts',
  'epochs',
];

export function emptySqlite(sql: SqlPort): void {
  const forget = tables.map((table) => `DELETE FROM ${table}`).join('; ');
  sql.script(`
    PRAGMA foreign_keys = OFF;
    BEGIN;
    DROP TRIGGER entries_are_never_removed;
    ${forget};
    CREATE TRIGGER entries_are_never_removed BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'append-only'); END;
    COMMIT;
    PRAGMA foreign_keys = ON`);
}
