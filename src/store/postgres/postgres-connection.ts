import postgres from 'postgres';
import type { Operation, Row, SqlValue, Statement } from '../sql/statement.ts';
import { checkServer } from './check-server.ts';
import { ConnectionLost, connectionTrouble } from './postgres-fault.ts';

export interface ConnectionOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  readonly limits: ConnectionLimits;
}

/** In milliseconds. */
export interface ConnectionLimits {
  readonly connectMs: number;
  /** After which the server gives one statement up. */
  readonly statementMs: number;
  /** After which the server gives the wait for a lock up. */
  readonly lockMs: number;
  /** After which a connection that answers nothing is taken for dead: a server that lost its power closes nothing. */
  readonly transactionMs: number;
}

export const usualLimits: ConnectionLimits = { connectMs: 5_000, statementMs: 10_000, lockMs: 5_000, transactionMs: 15_000 };

/** Integers as bigint both ways. A sum of BIGINT is a NUMERIC to PostgreSQL; no column of flashmux has a fraction. */
const types: { readonly integer: postgres.PostgresType<bigint>; readonly sum: postgres.PostgresType<bigint> } = {
  integer: { to: 20, from: [20, 21, 23], parse: BigInt, serialize: String },
  sum: { to: 1700, from: [1700], parse: BigInt, serialize: String },
};

interface Hearer {
  onClose(): void;
  onNotice(notice: postgres.Notice): void;
}

function connect({ url, limits }: ConnectionOptions, hearer: Hearer): postgres.Sql<{ integer: bigint; sum: bigint }> {
  return postgres(url, {
    max: 1,
    prepare: true,
    fetch_types: false,
    types,
    connect_timeout: limits.connectMs / 1_000,
    // The library would put a new connection in the place of an old one between two statements of a transaction.
    idle_timeout: undefined,
    max_lifetime: null,
    keep_alive: 15,
    onnotice: (notice) => hearer.onNotice(notice),
    onclose: () => hearer.onClose(),
    connection: {
      application_name: 'flashmux',
      // A statement that is not inside a transaction of ours must never write: its neighbours may have been rolled back.
      default_transaction_read_only: true,
      statement_timeout: limits.statementMs,
      lock_timeout: limits.lockMs,
      idle_in_transaction_session_timeout: limits.transactionMs,
    },
  });
}

/** What came back for one statement. */
interface Reply {
  readonly rows: readonly Row[];
  readonly command: string;
  /** Of the server's process that answered: another one means another connection. */
  readonly backend: number | undefined;
}

/**
 * One connection, used by one caller at a time. It lives once: whatever happens to its socket ends it, and `isLost` says so.
 * Every method rejects with ConnectionLost where the connection broke, and with PostgresError where the server refused.
 */
export class PostgresConnection {
  readonly #sql: ReturnType<typeof connect>;
  readonly #limits: ConnectionLimits;
  #isLost = false;
  #hadNoTransaction = false;

  private constructor(options: ConnectionOptions) {
    this.#limits = options.limits;
    this.#sql = connect(options, {
      onClose: () => (this.#isLost = true),
      onNotice: ({ code }) => (this.#hadNoTransaction ||= code === noActiveTransaction),
    });
  }

  /** Throws `conflict` for a server that is not fit for flashmux. */
  static async open(options: ConnectionOptions): Promise<PostgresConnection> {
    const connection = new PostgresConnection(options);
    try {
      // A host that accepts and closes at once would be tried for ever.
      await connection.#within(options.limits.connectMs, checkServer(connection));
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /** Runs one statement by itself. The server refuses it where it writes. */
  async rows(statement: Statement): Promise<readonly Row[]> {
    return (await this.#within(this.#limits.transactionMs, this.#send(statement))).rows;
  }

  /** Runs an operation that only reads: each of its statements by itself. */
  async read<Result>(operation: Operation<Result>): Promise<Result> {
    let step = operation.next([]);
    while (step.done !== true) step = operation.next(await this.rows(step.value));
    return step.value;
  }

  /** Runs an operation as one transaction. */
  transact<Result>(operation: Operation<Result>): Promise<Result> {
    return this.#within(this.#limits.transactionMs, this.#transact(operation));
  }

  /** Runs an operation as one transaction that may take as long as it takes: for changes of the schema. */
  transactPatiently<Result>(operation: Operation<Result>): Promise<Result> {
    return this.#transact(operation);
  }

  async close(): Promise<void> {
    this.#isLost = true;
    await this.#sql.end({ timeout: 0 }).catch(() => undefined);
  }

  async #transact<Result>(operation: Operation<Result>): Promise<Result> {
    try {
      const first = operation.next([]);
      if (first.done === true) return first.value;
      // Sent together: should the first fail, the second is outside a transaction, and such statements may not write.
      const [begun, answer] = await allOf(this.#send(begin), this.#send(first.value));
      let step = operation.next(answer.rows);
      while (step.done !== true) step = operation.next((await this.#send(step.value)).rows);
      this.#hadNoTransaction = false;
      const ended = await this.#send(commit);
      // COMMIT succeeds where there is nothing to commit, with a warning, and rolls back after a statement that failed.
      if (this.#hadNoTransaction || ended.backend !== begun.backend || ended.command !== 'COMMIT') {
        throw new ConnectionLost('The transaction was gone when it was to be committed.');
      }
      return step.value;
    } catch (error) {
      if (!this.#isLost) await this.#send(rollBack).catch(() => this.close());
      throw error;
    }
  }

  async #send({ text, values }: Statement): Promise<Reply> {
    if (this.#isLost) throw new ConnectionLost('The connection was closed.');
    try {
      const rows = await this.#sql.unsafe<Record<string, unknown>[]>(text, copyOf(values), { prepare: true });
      // The library's types say that it is always there; for a connection that is just ending it is not.
      const state: postgres.State | undefined = rows.state;
      return { rows, command: rows.command, backend: state?.pid };
    } catch (error) {
      const trouble = connectionTrouble(error);
      if (trouble === undefined) throw error;
      this.#isLost = true;
      throw trouble;
    }
  }

  async #within<Result>(milliseconds: number, work: Promise<Result>): Promise<Result> {
    const timer = setTimeout(() => void this.close(), milliseconds);
    try {
      return await work;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** no_active_sql_transaction: the warning of a COMMIT outside a transaction. */
const noActiveTransaction = '25P01';

const begin: Statement = { text: 'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE', values: [] };
const commit: Statement = { text: 'COMMIT', values: [] };
const rollBack: Statement = { text: 'ROLLBACK', values: [] };

/** The library writes into the list that it is given. */
function copyOf(values: readonly SqlValue[]): SqlValue[] {
  return [...values];
}

/** Both have ended when this does, so that none goes on behind the caller's back. The first failure is told. */
async function allOf<One, Other>(one: Promise<One>, other: Promise<Other>): Promise<[One, Other]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}
