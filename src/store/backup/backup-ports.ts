/** A row as it travels: every column by its name, text as it is, an integer as its decimal text, so that no number loses digits. */
export type BackupRow = Readonly<Record<string, string | null>>;

export type DatabaseKind = 'sqlite' | 'postgres';

/** A store as it was at one moment, whatever is written to it meanwhile. Reading it blocks nobody. */
export interface BackupSource {
  readonly database: DatabaseKind;
  /** The number of its newest migration. */
  readonly schema: number;
  /** Every table but the list of migrations, which belongs to the database and not to the data. */
  readonly tables: readonly string[];
  /** The rows of one of them as they are asked for: what was not asked for yet is in the database and not in memory. */
  rows(table: string): Iterable<BackupRow> | AsyncIterable<BackupRow>;
  close(): Promise<void>;
}

/**
 * A store that is being made from a backup. Nobody sees anything of it before `finish`, and nothing is left of it after `discard`.
 * The rows come in any order, so what they refer to is checked at the end.
 */
export interface BackupTarget {
  /** The number of the newest migration that it knows. */
  readonly newestSchema: number;
  /** Makes the empty tables of that schema. Throws `conflict` where there is something already, saying what. */
  begin(schema: number): Promise<void>;
  /** Throws `invalid_request` for a table or a column that the schema does not have. */
  insert(table: string, rows: readonly BackupRow[]): Promise<void>;
  /** Brings the schema to the newest, and throws `invalid_request` where references or books are not right. */
  check(): Promise<void>;
  /** Makes it the store. */
  finish(): Promise<void>;
  /** Lets go, and removes whatever did not become the store. Calling it again does nothing more. */
  discard(): Promise<void>;
}
