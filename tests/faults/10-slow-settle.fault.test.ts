import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import postgres from 'postgres';
import { expect, test } from 'vitest';
import { makeDatabase } from '../support/postgres/database.ts';
import { ask } from './support/ask.ts';
import { postgresBooks, sqliteBooks, type Books } from './support/books.ts';
import { times, type Figures } from './support/fault-run.ts';
import { expectJust } from './support/judge.ts';
import { Load, type Asked } from './support/load.ts';
import { Place } from './support/place.ts';

const stalledMs = times({ full: 30_000, quick: 25_000 });
const flood = times({ full: 2_000, quick: 500 });
const limits = { max_in_flight: 64, max_in_flight_per_key: 2_000, max_queued: 64, max_queue_ms: 2_000 };
const balances = [...Array.from({ length: 7 }, () => 1_000_000_000_000n), 60_000_000n];
const streams = 20;

/** `stall` takes the database from the server, and gives a way to give it back. */
async function withoutDatabase(place: Place, stall: () => Promise<() => Promise<void>>, books: () => Books): Promise<Figures> {
  const server = await place.serve();
  const load = new Load({ place, urls: () => [server.url], callers: 24 });
  await load.sees(100);
  const besides = Array.from({ length: streams }, (_, index) =>
    // Of the first customer, who can pay.
    load.askBeside({ number: 200_000 + index * balances.length, words: 9, pauseMs: 0, waitsAfter: 3 }),
  );
  await load.until(() => place.host.waiting === streams);
  const restMemory = residentMegabytes(server.processId);
  const giveBack = await stall();
  // They have said their last words, and cannot be settled.
  place.host.open();
  const flooded: Asked[] = [];
  const flooding = Array.from({ length: flood }, async (_, index) => {
    const number = 300_001 + index;
    const { accountId, key } = place.customer(number);
    const plan = { number, words: 2, pauseMs: 0 };
    const reply = await ask({ url: server.url, key, model: 'cancelled', plan, idempotencyKey: `flood-${number}` });
    flooded.push({ plan, accountId, model: 'cancelled', isKeyed: true, replies: [reply] });
  });
  const shed = (): number => flooded.filter(({ replies: [reply] }) => reply?.kind === 'refused' && reply.status === 503).length;
  // Whatever is more than what runs and waits is refused while the database still stands.
  const tooMany = flood - limits.max_in_flight - limits.max_queued;
  let mostMemory = restMemory;
  const stalledAt = performance.now();
  while (performance.now() - stalledAt < stalledMs || shed() < tooMany) {
    if (performance.now() - stalledAt > 4 * stalledMs) expect(shed()).toBeGreaterThanOrEqual(tooMany);
    await pause(200);
    mostMemory = Math.max(mostMemory, residentMegabytes(server.processId));
  }
  const shedMeanwhile = shed();
  const stalledSeconds = Math.round((performance.now() - stalledAt) / 1_000);
  await giveBack();
  await Promise.all([...besides, ...flooding]);
  await load.sees(load.asked.length + 50);
  await load.stop();
  expect(await server.stop()).toMatchObject({ code: 0 });
  const read = books();
  try {
    return {
      'database stalled': `${stalledSeconds} s`,
      'asked meanwhile': flood,
      'refused with 503 meanwhile': shedMeanwhile,
      'more memory than before': `${Math.max(0, mostMemory - restMemory)} MB`,
      ...(await expectJust([...load.asked, ...flooded], read)),
      'settled after it': streams,
    };
  } finally {
    await read.close();
  }
}

function residentMegabytes(processId: number): number {
  if (process.platform !== 'linux') return 0;
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${processId}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1_024);
}

test('SQLite: while another connection holds the file, requests are shed, and afterwards everything is settled', async ({
  task,
}) => {
  const place = await Place.make({ balances, settings: { limits } });
  try {
    const stall = async (): Promise<() => Promise<void>> => {
      const other = new DatabaseSync(place.dataFile, { timeout: 10_000 });
      other.exec('BEGIN IMMEDIATE');
      return async () => other.close();
    };
    task.meta.figures = await withoutDatabase(place, stall, () => sqliteBooks(place.dataFile));
  } finally {
    await place.remove();
  }
});

test('PostgreSQL: while another connection holds the accounts, requests are shed, and afterwards everything is settled', async ({
  task,
}) => {
  const database = await makeDatabase();
  try {
    const place = await Place.make({ balances, settings: { limits }, databaseUrl: database.url });
    try {
      const stall = async (): Promise<() => Promise<void>> => {
        const other = postgres(database.url, { max: 1 });
        const locked = Promise.withResolvers<void>();
        const over = Promise.withResolvers<void>();
        const holding = other.begin(async (sql) => {
          await sql`LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE`;
          locked.resolve();
          await over.promise;
        });
        await Promise.race([locked.promise, holding]);
        return async () => {
          over.resolve();
          await holding;
          await other.end();
        };
      };
      task.meta.figures = await withoutDatabase(place, stall, () => postgresBooks(database.url));
    } finally {
      await place.remove();
    }
  } finally {
    await database.drop();
  }
});
