import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { runFlashmux } from '../cli/flashmux-process.ts';
import { makeDatabase } from '../support/postgres/database.ts';
import { expectRightBooks, postedRequests, sqliteBooks } from './support/books.ts';
import { times, type Figures } from './support/fault-run.ts';
import { judge } from './support/judge.ts';
import { Load } from './support/load.ts';
import { Place } from './support/place.ts';

const backups = times({ full: 10, quick: 2 });

async function backUpUnderLoad(place: Place): Promise<Figures> {
  const server = await place.serve();
  const load = new Load({ place, urls: () => [server.url], callers: 24 });
  let restoredRequests = 0;
  for (let number = 1; number <= backups; number++) {
    await load.sees(load.asked.length + 50);
    const acknowledged = [...load.asked];
    const file = path.join(place.home, `${number}.backup`);
    const written = await runFlashmux(['backup', file, '--with-pepper'], { home: place.home, environment: place.environment });
    expect(written, written.stderr).toMatchObject({ code: 0 });
    // Those who asked meanwhile were answered.
    expect(load.asked.length).toBeGreaterThan(acknowledged.length);
    const home = path.join(place.home, `restored-${number}`);
    await mkdir(home);
    const restored = await runFlashmux(['restore', file], { home });
    expect(restored, restored.stderr).toMatchObject({ code: 0 });
    const books = sqliteBooks(path.join(home, 'flashmux.db'));
    try {
      await expectRightBooks(books, place.databaseKind);
      const posted = await postedRequests(books);
      expect(judge(acknowledged, posted)).toMatchObject({ lost: [], doubled: [], chargedForNothing: [], differing: [] });
      restoredRequests += posted.length;
    } finally {
      await books.close();
    }
  }
  await load.stop();
  expect(await server.stop()).toMatchObject({ code: 0 });
  return { backups, 'requests during them': load.asked.length, 'requests restored': restoredRequests };
}

test('a backup of a SQLite server under load is restored with right books, and misses nothing acknowledged before it', async ({
  task,
}) => {
  const place = await Place.make({ balances: Array.from({ length: 8 }, () => 1_000_000_000_000n) });
  try {
    task.meta.figures = await backUpUnderLoad(place);
  } finally {
    await place.remove();
  }
});

test('so is one of a server on PostgreSQL, into SQLite', async ({ task }) => {
  const database = await makeDatabase();
  try {
    const balances = Array.from({ length: 8 }, () => 1_000_000_000_000n);
    const place = await Place.make({ balances, databaseUrl: database.url });
    try {
      task.meta.figures = await backUpUnderLoad(place);
    } finally {
      await place.remove();
    }
  } finally {
    await database.drop();
  }
});
