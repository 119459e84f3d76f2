import { expect } from 'vitest';
import { runFlashmux } from '../cli/flashmux-process.ts';
import { sqliteBooks } from './support/books.ts';
import type { Figures } from './support/fault-run.ts';
import { expectJust } from './support/judge.ts';
import { Load } from './support/load.ts';
import { Place } from './support/place.ts';

/** While one server is at work, others want its data file: all at once, as often as it says. */
export async function startMoreServers(rounds: number, atOnce: number): Promise<Figures> {
  const place = await Place.make({ balances: Array.from({ length: 8 }, () => 1_000_000_000_000n) });
  try {
    const server = await place.serve();
    const load = new Load({ place, urls: () => [server.url], callers: 8 });
    for (let round = 0; round < rounds; round++) {
      const others = await Promise.all(Array.from({ length: atOnce }, () => runFlashmux(['serve'], { home: place.home })));
      for (const { code, stderr } of others) {
        expect(stderr).toContain(`is in use by another flashmux server (process ${server.processId} on`);
        expect(code).toBe(1);
      }
    }
    await load.stop();
    expect(await server.stop()).toMatchObject({ code: 0 });
    const books = sqliteBooks(place.dataFile);
    try {
      return { 'servers refused': rounds * atOnce, ...(await expectJust(load.asked, books)) };
    } finally {
      await books.close();
    }
  } finally {
    await place.remove();
  }
}
