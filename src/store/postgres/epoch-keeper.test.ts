import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordingLog } from '../../../tests/support/recording-log.ts';
import type { RecordingLog } from '../../../tests/support/recording-log.ts';
import { openMemoryDatabase } from '../memory/memory-database.ts';
import { operationOf } from '../sql/operations.ts';
import type { Call, OperationName, Perform } from '../sql/operations.ts';
import { runOperation } from '../sqlite/sql-port.ts';
import type { SqlPort } from '../sqlite/sql-port.ts';
import { EpochKeeper } from './epoch-keeper.ts';

// The keeper asks for operations only, so it is tested on a database in memory, with processes whose time the test makes.

let sql: SqlPort;
let databaseIsAway: boolean;

beforeEach(async () => {
  sql = openMemoryDatabase();
  databaseIsAway = false;
  await perform({ name: 'account.open', input: { id: 'a', limit: 'none', overdraft: 0n, createdAt: 1 } });
});

afterEach(() => sql.close());

const perform: Perform = async <Name extends OperationName>(call: Call<Name> & Call) => {
  if (databaseIsAway) throw new Error('The database is away.');
  return runOperation(sql, operationOf<Name>(call));
};

interface Life {
  readonly keeper: EpochKeeper;
  readonly log: RecordingLog;
  /** Of its own clocks. */
  readonly time: { wall: number; ticks: number };
  pass(milliseconds: number): Promise<void>;
}

async function begin(name: string): Promise<Life> {
  const time = { wall: 1_000, ticks: 500_000 };
  const log = recordingLog();
  let lives = 0;
  const keeper = await EpochKeeper.begin({
    perform,
    newEpochId: () => `${name}_${++lives}`,
    clock: { now: () => time.wall, ticks: () => time.ticks },
    log,
    silentForMs: 30_000,
  });
  const pass = (milliseconds: number): Promise<void> => {
    time.ticks += milliseconds;
    return keeper.beat();
  };
  return { keeper, log, time, pass };
}

async function holdUnder(epochId: string, requestId: string): Promise<void> {
  const hold = { requestId, accountId: 'a', amount: 5n, createdAt: 1, expiresAt: 2 ** 43, epochId };
  expect(await perform({ name: 'hold.place', input: hold })).toMatchObject({ kind: 'held' });
}

async function stateOf(requestId: string): Promise<string | undefined> {
  return (await perform({ name: 'hold.find', input: { requestId } }))?.state;
}

test('a process that gives no sign of life for 30 s is buried by another, and its holds are released', async () => {
  const [one, other] = [await begin('one'), await begin('other')];
  await holdUnder(one.keeper.epochId, 'r1');
  for (let seconds = 0; seconds < 30; seconds += 5) await other.pass(5_000);
  expect(await stateOf('r1')).toBe('open');
  await other.pass(5_000);
  expect(await stateOf('r1')).toBe('expired');
  expect(other.log.lines).toEqual([{ epochId: 'one_1', releasedHolds: 1 }]);
});

test('a process that beats is not buried, however long it lives and whatever the wall clocks say', async () => {
  const [one, other] = [await begin('one'), await begin('other')];
  await holdUnder(one.keeper.epochId, 'r1');
  for (let round = 0; round < 50; round++) {
    one.time.wall += round % 2 === 0 ? 3_600_000 : -7_200_000;
    other.time.wall -= 3_600_000;
    await one.pass(5_000);
    await other.pass(5_000);
  }
  expect(await stateOf('r1')).toBe('open');
  expect([...one.log.lines, ...other.log.lines]).toEqual([]);
});

test('a database that was away for all takes nobody for dead when it is back', async () => {
  const [one, other] = [await begin('one'), await begin('other')];
  await holdUnder(one.keeper.epochId, 'r1');
  await one.pass(5_000);
  await other.pass(5_000);
  databaseIsAway = true;
  for (let seconds = 0; seconds < 60; seconds += 5) await other.pass(5_000);
  databaseIsAway = false;
  // The other one is the first to reach it; the first has not beaten for a minute, through no fault of its own.
  await other.pass(5_000);
  await one.pass(65_000);
  for (let seconds = 0; seconds < 60; seconds += 5) {
    await one.pass(5_000);
    await other.pass(5_000);
  }
  expect(await stateOf('r1')).toBe('open');
});

test('a process that was frozen and is back buries nobody who went on living', async () => {
  const [one, other] = [await begin('one'), await begin('other')];
  await other.pass(5_000);
  await one.pass(5_000);
  for (let seconds = 0; seconds < 25; seconds += 5) await one.pass(5_000);
  await other.pass(60_000);
  expect(other.log.lines).toEqual([]);
  expect(await perform({ name: 'epoch.list', input: null })).toHaveLength(2);
});

test('a process that was buried while it lived raises an alarm and goes on under a new epoch', async () => {
  const [one, other] = [await begin('one'), await begin('other')];
  await holdUnder(one.keeper.epochId, 'r1');
  for (let seconds = 0; seconds < 40; seconds += 5) await other.pass(5_000);
  expect(one.keeper.epochId).toBe('one_1');
  await one.pass(40_000);
  expect(one.keeper.epochId).toBe('one_2');
  expect(one.log.lines).toEqual([{ kind: 'epoch-buried', epochId: 'one_1', nextEpochId: 'one_2' }]);
  await holdUnder(one.keeper.epochId, 'r2');
  await one.pass(5_000);
  await other.pass(5_000);
  expect(await stateOf('r2')).toBe('open');
});

test('of two that bury at once one releases, and a sign of life in the last moment saves', async () => {
  const [one, two, dead] = [await begin('one'), await begin('two'), await begin('dead')];
  await holdUnder(dead.keeper.epochId, 'r1');
  for (let seconds = 0; seconds < 40; seconds += 5) {
    await one.pass(5_000);
    await two.pass(5_000);
  }
  const told = [...one.log.lines, ...two.log.lines].filter((line) => line['epochId'] === 'dead_1');
  expect(told).toEqual([{ epochId: 'dead_1', releasedHolds: 1 }]);
  expect(await perform({ name: 'account.find', input: { accountId: 'a' } })).toMatchObject({ pending: 0n });
  const [living] = await perform({ name: 'epoch.list', input: null });
  await one.pass(5_000);
  expect(await perform({ name: 'epoch.bury', input: { id: 'one_1', beats: living?.beats ?? 0, at: 1 } })).toBeUndefined();
});

test('a process that ends in order leaves nothing for the others to find out', async () => {
  const one = await begin('one');
  await holdUnder(one.keeper.epochId, 'r1');
  await one.keeper.end();
  expect(await stateOf('r1')).toBe('expired');
  expect(await perform({ name: 'epoch.list', input: null })).toEqual([]);
});
