import { expect, test } from 'vitest';
import { sqliteBooks } from './support/books.ts';
import { expectJust } from './support/judge.ts';
import { Load } from './support/load.ts';
import { Place, type ServerProcess } from './support/place.ts';
import { Shim } from './support/shim.ts';
import { times } from './support/fault-run.ts';

// After a failed fsync the kernel may report success for the same pages although they never reached the disk: who goes on
// acknowledges what is lost.

test('a server whose disk refuses an fsync ends with an error, and after a restart the books are right', async ({
  task,
  skip,
}) => {
  const shim = await Shim.build();
  if (typeof shim === 'string') return skip(shim);
  const place = await Place.make({ balances: Array.from({ length: 8 }, () => 1_000_000_000_000n) });
  try {
    let server: ServerProcess | undefined;
    const load = new Load({ place, urls: () => (server === undefined ? [] : [server.url]), callers: 24 });
    const failures = times({ full: 20, quick: 2 });
    let refused = 0;
    for (let round = 1; round <= failures; round++) {
      shim.letSync('works');
      const running = await place.serve(shim.environment);
      server = running;
      await load.sees(load.asked.length + 30);
      const before = shim.failedSyncs;
      shim.letSync('fails');
      const { code, stderr } = await running.ended;
      server = undefined;
      expect(code).toBe(1);
      expect(stderr).toContain('the data file failed; nothing more is stored until a restart');
      expect(shim.failedSyncs).toBeGreaterThan(before);
      refused += shim.failedSyncs - before;
    }
    shim.letSync('works');
    server = await place.serve();
    await load.stop();
    expect(await server.stop()).toMatchObject({ code: 0 });
    const books = sqliteBooks(place.dataFile);
    try {
      task.meta.figures = { 'failed disks': failures, 'refused fsyncs': refused, ...(await expectJust(load.asked, books)) };
    } finally {
      await books.close();
    }
  } finally {
    await place.remove();
    await shim.remove();
  }
});
