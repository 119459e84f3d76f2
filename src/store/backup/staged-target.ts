import { rmSync } from 'node:fs';
import { migrations } from '../postgres/migrations.ts';
import type { BackupRow, BackupSource, BackupTarget } from './backup-ports.ts';
import { openSqliteBackupSource } from './sqlite-backup-source.ts';
import { SqliteBackupTarget } from './sqlite-backup-target.ts';

const oldestSchema = migrations[0]?.number ?? 0;

/**
 * PostgreSQL as the target of any backup. A schema older than the first that it was ever given exists as SQLite only: such a backup
 * becomes a data file first, is brought to the newest schema there, and goes on from that file.
 */
export class StagedTarget implements BackupTarget {
  readonly newestSchema: number;
  readonly #postgres: BackupTarget;
  readonly #file: string;
  readonly #at: number;
  #stage: SqliteBackupTarget | undefined;

  /** `file`: where the data file may lie meanwhile. `at`: Unix milliseconds. */
  constructor(postgres: BackupTarget, file: string, at: number) {
    this.#postgres = postgres;
    this.#file = file;
    this.#at = at;
    this.newestSchema = postgres.newestSchema;
  }

  async begin(schema: number): Promise<void> {
    if (schema >= oldestSchema) return this.#postgres.begin(schema);
    // First, so that a database with something in it is refused before anything is done.
    await this.#postgres.begin(this.newestSchema);
    this.#stage = new SqliteBackupTarget(this.#file, this.#at);
    return this.#stage.begin(schema);
  }

  insert(table: string, rows: readonly BackupRow[]): Promise<void> {
    return (this.#stage ?? this.#postgres).insert(table, rows);
  }

  async check(): Promise<void> {
    if (this.#stage !== undefined) {
      await this.#stage.check();
      await this.#stage.finish();
      const source = openSqliteBackupSource(this.#file);
      try {
        await this.#goOn(source);
      } finally {
        await source.close();
      }
    }
    return this.#postgres.check();
  }

  finish(): Promise<void> {
    return this.#postgres.finish();
  }

  async discard(): Promise<void> {
    await this.#postgres.discard();
    if (this.#stage === undefined) return;
    await this.#stage.discard();
    this.#stage = undefined;
    for (const part of ['', '-wal', '-shm', '.lock']) rmSync(`${this.#file}${part}`, { force: true });
  }

  async #goOn(source: BackupSource): Promise<void> {
    for (const table of source.tables) {
      let rows: BackupRow[] = [];
      for await (const row of source.rows(table)) {
        rows.push(row);
        if (rows.length < batchRows) continue;
        await this.#postgres.insert(table, rows);
        rows = [];
      }
      if (rows.length > 0) await this.#postgres.insert(table, rows);
    }
  }
}

const batchRows = 500;
