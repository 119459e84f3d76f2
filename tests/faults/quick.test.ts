import { expect, test } from 'vitest';
import { spendDimes } from './dimes.ts';
import { drain } from './drain.ts';
import { sigkills } from './sigkills.ts';
import { sqliteBooks } from './support/books.ts';
import { Place } from './support/place.ts';
import { startMoreServers } from './two-servers.ts';

// The most telling faults of `npm run test:faults`, a few times each, on the real server process.

test('five SIGKILLs under load lose nothing, charge nothing twice and leave no hold open', async () => {
  expect(await sigkills(5)).toMatchObject({ kills: 5 });
});

test('of 1,000 calls of $0.10 at once against $5.00 exactly 50 pass', async () => {
  const place = await Place.make({ balances: [5_000_000_000n] });
  try {
    const books = (): ReturnType<typeof sqliteBooks> => sqliteBooks(place.dataFile);
    await spendDimes({ place, books, servers: 1, processes: 1, calls: 1_000, passing: 50 });
  } finally {
    await place.remove();
  }
});

test('a second server on the data file of a running one is refused', async () => {
  expect(await startMoreServers(1, 1)).toMatchObject({ 'servers refused': 1 });
});

test('after SIGTERM streams end in time or are settled, and no hold is left open', async () => {
  expect(await drain({ drainMs: 1_000, streams: 20 })).toMatchObject({ 'streams cut and settled': 20 });
});
