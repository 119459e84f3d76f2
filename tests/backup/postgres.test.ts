import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPostgresBackupSource } from '../../src/store/backup/postgres-backup-source.ts';
import { PostgresBackupTarget } from '../../src/store/backup/postgres-backup-target.ts';
import { restoreBackup } from '../../src/store/backup/restore-backup.ts';
import { StagedTarget } from '../../src/store/backup/staged-target.ts';
import { openOn } from '../../src/store/postgres/open-postgres-store.test-support.ts';
import { migrate, newestSchema } from '../../src/store/sqlite/migrate.ts';
import { schemaFixtures } from '../../src/store/sqlite/schema-fixtures.test-support.ts';
import { makeDatabase, type TestDatabase } from '../support/postgres/database.ts';
import { BackupPlace, dataFileOf, never, restoredAt, withDatabase } from './backup-place.ts';
import { dump } from './dump.ts';
import { Load, openAccounts } from './load.ts';
import { expectRightBooks } from './right-books.ts';

// One format for both databases: up from a laptop, back down, and from one server to another.

let place: BackupPlace;
let databases: TestDatabase[];
beforeEach(async () => {
  place = await BackupPlace.make();
  databases = [];
});
afterEach(async () => {
  for (const each of databases) await each.drop();
  await place.remove();
});

async function database(): Promise<TestDatabase> {
  const made = await makeDatabase();
  databases.push(made);
  return made;
}

async function restoreInto({ url }: TestDatabase, file: string, signal = never): Promise<void> {
  const home = place.fresh('home');
  mkdirSync(home);
  const target = new StagedTarget(new PostgresBackupTarget(url, restoredAt), path.join(home, 'stage.db'), restoredAt);
  try {
    await restoreBackup({ file, target, placePepper: () => () => undefined, signal });
  } finally {
    expect(readdirSync(home)).toEqual([]);
  }
}

async function backUp({ url }: TestDatabase): Promise<string> {
  const source = await openPostgresBackupSource(url);
  try {
    return (await place.backUpFrom(source)).file;
  } finally {
    await source.close();
  }
}

/** The lines of the rows, in an order of their own: a database gives them in whatever order it likes. */
function rowsIn(file: string): readonly string[] {
  return gunzipSync(readFileSync(file)).toString().split('\n').slice(1, -2).toSorted();
}

async function tablesOf({ run }: TestDatabase): Promise<readonly unknown[]> {
  return run(`SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`);
}

/** Everything that a schema is made of, in words. */
async function shapeOf({ run }: TestDatabase): Promise<unknown> {
  return Promise.all([
    run(`SELECT table_name, column_name, data_type, is_nullable, column_default, is_identity FROM information_schema.columns
         WHERE table_schema = 'public' ORDER BY 1, 2`),
    run(`SELECT conrelid::regclass::text AS of_table, conname, condeferrable, convalidated, pg_get_constraintdef(oid) AS definition FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2`),
    run(`SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1`),
    run(`SELECT tgrelid::regclass::text AS of_table, tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2`),
  ]);
}

test.each(schemaFixtures)(
  'a laptop of schema $schema goes up to PostgreSQL and back, and has lost nothing',
  async ({ schema }) => {
    const file = await place.dataFile(schema);
    const up = await database();
    await restoreInto(up, await place.backUp(file));
    const down = await backUp(up);
    const home = place.fresh('restored');
    const { head } = await place.restore(down, home);
    expect(head).toMatchObject({ database: 'postgres', schema: newestSchema });
    withDatabase(file, (sql) => {
      migrate(sql, 20);
      expect(withDatabase(dataFileOf(home), dump)).toEqual(dump(sql));
    });
  },
);

test('a restored database is made as a server makes it, and a server takes it over', async () => {
  const restored = await database();
  await restoreInto(restored, await place.backUp(await place.dataFile()));
  const made = await database();
  await (await openOn(made)).close();
  expect(await shapeOf(restored)).toEqual(await shapeOf(made));

  const [last] = await restored.run('SELECT MAX(seq) AS seq FROM entries');
  const store = await openOn(restored);
  try {
    await store.ledger.credit({ accountId: 'acme', kind: 'topup', amount: 5n, ref: 'after', at: 1 });
    const [next] = await store.ledger.entries({ accountId: 'acme', limit: 1, afterSeq: Number(last?.['seq']) });
    expect(next).toMatchObject({ seq: Number(last?.['seq']) + 1, ref: 'after' });
  } finally {
    await store.close();
  }
  await expect(restored.run('DELETE FROM entries')).rejects.toThrow('append-only');
});

test('a backup of a database shows one moment, while servers write to it', async () => {
  const busy = await database();
  const store = await openOn(busy);
  try {
    await openAccounts(store.ledger);
    const turn = { kind: 'request', account: 'team', budget: 'key:k', amount: 30n, cost: 20n, end: 'settle' } as const;
    const load = new Load(
      store.ledger,
      Array.from({ length: 4 }, () => [turn, { ...turn, end: 'leave open' }]),
    );
    await load.sees(100);
    const before = [...load.facts];
    const source = await openPostgresBackupSource(busy.url);
    try {
      await load.sees(before.length + 20);
      const { file } = await place.backUpFrom(source);
      expect(load.facts.length).toBeGreaterThan(before.length);
      const home = place.fresh('restored');
      await place.restore(file, home);
      withDatabase(dataFileOf(home), (sql) => {
        expectRightBooks(sql, 'gaps');
        const known = new Set(sql.rows({ text: 'SELECT ref FROM entries', values: [] }).map((row) => row['ref']));
        for (const fact of before) {
          if (fact.kind === 'credited') expect(known).toContain(fact.ref);
          if (fact.kind === 'charged' && fact.charged > 0n) expect(known).toContain(fact.request);
        }
      });
      // The way to a second server is the same.
      const second = await database();
      await restoreInto(second, file);
      expect(rowsIn(await backUp(second))).toEqual(rowsIn(file));
    } finally {
      await source.close();
    }
    await load.stop();
  } finally {
    await store.close();
  }
});

test('a database with something in it is refused, with words for what is there, and stays as it is', async () => {
  const file = await place.backUp(await place.dataFile());
  const used = await database();
  await restoreInto(used, file);
  await used.run(`UPDATE api_keys SET name = 'mine' WHERE id = 'k'`);
  await expect(restoreInto(used, file)).rejects.toThrow('holds 6 accounts, 12 entries, 4 keys already');
  expect(await used.run(`SELECT name FROM api_keys WHERE id = 'k'`)).toMatchObject([{ name: 'mine' }]);
  const strange = await database();
  await strange.run('CREATE TABLE poems (line TEXT)');
  await expect(restoreInto(strange, file)).rejects.toThrow('holds tables (poems) already');
});

test.each([
  [
    'an account that is missing',
    `DELETE FROM api_keys; DELETE FROM rate_windows; UPDATE holds SET account_id = 'nobody' WHERE request_id = 'req_free'`,
    'rows of "holds" that refer to rows of "accounts"',
  ],
  ['books that are wrong', `UPDATE accounts SET credits = credits + 1 WHERE id = 'acme'`, 'do not add up to its balance'],
  ['a character that PostgreSQL cannot keep', `UPDATE api_keys SET name = 'a' || char(0) || 'b' WHERE id = 'k'`, 'U+0000'],
])('a backup with %s leaves the database empty', async (_, damage, complaint) => {
  const file = await place.dataFile();
  withDatabase(file, (sql) => sql.script(`PRAGMA foreign_keys = OFF; ${damage}`));
  const empty = await database();
  await expect(restoreInto(empty, await place.backUp(file))).rejects.toThrow(complaint);
  expect(await tablesOf(empty)).toEqual([]);
});

test('a restore that is interrupted leaves the database empty', async () => {
  const empty = await database();
  const stop = new AbortController();
  const restoring = restoreInto(empty, await place.backUp(await place.dataFile()), stop.signal);
  stop.abort();
  await expect(restoring).rejects.toMatchObject({ code: 'cancelled' });
  expect(await tablesOf(empty)).toEqual([]);
});

test('a database that is empty, is not there or does not answer is told as such', async () => {
  const empty = await database();
  await expect(openPostgresBackupSource(empty.url)).rejects.toMatchObject({ code: 'not_found' });
  await expect(openPostgresBackupSource(`${empty.url}x`)).rejects.toThrow('CREATE DATABASE');
  await expect(openPostgresBackupSource('postgres://nobody:x@127.0.0.1:1/none')).rejects.toMatchObject({ code: 'overloaded' });
  expect(existsSync(path.join(place.folder, 'none'))).toBe(false);
});
