/** What a column or a parameter can hold. Integers are bigint both ways: a number would lose digits above 2^53 in silence. */
export type SqlValue = string | bigint | null;

export type Row = Readonly<Record<string, unknown>>;

/**
 * SQL in the subset that SQLite and PostgreSQL read alike: `$1` parameters (one may occur twice), guarded UPDATE ... RETURNING,
 * INSERT ... ON CONFLICT; no JSON operators, no `::` casts, no writes inside a WITH.
 */
export interface Statement {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

/**
 * One transaction's worth of work: it yields statements, gets their rows, and returns its answer. Written as a generator because
 * SQLite is driven synchronously and PostgreSQL is not, and the money rules must be the same text for both. It may run again
 * after a rollback, so it touches nothing but the database.
 */
export type Operation<Result> = Generator<Statement, Result, readonly Row[]>;

/** Runs one statement inside an operation: `const rows = yield* query('SELECT ... WHERE id = $1', id)`. */
export function* query(text: string, ...values: readonly SqlValue[]): Operation<readonly Row[]> {
  return yield { text, values };
}
