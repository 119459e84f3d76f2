import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { expectRightBooks, postedRequests, sqliteBooks } from './support/books.ts';
import { SmallDisk, whyNoMounts } from './support/disks.ts';
import { times } from './support/fault-run.ts';
import { expectJust } from './support/judge.ts';
import { Load } from './support/load.ts';
import { Place } from './support/place.ts';

const streams = 20;

/** Takes what the disk still has, and gives it back. */
function fill(folder: string): () => void {
  const ballast = path.join(folder, 'ballast');
  const file = openSync(ballast, 'w');
  const piece = Buffer.alloc(4_096);
  try {
    for (;;) writeSync(file, piece);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  } finally {
    closeSync(file);
  }
  return () => rmSync(ballast);
}

test('on a full disk requests are refused with 503, nothing is half-written, and with space again everything is settled', async ({
  task,
  skip,
}) => {
  const why = whyNoMounts();
  if (why !== undefined) return skip(why);
  const disk = await SmallDisk.mount(64);
  try {
    const place = await Place.make({ home: disk.folder, balances: Array.from({ length: 8 }, () => 1_000_000_000_000n) });
    const books = (): ReturnType<typeof sqliteBooks> => sqliteBooks(place.dataFile);
    try {
      const server = await place.serve();
      const load = new Load({ place, urls: () => [server.url], callers: 24 });
      const overloaded = (): number => load.refusals.get('overloaded') ?? 0;
      const rounds = times({ full: 10, quick: 2 });
      const besides: Promise<void>[] = [];
      let waitedForSpace = 0;
      for (let round = 0; round < rounds; round++) {
        place.host.shut();
        for (let each = 1; each <= streams; each++) {
          besides.push(load.askBeside({ number: 200_000 + round * streams + each, words: 9, pauseMs: 0, waitsAfter: 3 }));
        }
        // Their credits are held, their first words are said.
        await load.until(() => place.host.waiting === streams);
        const free = fill(disk.folder);
        const before = overloaded();
        await load.until(() => overloaded() >= before + 50);
        // Now they want to settle.
        place.host.open();
        await load.until(() => overloaded() >= before + 200);
        const full = books();
        await expectRightBooks(full);
        const numbers = (await postedRequests(full)).map(({ inputTokens }) => inputTokens ?? 0);
        const settled = numbers.filter(
          (number) => number > 200_000 + round * streams && number <= 200_000 + (round + 1) * streams,
        );
        // A file of the database may have had room inside, and then some of them are settled, whole.
        waitedForSpace += streams - settled.length;
        await full.close();
        free();
        await Promise.all(besides);
        await load.sees(load.asked.length + 50);
      }
      await load.stop();
      expect(await server.stop()).toMatchObject({ code: 0 });
      expect([...load.refusals.keys()].toSorted()).toEqual(expect.arrayContaining(['overloaded']));
      expect(waitedForSpace).toBeGreaterThan(0);
      const after = books();
      task.meta.figures = {
        'times full': rounds,
        ...(await expectJust(load.asked, after)),
        'refused with 503': overloaded(),
        'settled once there was space': waitedForSpace,
      };
      await after.close();
    } finally {
      await place.remove();
    }
  } finally {
    await disk.remove();
    await pause(0);
  }
});
