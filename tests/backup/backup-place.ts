import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RowCounts } from '../../src/store/backup/backup-format.ts';
import type { BackupSource } from '../../src/store/backup/backup-ports.ts';
import type { WholeBackup } from '../../src/store/backup/read-backup.ts';
import { placePepper } from '../../src/store/backup/place-pepper.ts';
import { restoreBackup } from '../../src/store/backup/restore-backup.ts';
import { openSqliteBackupSource } from '../../src/store/backup/sqlite-backup-source.ts';
import { SqliteBackupTarget } from '../../src/store/backup/sqlite-backup-target.ts';
import { writeBackup } from '../../src/store/backup/write-backup.ts';
import { newestSchema } from '../../src/store/sqlite/migrate.ts';
import { openDatabase } from '../../src/store/sqlite/open-database.ts';
import { buildFixture, schemaFixtures } from '../../src/store/sqlite/schema-fixtures.test-support.ts';
import type { SqlPort } from '../../src/store/sqlite/sql-port.ts';

export const never = new AbortController().signal;
/** Of the backups: 2023-11-14. */
export const backedUpAt = 1_700_000_000_000;
export const restoredAt = backedUpAt + 1;

/** A folder with data folders in it, and the backups that go from one to another. */
export class BackupPlace {
  readonly folder: string;
  #count = 0;

  static async make(): Promise<BackupPlace> {
    return new BackupPlace(await mkdtemp(path.join(tmpdir(), 'flashmux-backup-')));
  }

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** A path that nothing lies at yet. */
  fresh(name: string): string {
    this.#count += 1;
    return path.join(this.folder, `${this.#count}-${name}`);
  }

  /** A data folder with the data file of a schema. Gives the file. */
  async dataFile(schema = newestSchema): Promise<string> {
    const home = this.fresh('home');
    await mkdir(home);
    const file = dataFileOf(home);
    const fixture = schemaFixtures.find((each) => each.schema === schema);
    if (fixture === undefined) throw new Error(`There is no fixture of schema ${schema}.`);
    withDatabase(file, (sql) => buildFixture(sql, fixture));
    return file;
  }

  async backUp(dataFile: string, options: BackupOptions = {}): Promise<string> {
    const source = openSqliteBackupSource(dataFile);
    try {
      return (await this.backUpFrom(source, options)).file;
    } finally {
      await source.close();
    }
  }

  async backUpFrom(
    source: BackupSource,
    { pepper, signal = never, file = this.fresh('a.backup') }: BackupOptions = {},
  ): Promise<{ readonly file: string; readonly rows: RowCounts }> {
    const rows = await writeBackup({ source, file, at: backedUpAt, signal, ...(pepper === undefined ? {} : { pepper }) });
    return { file, rows };
  }

  restore(file: string, home: string, signal = never): Promise<WholeBackup> {
    const target = new SqliteBackupTarget(dataFileOf(home), restoredAt);
    return restoreBackup({ file, target, placePepper: (pepper) => placePepper(path.join(home, 'pepper'), pepper), signal });
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true });
  }
}

export interface BackupOptions {
  readonly pepper?: string;
  readonly signal?: AbortSignal;
  readonly file?: string;
}

export function dataFileOf(home: string): string {
  return path.join(home, 'flashmux.db');
}

export function withDatabase<Result>(file: string, act: (sql: SqlPort) => Result): Result {
  const sql = openDatabase(file);
  try {
    return act(sql);
  } finally {
    sql.close();
  }
}

/** What lies in a data folder; the file of the lock says nothing and may stay. */
export async function leftIn(home: string): Promise<readonly string[]> {
  try {
    return (await readdir(home)).filter((name) => name !== 'flashmux.db.lock').toSorted();
  } catch {
    return [];
  }
}
