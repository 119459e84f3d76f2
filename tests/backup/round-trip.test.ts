import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteBackupSource } from '../../src/store/backup/sqlite-backup-source.ts';
import type { SqlValue } from '../../src/store/sql/statement.ts';
import { migrate, newestSchema, schemaNumber } from '../../src/store/sqlite/migrate.ts';
import { openDatabase } from '../../src/store/sqlite/open-database.ts';
import { schemaFixtures } from '../../src/store/sqlite/schema-fixtures.test-support.ts';
import { backedUpAt, BackupPlace, dataFileOf, leftIn, withDatabase } from './backup-place.ts';
import { dump, shape } from './dump.ts';

let place: BackupPlace;
beforeEach(async () => {
  place = await BackupPlace.make();
});
afterEach(() => place.remove());

const pepper = '0123456789abcdef'.repeat(4);

test.each(schemaFixtures)(
  'a backup of schema $schema is restored to the last row, and brought to the newest schema',
  async ({ schema }) => {
    const file = await place.dataFile(schema);
    const before = withDatabase(file, dump);
    const home = place.fresh('restored');
    const whole = await place.restore(await place.backUp(file), home);

    expect(whole.head).toEqual({ schema, createdAt: backedUpAt, database: 'sqlite' });
    const told = Object.entries(before).map(([table, rows]) => [table, rows.length]);
    expect(whole.rows).toEqual(Object.fromEntries(told));
    // The backup has changed nothing where it was made.
    expect(withDatabase(file, dump)).toEqual(before);
    withDatabase(file, (old) => {
      expect(schemaNumber(old)).toBe(schema);
      migrate(old, 20);
      withDatabase(dataFileOf(home), (restored) => {
        expect(dump(restored)).toEqual(dump(old));
        expect(shape(restored)).toEqual(shape(old));
        expect(schemaNumber(restored)).toBe(newestSchema);
      });
    });
    expect(await leftIn(home)).toEqual(['flashmux.db']);
    expect(statSync(dataFileOf(home)).mode & 0o777).toBe(0o600);
  },
);

test('a backup of a restored store has the same rows, whatever text and integers there are', async () => {
  const anyText = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => text.isWellFormed());
  const amount = fc.bigInt({ min: 1n, max: 2_000_000_000_000_000_000n });
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.tuple(anyText, anyText, amount), { selector: ([id]) => id, minLength: 1 }),
      async (rows) => {
        const file = await place.dataFile();
        withDatabase(file, (sql) => {
          const insert = (text: string, ...values: readonly SqlValue[]) => sql.rows({ text, values });
          for (const [id, name, credits] of rows) {
            const account = `account ${id}`;
            insert(
              `INSERT INTO accounts (id, spending_limit, overdraft, credits, created_at) VALUES ($1, 'prepaid', 0, $2, 1)`,
              account,
              credits,
            );
            insert(
              `INSERT INTO entries (account_id, kind, amount, ref, posted_at) VALUES ($1, 'topup', $2, $1, 1)`,
              account,
              credits,
            );
            insert(
              `INSERT INTO api_keys (id, name, account_id, hash, created_at) VALUES ($2, $3, $1, 'ab', -1)`,
              account,
              `key ${id}`,
              name,
            );
          }
        });
        const home = place.fresh('restored');
        const first = await place.backUp(file);
        await place.restore(first, home);
        expect(withDatabase(dataFileOf(home), dump)).toEqual(withDatabase(file, dump));
        const second = await place.backUp(dataFileOf(home));
        expect(gunzipSync(readFileSync(second)).equals(gunzipSync(readFileSync(first)))).toBe(true);
      },
    ),
    { numRuns: Math.min(200, Math.ceil(Number(process.env['FLASHMUX_FUZZ_RUNS'] ?? 400) / 20)) },
  );
});

test('entries are numbered on after a restore, and as little to be edited as before', async () => {
  const home = place.fresh('restored');
  await place.restore(await place.backUp(await place.dataFile()), home);
  withDatabase(dataFileOf(home), (sql) => {
    const [last] = sql.rows({ text: 'SELECT MAX(seq) AS seq FROM entries', values: [] });
    sql.script(`INSERT INTO entries (account_id, kind, amount, ref, posted_at) VALUES ('acme', 'topup', 1, 'next', 1)`);
    expect(sql.rows({ text: `SELECT seq - 1 AS seq FROM entries WHERE ref = 'next'`, values: [] })).toEqual([last]);
    expect(() => sql.script('UPDATE entries SET amount = 2')).toThrow('append-only');
    expect(() => sql.script('DELETE FROM entries')).toThrow('append-only');
    expect(sql.rows({ text: 'PRAGMA foreign_keys', values: [] })).toEqual([{ foreign_keys: 1n }]);
  });
});

test('what was begun when the backup was made and not ended is not in it', async () => {
  const file = await place.dataFile();
  const home = place.fresh('restored');
  const sql = openDatabase(file);
  try {
    sql.script(`BEGIN; UPDATE accounts SET credits = credits + 1, debits = debits + 1 WHERE id = 'acme'`);
    const backup = await place.backUp(file);
    sql.script('ROLLBACK');
    await place.restore(backup, home);
    expect(withDatabase(dataFileOf(home), dump)).toEqual(dump(sql));
  } finally {
    sql.close();
  }
});

test('a backup shows the moment of its first look, whatever is written while it is read', async () => {
  const file = await place.dataFile();
  const home = place.fresh('restored');
  const sql = openDatabase(file);
  try {
    const before = dump(sql);
    const source = openSqliteBackupSource(file);
    try {
      sql.script(`UPDATE accounts SET credits = credits + 1, debits = debits + 1 WHERE id = 'acme'`);
      sql.script('PRAGMA wal_checkpoint(PASSIVE)');
      await place.restore((await place.backUpFrom(source)).file, home);
    } finally {
      await source.close();
    }
    expect(withDatabase(dataFileOf(home), dump)).toEqual(before);
    expect(dump(sql)).not.toEqual(before);
  } finally {
    sql.close();
  }
});

test('what a killed process left in its log is in the backup', async () => {
  const file = await place.dataFile();
  const home = place.fresh('killed');
  mkdirSync(home);
  const sql = openDatabase(file);
  try {
    sql.script(`INSERT INTO accounts (id, spending_limit, overdraft, created_at) VALUES ('in the log', 'none', 0, 1)`);
    // As the files lie there when a process ends without closing them.
    copyFileSync(file, dataFileOf(home));
    copyFileSync(`${file}-wal`, `${dataFileOf(home)}-wal`);
    const restored = place.fresh('restored');
    await place.restore(await place.backUp(dataFileOf(home)), restored);
    expect(withDatabase(dataFileOf(restored), dump)).toEqual(dump(sql));
  } finally {
    sql.close();
  }
});

test('the secret of the keys is in a backup only where it was asked for', async () => {
  const file = await place.dataFile();
  expect(gunzipSync(readFileSync(await place.backUp(file))).toString()).not.toContain(pepper);
  const home = place.fresh('restored');
  await place.restore(await place.backUp(file, { pepper }), home);
  expect(readFileSync(path.join(home, 'pepper'), 'utf8')).toBe(`${pepper}\n`);
  expect(statSync(path.join(home, 'pepper')).mode & 0o777).toBe(0o600);
});

test('a pepper that lies there already is kept where it is the same, and never replaced', async () => {
  const backup = await place.backUp(await place.dataFile(), { pepper });
  for (const [there, restored] of [
    [pepper, true],
    ['f'.repeat(64), false],
  ] as const) {
    const home = place.fresh('restored');
    mkdirSync(home);
    writeFileSync(path.join(home, 'pepper'), there, { mode: 0o600 });
    const restoring = place.restore(backup, home);
    if (restored) await restoring;
    else await expect(restoring).rejects.toThrow('is not that of the backup');
    expect(readFileSync(path.join(home, 'pepper'), 'utf8')).toBe(there);
    expect(await leftIn(home)).toEqual(restored ? ['flashmux.db', 'pepper'] : ['pepper']);
  }
});

test('a backup is a private file, and replaces none', async () => {
  const file = await place.dataFile();
  const backup = await place.backUp(file);
  expect(statSync(backup).mode & 0o777).toBe(0o600);
  const bytes = readFileSync(backup);
  await expect(place.backUp(file, { file: backup })).rejects.toThrow(/There is a file .* already/);
  expect(readFileSync(backup).equals(bytes)).toBe(true);
  await expect(place.backUp(file, { file: path.join(place.folder, 'nowhere', 'a.backup') })).rejects.toMatchObject({
    code: 'not_found',
  });
});

test('a store without a data file, and one of a newer flashmux, are not backed up', async () => {
  expect(() => openSqliteBackupSource(path.join(place.folder, 'none.db'))).toThrow('There is no data file');
  const empty = place.fresh('empty.db');
  writeFileSync(empty, '');
  expect(() => openSqliteBackupSource(empty)).toThrow('is empty');
  const newer = await place.dataFile();
  withDatabase(newer, (sql) => sql.script(`INSERT INTO migrations VALUES (${newestSchema + 1}, 'later', 1)`));
  expect(() => openSqliteBackupSource(newer)).toThrow(`newer flashmux (schema ${newestSchema + 1}`);
});
