import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BackupRow, BackupSource, BackupTarget } from '../../src/store/backup/backup-ports.ts';
import { restoreBackup } from '../../src/store/backup/restore-backup.ts';
import { newestSchema } from '../../src/store/sqlite/migrate.ts';
import { BackupPlace, dataFileOf, leftIn, never, withDatabase } from './backup-place.ts';

// A store may be larger than the memory of the machine that backs it up. What is shown is that rows are handed on as they come.

let place: BackupPlace;
beforeAll(async () => {
  place = await BackupPlace.make();
});
afterAll(() => place.remove());

const count = 50_000;

/** A KB that cannot be packed to less than half: hexadecimal digits of what nobody can guess. */
function longText(number: number): string {
  const digest = (part: number): string => createHash('sha512').update(`${number}.${part}`).digest('hex');
  return Array.from({ length: 8 }, (_, part) => digest(part)).join('');
}

function generated(onRow: (number: number) => void): BackupSource {
  return {
    database: 'sqlite',
    schema: newestSchema,
    tables: ['keys'],
    async *rows(): AsyncGenerator<BackupRow> {
      for (let number = 0; number < count; number++) {
        // A database answers in turns of its own, too.
        if (number % 100 === 0) await setImmediate();
        onRow(number);
        yield { id: String(number), name: longText(number) };
      }
    },
    close: async () => undefined,
  };
}

/** Bytes of rows on their way: in the text of a chunk, in the packing and in two buffers of streams. */
const underWayBytes = 2 * 1024 * 1024;

test('writing asks for the next rows when those before are on the disk, but for a few', async () => {
  const file = place.fresh('large.backup');
  // Below 0 where rows are packed worse than the bound below, and are written as fast as they come.
  let most = -Infinity;
  const source = generated((number) => {
    // Packed, a row is no less than half of its text.
    if (number % 500 === 0 && number > 0) most = Math.max(most, number * 512 - statSync(file).size);
  });
  expect((await place.backUpFrom(source, { file })).rows).toEqual({ keys: count });
  expect(statSync(file).size).toBeGreaterThan(10 * underWayBytes);
  expect(most).toBeGreaterThan(-Infinity);
  expect(most).toBeLessThan(underWayBytes);
});

test('reading hands on at most a thousand rows at a time, and the next when those are stored', async () => {
  const { file } = await place.backUpFrom(generated(() => undefined));
  let underWay = 0;
  let most = 0;
  let stored = 0;
  const target: BackupTarget = {
    newestSchema,
    begin: async () => undefined,
    insert: async (_, rows) => {
      underWay += rows.length;
      most = Math.max(most, underWay);
      await setImmediate();
      for (const row of rows) if (row['id'] === String(stored)) stored += 1;
      underWay -= rows.length;
    },
    check: async () => undefined,
    finish: async () => undefined,
    discard: async () => undefined,
  };
  await restoreBackup({ file, target, placePepper: () => () => undefined, signal: never });
  expect(stored).toBe(count);
  expect(most).toBe(1_000);
});

test('a store of many times the memory that a process may use is backed up and restored by it', async () => {
  const file = await place.dataFile();
  withDatabase(file, (sql) => {
    sql.script('BEGIN');
    for (let number = 0; number < count; number++) {
      const values = [`key ${number}`, longText(number)];
      sql.rows({
        text: `INSERT INTO api_keys (id, name, account_id, hash, created_at) VALUES ($1, $2, 'acme', 'ab', 1)`,
        values,
      });
    }
    sql.script('COMMIT');
  });
  const home = place.fresh('home');
  const worker = new Worker(new URL('./small-process.ts', import.meta.url), {
    workerData: { dataFile: file, backup: place.fresh('a.backup'), home },
    resourceLimits: { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 },
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  await new Promise<void>((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => resolve());
  });
  withDatabase(dataFileOf(home), (sql) => {
    const text = `SELECT COUNT(*) AS count FROM api_keys WHERE id LIKE 'key %' AND length(name) = 1024`;
    expect(sql.rows({ text, values: [] })).toEqual([{ count: BigInt(count) }]);
  });
});

test('an interrupted backup leaves no file, and an interrupted restore no store', async () => {
  const writing = new AbortController();
  const file = place.fresh('large.backup');
  const source = generated((number) => {
    if (number === 20_000) writing.abort();
  });
  await expect(place.backUpFrom(source, { file, signal: writing.signal })).rejects.toMatchObject({ code: 'cancelled' });
  expect(() => statSync(file)).toThrow('ENOENT');

  const reading = new AbortController();
  const backup = await place.backUp(await place.dataFile());
  const home = place.fresh('home');
  const restoring = place.restore(backup, home, reading.signal);
  reading.abort();
  await expect(restoring).rejects.toMatchObject({ code: 'cancelled' });
  expect(await leftIn(home)).toEqual([]);
});

test('a source that fails in the middle leaves no file', async () => {
  const file = place.fresh('large.backup');
  const source = generated((number) => {
    if (number === 20_000) throw new Error('the database went away');
  });
  await expect(place.backUpFrom(source, { file })).rejects.toThrow('the database went away');
  expect(() => statSync(file)).toThrow('ENOENT');
});
