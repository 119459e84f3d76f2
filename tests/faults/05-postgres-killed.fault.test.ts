import { setTimeout as pause } from 'node:timers/promises';
import postgres from 'postgres';
import { expect, test } from 'vitest';
import { PostgresServer } from '../support/postgres/postgres-server.ts';
import { postgresBooks } from './support/books.ts';
import { milliseconds, percentile, times } from './support/fault-run.ts';
import { expectJust } from './support/judge.ts';
import { Load } from './support/load.ts';
import { Place } from './support/place.ts';

const streams = 10;

/** A PostgreSQL of its own: nobody else's tests are to lose theirs. */
async function ownPostgres(): Promise<{ readonly server: PostgresServer; readonly url: string }> {
  const server = await PostgresServer.start();
  const url = server.url('faults');
  const maker = postgres(server.url('postgres'), { max: 1, onnotice: () => undefined });
  await maker.unsafe('CREATE DATABASE faults');
  await maker.end();
  return { server, url };
}

test('PostgreSQL killed again and again under two servers at work, each time while answers are settled: nothing lost, nothing twice', async ({
  task,
}) => {
  const { server: database, url } = await ownPostgres();
  try {
    const place = await Place.make({ balances: Array.from({ length: 8 }, () => 1_000_000_000_000n), databaseUrl: url });
    try {
      const servers = [await place.serve(), await place.serve()];
      const load = new Load({ place, urls: () => servers.map((server) => server.url), callers: 24 });
      const kills = times({ full: 30, quick: 3 });
      const besides: Promise<void>[] = [];
      const returnsMs: number[] = [];
      for (let kill = 0; kill < kills; kill++) {
        await load.sees(load.asked.length + 20);
        place.host.shut();
        for (let each = 0; each < streams; each++) {
          besides.push(load.askBeside({ number: 200_001 + kill * streams + each, words: 9, pauseMs: 0, waitsAfter: 3 }));
        }
        await load.until(() => place.host.waiting === streams);
        // Their last words are said, and their settlements meet the end of the database.
        place.host.open();
        await pause(Math.random() * 15);
        await database.kill();
        const killedAt = performance.now();
        await pause(Math.random() * 500);
        await database.restart();
        await load.sees(load.asked.length + 1);
        returnsMs.push(performance.now() - killedAt);
      }
      await Promise.all(besides);
      await load.stop();
      for (const server of servers) {
        expect(await server.stop()).toMatchObject({ code: 0 });
        expect(server.log()).not.toContain('ledger alarm');
      }
      const books = postgresBooks(url);
      try {
        task.meta.figures = {
          kills,
          'in the middle of settling': besides.length,
          ...(await expectJust(load.asked, books)),
          'asked again': load.retries,
          'kill to the next answer, median': milliseconds(percentile(returnsMs, 0.5)),
          'kill to the next answer, longest': milliseconds(Math.max(...returnsMs)),
        };
      } finally {
        await books.close();
      }
    } finally {
      await place.remove();
    }
  } finally {
    await database.stop();
  }
});
