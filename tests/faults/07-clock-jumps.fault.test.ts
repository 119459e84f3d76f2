import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { makeDatabase } from '../support/postgres/database.ts';
import { openHolds, postgresBooks, sqliteBooks, type Books } from './support/books.ts';
import { isQuick, times, type Figures } from './support/fault-run.ts';
import { expectJust } from './support/judge.ts';
import { Load } from './support/load.ts';
import { Place, type ServerProcess } from './support/place.ts';
import { Shim } from './support/shim.ts';

// A hold expires by the wall clock seven minutes after its request here, and a server looks for such holds every
// half minute: an hour's jump would end each of them. Only those whose request is gone may end.

const limits = { total_ms: 300_000, idle_ms: 300_000, max_in_flight: 2_000, max_in_flight_per_key: 2_000 };
const streams = 40;
/** Of the sweep, and a little more. */
const untilSweptMs = 33_000;
const hour = 3_600;

/** Streams stand still while the clock of the first server jumps; the others keep the right time. */
async function jump(place: Place, servers: number, shim: Shim, books: () => Books): Promise<Figures> {
  const running: ServerProcess[] = [];
  for (let index = 0; index < servers; index++) running.push(await place.serve(index === 0 ? shim.environment : {}));
  const load = new Load({ place, urls: () => running.map(({ url }) => url), callers: 4 });
  const besides = Array.from({ length: streams }, (_, index) =>
    load.askBeside({ number: 200_001 + index, words: 9, pauseMs: 0, waitsAfter: 3 }),
  );
  await load.until(() => place.host.waiting === streams);
  let jumps = 0;
  const jumpTo = (seconds: number): void => {
    jumps += 1;
    shim.moveClock(seconds);
  };
  const stillHeld = async (): Promise<void> => {
    const read = books();
    try {
      expect(await openHolds(read)).toBeGreaterThanOrEqual(streams);
      expect(await read.rows(`SELECT request_id FROM holds WHERE state = 'expired'`)).toEqual([]);
    } finally {
      await read.close();
    }
  };
  for (const seconds of isQuick ? [hour] : [hour, -hour]) {
    jumpTo(seconds);
    await pause(untilSweptMs);
    await stillHeld();
  }
  const wildJumps = times({ full: 100, quick: 20 });
  for (let index = 0; index < wildJumps; index++) {
    jumpTo(Math.round((Math.random() * 2 - 1) * 2 * hour));
    await pause(20);
  }
  await stillHeld();
  place.host.open();
  await Promise.all(besides);
  await load.stop();
  for (const server of running) {
    expect(await server.stop()).toMatchObject({ code: 0 });
    expect(server.log()).not.toMatch(/ledger alarm|holds expired|no sign of life/);
  }
  const read = books();
  try {
    expect(await read.rows(`SELECT ref FROM entries WHERE kind = 'late'`)).toEqual([]);
    return { servers, 'clock jumps': jumps, 'streams held through them': streams, ...(await expectJust(load.asked, read)) };
  } finally {
    await read.close();
  }
}

const balances = Array.from({ length: 8 }, () => 1_000_000_000_000n);

test('SQLite: no hold of a request that runs ends because the clock jumped', { timeout: 300_000 }, async ({ task, skip }) => {
  const shim = await Shim.build();
  if (typeof shim === 'string') return skip(shim);
  const place = await Place.make({ balances, settings: { limits } });
  try {
    task.meta.figures = await jump(place, 1, shim, () => sqliteBooks(place.dataFile));
  } finally {
    await place.remove();
    await shim.remove();
  }
});

test('PostgreSQL: nor does another server end one', { timeout: 300_000 }, async ({ task, skip }) => {
  const shim = await Shim.build();
  if (typeof shim === 'string') return skip(shim);
  const database = await makeDatabase();
  try {
    const place = await Place.make({ balances, settings: { limits }, databaseUrl: database.url });
    try {
      task.meta.figures = await jump(place, 2, shim, () => postgresBooks(database.url));
    } finally {
      await place.remove();
    }
  } finally {
    await database.drop();
    await shim.remove();
  }
});
