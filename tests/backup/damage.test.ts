import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BackupRow, BackupSource } from '../../src/store/backup/backup-ports.ts';
import { openSqliteBackupSource } from '../../src/store/backup/sqlite-backup-source.ts';
import { migrations } from '../../src/store/sqlite/migrations.ts';
import { BackupPlace, dataFileOf, leftIn, withDatabase } from './backup-place.ts';
import { dump } from './dump.ts';

// What is no whole backup of right books is refused, and where it was to go there is nothing afterwards.

let place: BackupPlace;
let dataFile: string;
let bytes: Buffer;
let lines: readonly string[];
beforeAll(async () => {
  place = await BackupPlace.make();
  dataFile = await place.dataFile();
  bytes = readFileSync(await place.backUp(dataFile, { pepper: 'ab'.repeat(32) }));
  lines = gunzipSync(bytes).toString().split('\n').slice(0, -1);
});
afterAll(() => place.remove());

const runs = Number(process.env['FLASHMUX_FUZZ_RUNS'] ?? 500);

function fileOf(content: Uint8Array): string {
  const file = place.fresh('given.backup');
  writeFileSync(file, content);
  return file;
}

function packed(...text: readonly string[]): string {
  return fileOf(gzipSync(text.map((line) => `${line}\n`).join('')));
}

async function expectRefused(file: string, complaint: string | RegExp): Promise<void> {
  const home = place.fresh('home');
  await expect(place.restore(file, home)).rejects.toThrow(complaint);
  expect(await leftIn(home)).toEqual([]);
}

test('a backup that was cut off anywhere is refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: bytes.length - 1 }), async (length) => {
      await expectRefused(fileOf(bytes.subarray(0, length)), length === 0 ? /is no backup|is damaged/ : 'it was cut off');
    }),
    { numRuns: runs },
  );
});

test('a backup with a flipped bit is refused, but for bits that the packing does not use', async () => {
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.noBias(fc.nat(bytes.length - 1)), fc.nat(7), async (position, bit) => {
      const damaged = Buffer.from(bytes);
      damaged.writeUInt8((damaged[position] ?? 0) ^ (1 << bit), position);
      const home = place.fresh('home');
      const restored = await place.restore(fileOf(damaged), home).then(
        () => true,
        (error: unknown) => {
          expect(error).toMatchObject({ code: 'invalid_request', message: expect.stringMatching(/is damaged|is no backup/) });
          return false;
        },
      );
      if (!restored) {
        refused += 1;
        expect(await leftIn(home)).toEqual([]);
        return;
      }
      // The time and the system of the packing, which the ten bytes of the head hold and nobody reads, and the rest of a byte at the end.
      expect(gunzipSync(damaged).equals(gunzipSync(bytes))).toBe(true);
      expect(withDatabase(dataFileOf(home), dump)).toEqual(withDatabase(dataFile, dump));
    }),
    { numRuns: runs },
  );
  expect(refused).toBeGreaterThan(0.9 * runs);
});

test('a backup in which any character of a row was changed is refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(lines.length - 2), fc.nat(), async (line, where) => {
      const text = lines[line] ?? '';
      const at = where % text.length;
      const other = text[at] === '1' ? '2' : '1';
      const edited = lines.with(line, text.slice(0, at) + other + text.slice(at + 1));
      await expectRefused(packed(...edited), /is damaged|is no backup|newer flashmux/);
    }),
    { numRuns: Math.min(runs, 200) },
  );
});

test('lines that are missing, doubled, swapped or too many are refused', async () => {
  const checksum = 'its checksum is not that of its rows';
  await expectRefused(packed(...lines.toSpliced(3, 1)), checksum);
  await expectRefused(packed(...lines.toSpliced(3, 0, lines[3] ?? '')), checksum);
  await expectRefused(packed(...lines.with(3, lines[4] ?? '').with(4, lines[3] ?? '')), checksum);
  await expectRefused(packed(...lines.slice(0, -1)), 'it ends before its closing line');
  await expectRefused(packed(...lines, lines[1] ?? ''), 'it goes on after its closing line');
  await expectRefused(packed(...lines.with(4, '{"t":"accounts"}')), 'line 5 is not what a backup has there');
  await expectRefused(fileOf(gzipSync(lines.join('\n'))), 'it ends in the middle of a line');
  await expectRefused(fileOf(Buffer.concat([bytes, bytes])), 'it goes on after its closing line');
  const rows = lines.slice(0, -1);
  const end = lines.at(-1) ?? '';
  await expectRefused(packed(...rows, end.replace(/"accounts":\d+/, '"accounts":1')), 'counts other rows of "accounts"');
  await expectRefused(packed(...rows, end.replace('"accounts"', '"customers"')), 'counts other rows of "customers"');
});

test('what is no backup is refused by name', async () => {
  await expectRefused(`${place.folder}/none.backup`, 'There is no file');
  await expectRefused(place.folder, 'is no backup of flashmux');
  await expectRefused(packed('{"some":"json"}'), 'is no backup of flashmux');
  await expectRefused(packed(''), 'is no backup of flashmux');
  await expectRefused(fileOf(gzipSync('')), 'is no backup of flashmux');
  await expectRefused(dataFile, 'is no backup of flashmux');
  const head = lines[0] ?? '';
  await expectRefused(packed(...lines.with(0, head.replace('"sqlite"', '"mysql"'))), 'is no backup of flashmux');
});

test('a backup of a newer flashmux is refused: of a newer format, and of a newer schema', async () => {
  const [head = ''] = lines;
  await expectRefused(
    packed(...lines.with(0, head.replace('"version":1', '"version":2,"more":[]'))),
    'newer flashmux (format 2, this one reads 1)',
  );
  await expectRefused(await backupOf({}, migrations.length + 1), `newer flashmux (schema ${migrations.length + 1}`);
});

/** A backup of the data file with changed rows, and a checksum that is right. */
async function backupOf(
  changed: Readonly<Record<string, (rows: readonly BackupRow[]) => readonly BackupRow[]>>,
  schema = migrations.length,
): Promise<string> {
  const real = openSqliteBackupSource(dataFile);
  const source: BackupSource = {
    ...real,
    schema,
    tables: [...new Set([...real.tables, ...Object.keys(changed)])],
    rows: (table) => {
      const rows = real.tables.includes(table) ? [...withoutAwaiting(real.rows(table))] : [];
      return changed[table]?.(rows) ?? rows;
    },
  };
  try {
    return (await place.backUpFrom(source)).file;
  } finally {
    await real.close();
  }
}

function withoutAwaiting(rows: Iterable<BackupRow> | AsyncIterable<BackupRow>): Iterable<BackupRow> {
  if (Symbol.iterator in rows) return rows;
  throw new Error('SQLite gives its rows at once.');
}

const each = (change: BackupRow) => (rows: readonly BackupRow[]) => rows.map((row) => ({ ...row, ...change }));
const first = (change: BackupRow) => (rows: readonly BackupRow[]) =>
  rows.map((row, at) => (at === 0 ? { ...row, ...change } : row));
const no = (): readonly BackupRow[] => [];

test.each([
  ['rows of a table that there is not', { customers: () => [{ id: 'x' }] }, 'rows of a table "customers"'],
  ['a column that there is not', { accounts: each({ colour: 'red' }) }, 'has a "colour"'],
  ['text for a number', { accounts: each({ credits: '1e3' }) }, '"credits" of a row of "accounts" is no integer'],
  [
    'a number of 65 bits',
    { entries: first({ amount: '9223372036854775808' }) },
    '"amount" of a row of "entries" is no integer of 64 bits',
  ],
  [
    'a hold of an account that is missing',
    { holds: first({ account_id: 'nobody' }) },
    'rows of "holds" that refer to rows of "accounts"',
  ],
  ['an entry too few', { entries: (rows: readonly BackupRow[]) => rows.slice(1) }, 'do not add up to its balance'],
  ['an entry that says more', { entries: first({ amount: '7' }) }, 'do not add up to its balance'],
  [
    'an open hold too few',
    { idempotency: no, holds: (rows: readonly BackupRow[]) => rows.filter((row) => row['request_id'] !== 'req_open_too') },
    'do not add up to what it has set aside',
  ],
  [
    'an open hold too many',
    {
      holds: (rows: readonly BackupRow[]) =>
        rows.map((row) => (row['request_id'] === 'req_expired' ? { ...row, state: 'open', ended_at: null } : row)),
    },
    'do not add up to what it has set aside',
  ],
  [
    'a balance below its floor',
    { accounts: (rows: readonly BackupRow[]) => rows.map((row) => ({ ...row, spending_limit: 'prepaid' })) },
    'CHECK constraint failed',
  ],
  ['tokens that nobody holds', { grants: first({ pending: '7' }) }, 'the open holds on the grant "welcome" do not add up'],
])('a whole backup with %s is refused, and leaves nothing', async (_, changed, complaint) => {
  await expectRefused(await backupOf(changed), complaint);
});

test('the same whole backup without a change is restored', async () => {
  const home = place.fresh('home');
  await place.restore(await backupOf({}), home);
  expect(withDatabase(dataFileOf(home), dump)).toEqual(withDatabase(dataFile, dump));
});

test('a folder with data in it is refused, with words for what is there, and stays as it is', async () => {
  const home = place.fresh('home');
  const backup = fileOf(bytes);
  await place.restore(backup, home);
  withDatabase(dataFileOf(home), (sql) => sql.script(`UPDATE api_keys SET name = 'mine'`));
  const before = withDatabase(dataFileOf(home), dump);
  await expect(place.restore(backup, home)).rejects.toThrow(/flashmux\.db with 6 accounts, 12 entries and 4 keys/);
  expect(withDatabase(dataFileOf(home), dump)).toEqual(before);
});

test('a log that another data file left behind is refused: SQLite would take it for the log of the restored one', async () => {
  const home = place.fresh('home');
  mkdirSync(home);
  writeFileSync(`${dataFileOf(home)}-wal`, 'old');
  await expect(place.restore(fileOf(bytes), home)).rejects.toThrow('flashmux.db-wal');
  expect(existsSync(dataFileOf(home))).toBe(false);
});

test('what a killed restore left is made anew', async () => {
  const home = place.fresh('home');
  mkdirSync(home);
  for (const part of ['', '-wal', '-shm']) writeFileSync(`${dataFileOf(home)}.restoring${part}`, 'half of it', { mode: 0o600 });
  await place.restore(fileOf(bytes), home);
  expect(await leftIn(home)).toEqual(['flashmux.db', 'pepper']);
  expect(withDatabase(dataFileOf(home), dump)).toEqual(withDatabase(dataFile, dump));
});

test('of two restores into one folder one is done and the other refused', async () => {
  const home = place.fresh('home');
  const backup = fileOf(bytes);
  const ends = await Promise.allSettled([place.restore(backup, home), place.restore(backup, home)]);
  expect(ends.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(withDatabase(dataFileOf(home), dump)).toEqual(withDatabase(dataFile, dump));
});
