import type { Operation, Row, Statement } from '../sql/statement.ts';

/** What flashmux asks of a synchronous SQL database. Integers come back as bigint. */
export interface SqlPort {
  /** Runs one statement to its end and returns its rows. */
  rows(statement: Statement): readonly Row[];
  /** Runs a script without parameters. */
  script(text: string): void;
  /** False once the database has rolled a transaction back by itself, as SQLite does when a disk is full. */
  readonly inTransaction: boolean;
  close(): void;
}

/** Runs an operation to its end. The caller has begun a transaction. */
export function runOperation<Result>(sql: SqlPort, operation: Operation<Result>): Result {
  let step = operation.next([]);
  while (step.done !== true) step = operation.next(sql.rows(step.value));
  return step.value;
}
