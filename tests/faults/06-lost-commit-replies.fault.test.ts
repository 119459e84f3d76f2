import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CuttingProxy } from '../support/postgres/cutting-proxy.ts';
import { makeDatabase } from '../support/postgres/database.ts';
import { ask, type Reply } from './support/ask.ts';
import { expectRightBooks, openHolds, postgresBooks } from './support/books.ts';
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

test('a hold that was placed although its caller was told 503 is released, and its key can be used again', async ({ task }) => {
  const database = await makeDatabase();
  const proxy = await CuttingProxy.before(database.url);
  try {
    const place = await Place.make({ balances: [1_000_000_000n], databaseUrl: database.url });
    try {
      const server = await place.serve({ DATABASE_URL: proxy.url });
      const askOnce = (): Promise<Reply> =>
        ask({
          url: server.url,
          key: place.customer(0).key,
          model: 'cancelled',
          plan: { number: 1_000, words: 3, pauseMs: 0 },
          idempotencyKey: 'once',
        });
      // No commit is ever answered until the server gives up.
      proxy.cutEach('after-commit');
      expect(await askOnce()).toMatchObject({ kind: 'refused', status: 503, code: 'overloaded' });
      proxy.cutEach(undefined);
      const books = postgresBooks(database.url);
      try {
        expect(await openHolds(books)).toBe(1);
        expect(await askOnce()).toMatchObject({ kind: 'refused', code: 'idempotency_in_progress' });
        const refusedAt = performance.now();
        let reply = await askOnce();
        while (reply.kind !== 'complete' && performance.now() - refusedAt < 120_000) {
          await pause(500);
          reply = await askOnce();
        }
        expect(reply).toMatchObject({ kind: 'complete', isReplay: false });
        expect(await server.stop()).toMatchObject({ code: 0 });
        await expectRightBooks(books);
        expect(await openHolds(books)).toBe(0);
        task.meta.figures = { 'lost replies until it gave up': proxy.cuts };
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
