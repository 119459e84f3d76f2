import { spawn } from 'node:child_process';
import { chmodSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NewHold } from '../../ledger/ledger-store.ts';
import { silentLog } from '../../telemetry/log.ts';
import type { Store } from '../store.ts';
import { openDatabase } from './open-database.ts';
import { openSqliteStore } from './open-sqlite-store.ts';
import type { SqliteStoreOptions } from './open-sqlite-store.ts';
import { openTestStore, testClock } from './open-sqlite-store.test-support.ts';

let store: Store;
let file: string;
let remove: () => Promise<void>;
let failures: Error[];

beforeEach(async () => {
  failures = [];
  ({ store, file, remove } = await openTestStore({ longestQueue: 3, onFailure: (error) => failures.push(error) }));
});
afterEach(async () => {
  await store.close();
  await remove();
});

function again(changes: Partial<SqliteStoreOptions> = {}): Promise<Store> {
  return openSqliteStore({ path: file, log: silentLog, clock: testClock, epochId: 'boot_2', ...changes });
}

function holdOf(requestId: string): NewHold {
  return { requestId, accountId: 'local', amount: 5n, createdAt: 1, expiresAt: 2 ** 43 };
}

const local = { id: 'local', limit: 'none', overdraft: 0n, createdAt: 1 } as const;

test('every file of the store is private', () => {
  for (const suffix of ['', '-wal', '-shm', '.lock']) expect(statSync(file + suffix).mode & 0o777, suffix).toBe(0o600);
});

test('a data file that everybody may read is refused with the command that helps', async () => {
  await store.close();
  chmodSync(file, 0o644);
  await expect(again()).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining(`chmod 600 "${file}"`) });
  await expect(again({ role: 'guest' })).rejects.toMatchObject({ code: 'forbidden' });
});

test('commits are fsynced on an existing file too', async () => {
  await store.close();
  const sql = openDatabase(file);
  try {
    expect(sql.rows({ text: 'PRAGMA synchronous', values: [] })).toEqual([{ synchronous: 2n }]);
    expect(sql.rows({ text: 'PRAGMA journal_mode', values: [] })).toEqual([{ journal_mode: 'wal' }]);
    expect(sql.rows({ text: 'PRAGMA foreign_keys', values: [] })).toEqual([{ foreign_keys: 1n }]);
  } finally {
    sql.close();
  }
});

test('a second server in the same process is told who owns the file', async () => {
  await expect(again()).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining(`in use by another flashmux server (process ${process.pid} `),
  });
  await store.close();
  store = await again();
});

test('a second server in another process is refused, and the first goes on', async () => {
  const script = `
    const { openSqliteStore } = await import(${JSON.stringify(new URL('./open-sqlite-store.ts', import.meta.url).href)});
    const { silentLog } = await import(${JSON.stringify(new URL('../../telemetry/log.ts', import.meta.url).href)});
    const opened = openSqliteStore({ path: process.argv[1], log: silentLog, clock: Date, epochId: 'boot_x' });
    await opened.then((store) => store.close().then(() => console.log('opened')), (error) => console.log(error.code));`;
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script, file]);
  let told = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (told += text));
  await new Promise((resolve) => child.on('close', resolve));
  expect(told).toBe('conflict\n');
  expect(await store.ledger.openAccount(local)).toMatchObject({ account: local });
});

test('a guest works beside the owner, and cannot hold', async () => {
  const guest = await again({ role: 'guest' });
  try {
    await guest.ledger.openAccount(local);
    await guest.keys.insert({ id: 'k', name: 'laptop', accountId: 'local', hash: 'ab', createdAt: 1 });
    expect(await store.keys.find('k')).toMatchObject({ name: 'laptop' });
    await store.ledger.hold(holdOf('r1'));
    await expect(guest.ledger.hold(holdOf('r2'))).rejects.toThrow('FOREIGN KEY');
    expect(await guest.ledger.findHold('r1')).toMatchObject({ state: 'open' });
  } finally {
    await guest.close();
  }
});

test('what an owner leases is held for a guest until it asks for it, and goes back when the owner closes', async () => {
  await store.close();
  let leases = 0;
  const leasing = { newLeaseId: () => `lse_${++leases}`, hotHoldsPerSecond: 0, ticks: () => performance.now() };
  store = await again({ leasing });
  const guest = await again({ role: 'guest', epochId: 'command' });
  try {
    await guest.ledger.openAccount({ id: 'customer', limit: 'prepaid', overdraft: 0n, createdAt: 1 });
    await guest.ledger.credit({ accountId: 'customer', kind: 'topup', amount: 100n, ref: 'gift', at: 1 });
    for (const requestId of ['r1', 'r2']) {
      await store.ledger.hold({ ...holdOf(requestId), accountId: 'customer' });
      await store.ledger.void({ requestId, at: 2 });
    }
    expect(await guest.ledger.findAccount('customer')).toMatchObject({ pending: 5n });
    expect(await store.ledger.findAccount('customer')).toMatchObject({ pending: 0n });
    const all = { accountId: 'customer', kind: 'adjust', amount: -100n, ref: 'back', at: 3 } as const;
    expect(await guest.ledger.credit(all)).toMatchObject({ kind: 'credited' });
    await guest.ledger.credit({ accountId: 'customer', kind: 'topup', amount: 100n, ref: 'again', at: 4 });
    await store.ledger.hold({ ...holdOf('r3'), accountId: 'customer' });
    await store.ledger.void({ requestId: 'r3', at: 5 });
    await store.close();
    expect(await guest.ledger.findAccount('customer')).toMatchObject({ pending: 0n });
  } finally {
    await guest.close();
  }
});

test('a guest alone makes the data file, and leaves it to the next owner', async () => {
  await store.close();
  const guest = await openSqliteStore({
    path: `${file}.new`,
    log: silentLog,
    clock: testClock,
    epochId: 'boot_1',
    role: 'guest',
  });
  await guest.ledger.openAccount(local);
  const owner = await openSqliteStore({ path: `${file}.new`, log: silentLog, clock: testClock, epochId: 'boot_2' });
  expect(await owner.ledger.findAccount('local')).toMatchObject(local);
  await owner.close();
  await guest.close();
});

test('a file of a newer flashmux, and a database of something else, are refused and left alone', async () => {
  await store.close();
  const newer = openDatabase(file);
  newer.script(`INSERT INTO migrations VALUES (999, 'from the future', 1)`);
  newer.close();
  for (const role of ['owner', 'guest'] as const) {
    await expect(again({ role })).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('newer flashmux') });
  }
  const path = `${file}.other`;
  writeFileSync(path, '', { mode: 0o600 });
  const other = new DatabaseSync(path);
  other.exec('CREATE TABLE recipes (name TEXT)');
  other.close();
  await expect(again({ path })).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('not one of flashmux'),
  });
  writeFileSync(path, 'no database at all, but long enough to be looked at as one'.repeat(20));
  await expect(again({ path })).rejects.toThrow('file is not a database');
  expect(readFileSync(path, 'utf8')).toContain('no database at all');
});

test('sums over many rows neither wait for what writes nor make it wait', async () => {
  await store.ledger.openAccount(local);
  const span = { accountId: 'local', from: 0, until: 10 };
  const other = openDatabase(file);
  try {
    other.script('BEGIN IMMEDIATE');
    let written = false;
    const writing = store.ledger.openAccount({ ...local, id: 'later' }).then(() => (written = true));
    expect(await store.ledger.usage({ ...span, groupBy: 'day' })).toEqual([]);
    expect(await store.ledger.toolUsage(span)).toEqual([]);
    expect(written).toBe(false);
    other.script('ROLLBACK');
    await writing;
  } finally {
    other.close();
  }
  await store.close();
  await expect(store.ledger.toolUsage(span)).rejects.toMatchObject({ code: 'shutting_down' });
});

test('a full queue refuses what is new and never what ends a hold', async () => {
  await store.ledger.openAccount(local);
  await store.ledger.hold(holdOf('r1'));
  const waiting = [1, 2, 3].map(() => store.ledger.findAccount('local'));
  await expect(store.ledger.hold(holdOf('r2'))).rejects.toMatchObject({ code: 'overloaded', retryAfterSeconds: 1 });
  expect(await store.ledger.void({ requestId: 'r1', at: 1 })).toMatchObject({ kind: 'voided' });
  await Promise.all(waiting);
  expect(await store.ledger.hold(holdOf('r2'))).toMatchObject({ kind: 'held' });
});

test('closing finishes what was asked for and refuses what comes after', async () => {
  const opened = store.ledger.openAccount(local);
  const closed = store.close();
  await expect(store.ledger.findAccount('local')).rejects.toMatchObject({ code: 'shutting_down' });
  expect(await opened).toMatchObject({ account: local });
  await Promise.all([closed, store.close()]);
  store = await again();
  expect(await store.ledger.findAccount('local')).toMatchObject(local);
  expect(failures).toEqual([]);
});

test('an input that is no plain data fails its call and not the process', async () => {
  const settlement = {
    requestId: 'r1',
    at: 1,
    cost: 0n,
    bill: { lines: [], total: 0n, priceListId: 'list' },
    usage: { input: {}, output: {}, toolCalls: {} },
    outcome: 'complete',
  } as const;
  await expect(store.ledger.settle(Object.assign({ surprise: () => 1 }, settlement))).rejects.toThrow('could not be cloned');
  expect(await store.ledger.settle(settlement)).toEqual({ kind: 'no-hold' });
});

test('after an I/O error the store says so once and acknowledges nothing more', async () => {
  await store.ledger.openAccount(local);
  const told: Error[] = [];
  const guest = await again({ role: 'guest', onFailure: (error) => told.push(error) });
  // The log disappears behind the open connection, as with a disk that fails: reading it is an I/O error.
  truncateSync(`${file}-wal`, 0);
  const first = guest.ledger.openAccount({ ...local, id: 'other' });
  await expect(first).rejects.toThrow('SQLite code');
  for (const role of ['ledger', 'keys']) {
    const next = role === 'keys' ? guest.keys.list() : guest.ledger.findAccount('local');
    await expect(next, role).rejects.toThrow('SQLite code');
  }
  expect(told).toHaveLength(1);
  await guest.close();
});
