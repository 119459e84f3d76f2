import { expect } from 'vitest';
import { setTimeout as pause } from 'node:timers/promises';
import { ask, type Reply } from './support/ask.ts';
import { expectRightBooks, openHolds, postedRequests, sqliteBooks } from './support/books.ts';
import { milliseconds, type Figures } from './support/fault-run.ts';
import { Place } from './support/place.ts';
import { costOf } from './support/plan.ts';

export interface Drain {
  /** How long streams may go on after SIGTERM. */
  readonly drainMs: number;
  /** Streams that end by themselves within that time, and as many that never do. */
  readonly streams: number;
}

/** SIGTERM while streams are in flight: those that end in time are whole, the others are cut and settled; nothing is left open. */
export async function drain({ drainMs, streams }: Drain): Promise<Figures> {
  const place = await Place.make({ balances: [1_000_000_000_000n], settings: { server: { drain_ms: drainMs } } });
  try {
    const server = await place.serve();
    const { url } = server;
    const { key } = place.customer(0);
    const wordsOfEndless = 4;
    const ending = Array.from({ length: streams }, (_, index) =>
      ask({ url, key, model: 'cancelled', plan: { number: 1 + index, words: 20, pauseMs: drainMs / 40 } }),
    );
    const endless = Array.from({ length: streams }, (_, index) =>
      ask({
        url,
        key,
        model: index % 2 === 0 ? 'cancelled' : 'drained',
        plan: { number: 1_001 + index, words: 20, pauseMs: 0, waitsAfter: wordsOfEndless },
      }),
    );
    while (place.host.begun < 2 * streams || place.host.waiting < streams) await pause(5);
    const toldAt = performance.now();
    const stopping = server.stop();
    const ended = await Promise.all(ending);
    expect(kindsOf(ended)).toEqual(new Set(['complete']));
    expect(await ask({ url, key, model: 'cancelled', plan: { number: 5_000, words: 1, pauseMs: 0 } })).not.toMatchObject({
      kind: 'complete',
    });
    const { code } = await stopping;
    const tookMs = performance.now() - toldAt;
    expect(code).toBe(0);
    expect(kindsOf(await Promise.all(endless))).not.toContain('complete');

    const books = sqliteBooks(place.dataFile);
    try {
      await expectRightBooks(books);
      expect(await openHolds(books)).toBe(0);
      const charged = new Map((await postedRequests(books)).map((each) => [each.inputTokens, each.charged]));
      for (let index = 0; index < streams; index++) {
        expect(charged.get(1 + index)).toBe(costOf(1 + index, 20));
        expect(charged.get(1_001 + index)).toBe(costOf(1_001 + index, wordsOfEndless));
      }
      return {
        'streams that ended in time': streams,
        'streams cut and settled': streams,
        'time to drain': milliseconds(drainMs),
        'SIGTERM to the end of the process': milliseconds(tookMs),
      };
    } finally {
      await books.close();
    }
  } finally {
    await place.remove();
  }
}

function kindsOf(replies: readonly Reply[]): ReadonlySet<string> {
  return new Set(replies.map(({ kind }) => kind));
}
