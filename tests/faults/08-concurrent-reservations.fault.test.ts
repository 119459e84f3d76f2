import { describe, expect, test } from 'vitest';
import { makeDatabase } from '../support/postgres/database.ts';
import { spendDimes } from './dimes.ts';
import { postgresBooks, sqliteBooks, type Books } from './support/books.ts';
import { times } from './support/fault-run.ts';
import { Place } from './support/place.ts';

// The first calls of a server are decided in the database, one by one; those of a busy account against a lease, in the process.

const calls = times({ full: 1_000, quick: 200 });
const passing = times({ full: 50, quick: 10 });
const dime = 100_000_000n;
const noLeases = 1_000_000;

describe.each([1, 4])('of 1,000 calls of $0.10 at once against $5.00 exactly 50 pass, asked by %d processes', (processes) => {
  test('of one server on SQLite', async ({ task }) => {
    const place = await Place.make({ balances: [BigInt(passing) * dime] });
    try {
      const books = (): ReturnType<typeof sqliteBooks> => sqliteBooks(place.dataFile);
      task.meta.figures = { processes, ...(await spendDimes({ place, books, servers: 1, processes, calls, passing })) };
    } finally {
      await place.remove();
    }
  });

  // Three cents are no multiple of what a process leases, nor of what a call costs.
  test.for([
    { how: 'PostgreSQL without leases', leaseFrom: noLeases, rest: 0n },
    { how: 'PostgreSQL with leases', leaseFrom: 1, rest: 0n },
    { how: 'PostgreSQL with leases, 3 cents too much', leaseFrom: 1, rest: 30_000_000n },
  ])('of as many servers on $how', async ({ leaseFrom, rest }, { task }) => {
    const database = await makeDatabase();
    try {
      const place = await Place.make({
        databaseUrl: database.url,
        balances: [BigInt(passing) * dime + rest],
        settings: { database: { lease_from_per_second: leaseFrom } },
      });
      try {
        const books = (): ReturnType<typeof postgresBooks> => postgresBooks(database.url);
        const figures = await spendDimes({ place, books, servers: processes, processes, calls, passing });
        const leased = await leasedHolds(books());
        if (leaseFrom === noLeases) expect(leased).toBe(0);
        else expect(leased).toBeGreaterThan(0);
        task.meta.figures = { processes, ...figures, 'of them against leases': leased };
      } finally {
        await place.remove();
      }
    } finally {
      await database.drop();
    }
  });
});

/** How many of those that passed were decided by their server alone. */
async function leasedHolds(books: Books): Promise<number> {
  try {
    const [row] = await books.rows('SELECT COUNT(*) AS holds FROM holds WHERE lease_id IS NOT NULL');
    return Number(row?.['holds']);
  } finally {
    await books.close();
  }
}
