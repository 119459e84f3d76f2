import { expect, test } from 'vitest';
import { makeDatabase } from '../support/postgres/database.ts';
import { ask, type Reply } from './support/ask.ts';
import { expectRightBooks, openHolds, postedRequests, postgresBooks, sqliteBooks, type Books } from './support/books.ts';
import { times, type Figures } from './support/fault-run.ts';
import { Place } from './support/place.ts';
import { costOf } from './support/plan.ts';

const callers = times({ full: 1_000, quick: 200 });
const plan = { number: 7, words: 5, pauseMs: 0, waitsAfter: 1 };

async function storm(place: Place, servers: number, books: () => Books): Promise<Figures> {
  const running = await Promise.all(Array.from({ length: servers }, () => place.serve()));
  const { key } = place.customer(0);
  const askOnce = (index: number): Promise<Reply> =>
    ask({ url: running[index % servers]?.url ?? '', key, model: 'cancelled', plan, idempotencyKey: 'storm' });
  const count = (replies: readonly Reply[]): Record<string, number> => {
    const kinds = replies.map((reply) => ('code' in reply ? reply.code : reply.kind));
    return Object.fromEntries(
      Map.groupBy(kinds, (kind) => kind)
        .entries()
        .map(([kind, all]) => [kind, all.length]),
    );
  };

  let told = 0;
  const asking = Array.from({ length: callers }, (_, index) =>
    askOnce(index).finally(() => {
      told += 1;
      // All others are answered while the first still runs.
      if (told === callers - 1) place.host.open();
    }),
  );
  const replies = await Promise.all(asking);
  expect(count(replies)).toEqual({ idempotency_in_progress: callers - 1, complete: 1 });

  const again = await Promise.all(Array.from({ length: callers }, (_, index) => askOnce(index)));
  const ids = [...replies, ...again].flatMap((reply) => (reply.kind === 'complete' ? [reply.id] : []));
  expect(count(again)).toEqual({ complete: callers });
  expect(again.every((reply) => reply.kind === 'complete' && reply.isReplay)).toBe(true);
  expect(new Set(ids).size).toBe(1);

  expect(place.host.callsOf(plan.number)).toBe(1);
  for (const server of running) expect(await server.stop()).toMatchObject({ code: 0 });
  const read = books();
  try {
    await expectRightBooks(read);
    expect(await openHolds(read)).toBe(0);
    expect(await postedRequests(read)).toMatchObject([{ answerId: ids[0], charged: costOf(plan.number, plan.words) }]);
  } finally {
    await read.close();
  }
  return { servers, 'at once': callers, executions: 1, 'told to come again': callers - 1, 'answered by replay': callers };
}

test('one idempotency key a thousand times at once is one execution, on SQLite', async ({ task }) => {
  const place = await Place.make({ balances: [1_000_000_000n] });
  try {
    task.meta.figures = await storm(place, 1, () => sqliteBooks(place.dataFile));
  } finally {
    await place.remove();
  }
});

test('one idempotency key a thousand times at once is one execution, over two servers on PostgreSQL', async ({ task }) => {
  const database = await makeDatabase();
  try {
    const place = await Place.make({ balances: [1_000_000_000n], databaseUrl: database.url });
    try {
      task.meta.figures = await storm(place, 2, () => postgresBooks(database.url));
    } finally {
      await place.remove();
    }
  } finally {
    await database.drop();
  }
});
