import postgres from 'postgres';
import { FlashmuxError } from '../../model/fault.ts';
import { explainRefusal } from '../postgres/opening-fault.ts';
import { connectionTrouble, publicError } from '../postgres/postgres-fault.ts';
import type { Operation } from '../sql/statement.ts';
import { asBackupRow } from './as-backup-row.ts';
import type { BackupRow } from './backup-ports.ts';

const connectSeconds = 10;
/** Rows that the server sends before it waits to be asked for more. */
const cursorRows = 500;
/** In PostgreSQL's appendix A. */
const foreignKeyViolation = '23503';

const types: { readonly integer: postgres.PostgresType<bigint>; readonly sum: postgres.PostgresType<bigint> } = {
  integer: { to: 20, from: [20, 21, 23], parse: BigInt, serialize: String },
  sum: { to: 1700, from: [1700], parse: BigInt, serialize: String },
};

function connect(url: string): postgres.Sql<{ integer: bigint; sum: bigint }> {
  return postgres(url, {
    max: 1,
    fetch_types: false,
    types,
    connect_timeout: connectSeconds,
    idle_timeout: undefined,
    max_lifetime: null,
    onnotice: () => undefined,
    connection: {
      application_name: 'flashmux',
      // Should the library put another connection in the place of a broken one, nothing may be written there.
      default_transaction_read_only: true,
      statement_timeout: 0,
      idle_in_transaction_session_timeout: 0,
    },
  });
}

/**
 * One transaction on a connection of its own, for as long as it takes. Throws `conflict` where the server refuses it, `overloaded`
 * where the server cannot be reached or is lost.
 */
export class PostgresSession {
  readonly #sql: ReturnType<typeof connect>;
  /** Of the server's process: another one means another connection, outside this transaction. */
  #backend: number | undefined;

  private constructor(sql: ReturnType<typeof connect>) {
    this.#sql = sql;
  }

  /** `begin`: the statement that begins the transaction. */
  static async open(url: string, begin: string): Promise<PostgresSession> {
    const session = new PostgresSession(connect(url));
    try {
      session.#backend = (await session.#sql.unsafe(begin)).state.pid;
      return session;
    } catch (error) {
      await session.close();
      throw outcome(explainRefusal(error));
    }
  }

  async script(text: string): Promise<void> {
    await telling(async () => this.#same(await this.#sql.unsafe(text)));
  }

  /** Adds a constraint. False where rows break it. */
  async constrain(text: string): Promise<boolean> {
    try {
      this.#same(await this.#sql.unsafe(text));
      return true;
    } catch (error) {
      if (error instanceof postgres.PostgresError && error.code === foreignKeyViolation) return false;
      throw outcome(error);
    }
  }

  run<Result>(operation: Operation<Result>): Promise<Result> {
    return telling(async () => {
      let step = operation.next([]);
      while (step.done !== true) {
        const { text, values } = step.value;
        step = operation.next(this.#same(await this.#sql.unsafe<Record<string, unknown>[]>(text, [...values])));
      }
      return step.value;
    });
  }

  /** The rows of a table as they are asked for. */
  async *rows(table: string): AsyncGenerator<BackupRow> {
    const sql = this.#sql;
    try {
      for await (const batch of sql<Record<string, unknown>[]>`SELECT * FROM ${sql(table)}`.cursor(cursorRows)) {
        for (const row of batch) yield asBackupRow(row);
      }
      // A result that came in parts does not say which connection it came from; this one is no earlier.
      this.#same(await sql`SELECT 1`);
    } catch (error) {
      throw outcome(error);
    }
  }

  /** One parameter for any number of rows: the server takes it apart, and reads each value by the type of its column. */
  insert(table: string, rows: readonly BackupRow[]): Promise<void> {
    return telling(async () => {
      const sql = this.#sql;
      const given = JSON.stringify(rows);
      const inserted = await sql`
        INSERT INTO ${sql(table)}
        SELECT * FROM json_populate_recordset(CAST(NULL AS ${sql(table)}), CAST(CAST(${given} AS text) AS json))`;
      this.#same(inserted);
    });
  }

  /** Ends the connection, and the transaction where it was not committed. */
  async close(): Promise<void> {
    await this.#sql.end({ timeout: 0 }).catch(() => undefined);
  }

  /** Of several statements at once the library gives no state; the next statement has it. */
  #same<Rows extends { readonly state?: postgres.State }>(rows: Rows): Rows {
    if (rows.state === undefined || rows.state.pid === this.#backend) return rows;
    throw new FlashmuxError('overloaded', 'The connection to the database broke, and with it the transaction. Try again.');
  }
}

async function telling<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw outcome(error);
  }
}

function outcome(error: unknown): unknown {
  const trouble = connectionTrouble(error);
  if (trouble === undefined) return publicError(error);
  return new FlashmuxError('overloaded', `The database cannot be reached: ${trouble.message}. Try again.`, { cause: trouble });
}
