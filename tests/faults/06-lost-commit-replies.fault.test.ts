import { expect, test } from 'vitest';
import { CuttingProxy } from '../support/postgres/cutting-proxy.ts';
import { makeDatabase } from '../support/postgres/database.ts';
import { postgresBooks } from './support/books.ts';
import { times } from './support/fault-run.ts';
import { expectJust } from './support/judge.ts';
import { Load } from './support/load.ts';
import { Place } from './support/place.ts';

test('a connection that breaks after its COMMIT was sent and before the reply came: everything happens exactly once', async ({
  task,
}) => {
  const database = await makeDatabase();
  const proxy = await CuttingProxy.before(database.url);
  try {
    const balances = Array.from({ length: 8 }, () => 1_000_000_000_000n);
    const place = await Place.make({ balances, databaseUrl: database.url });
    try {
      const server = await place.serve({ DATABASE_URL: proxy.url });
      const load = new Load({ place, urls: () => [server.url], callers: 24 });
      const cuts = times({ full: 500, quick: 50 });
      for (let cut = 1; cut <= cuts; cut++) {
        proxy.cutNext('after-commit');
        await load.until(() => proxy.cuts === cut);
      }
      await load.stop();
      expect(await server.stop()).toMatchObject({ code: 0 });
      expect(server.log()).not.toContain('ledger alarm');
      const books = postgresBooks(database.url);
      try {
        task.meta.figures = {
          'commits whose reply was lost': proxy.cuts,
          ...(await expectJust(load.asked, books)),
          'asked again by callers': load.retries,
        };
      } finally {
        await books.close();
      }
    } finally {
      await place.remove();
    }
  } finally {
    await proxy.close();
    await database.drop();
  }
});
