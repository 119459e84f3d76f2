import { setTimeout as pause } from 'node:timers/promises';
import { expect, test, type TestContext } from 'vitest';
import { sqliteBooks, expectRightBooks, postedRequests } from './support/books.ts';
import { CuttableDisk, whyNoMounts } from './support/disks.ts';
import { times, type Figures } from './support/fault-run.ts';
import { expectJust, judge } from './support/judge.ts';
import { Load } from './support/load.ts';
import { Place, type ServerProcess } from './support/place.ts';
import { Shim } from './support/shim.ts';
import { stopProcess } from './support/stop-process.ts';

// A SIGKILL proves nothing about fsync: the kernel keeps what was written. Here the disk keeps only what was synced.

interface Rig {
  readonly disk: CuttableDisk;
  readonly place: Place;
}

async function withRig(use: (rig: Rig) => Promise<void>): Promise<void> {
  const disk = await CuttableDisk.mount(192);
  try {
    const place = await Place.make({ home: disk.folder, balances: Array.from({ length: 8 }, () => 1_000_000_000_000n) });
    try {
      await disk.sync();
      await use({ disk, place });
    } finally {
      await place.remove();
    }
  } finally {
    await disk.remove();
  }
}

/** Nothing of the server can be heard after the moment whose disk is kept. */
async function cut({ disk }: Rig, server: ServerProcess): Promise<void> {
  await stopProcess(server.processId);
  await disk.keepWhatIsWritten();
  await server.kill();
  await disk.comeBack();
}

function lostSoFar({ asked }: Load, place: Place): Promise<readonly number[]> {
  return withBooks(place, async (books) => {
    await expectRightBooks(books);
    return judge(asked, await postedRequests(books)).lost;
  });
}

async function withBooks<Result>(
  place: Place,
  look: (books: ReturnType<typeof sqliteBooks>) => Promise<Result>,
): Promise<Result> {
  const books = sqliteBooks(place.dataFile);
  try {
    return await look(books);
  } finally {
    await books.close();
  }
}

function refuseWithoutMounts({ skip }: TestContext): void {
  const why = whyNoMounts();
  if (why !== undefined) skip(why);
}

test('what was acknowledged before a power cut is there after it', async (context) => {
  refuseWithoutMounts(context);
  await withRig(async (rig) => {
    const cuts = times({ full: 50, quick: 3 });
    let server: ServerProcess | undefined = await rig.place.serve();
    const load = new Load({ place: rig.place, urls: () => (server === undefined ? [] : [server.url]), callers: 24 });
    for (let round = 1; round <= cuts; round++) {
      await pause(150 + Math.random() * 500);
      const running: ServerProcess = server;
      server = undefined;
      await cut(rig, running);
      expect(await lostSoFar(load, rig.place), `after cut ${round}`).toEqual([]);
      server = await rig.place.serve();
    }
    await load.stop();
    expect(await server.stop()).toMatchObject({ code: 0 });
    context.task.meta.figures = await withBooks(rig.place, async (books): Promise<Figures> => {
      return { cuts, ...(await expectJust(load.asked, books)), 'asked again': load.retries };
    });
  });
});

test('a disk whose fsync does nothing is found out in the same way', async (context) => {
  refuseWithoutMounts(context);
  const shim = await Shim.build();
  if (typeof shim === 'string') return context.skip(shim);
  try {
    await withRig(async (rig) => {
      let server: ServerProcess | undefined = await rig.place.serve(shim.environment);
      const load = new Load({ place: rig.place, urls: () => (server === undefined ? [] : [server.url]), callers: 24 });
      shim.letSync('lies');
      await load.sees(100);
      const running = server;
      server = undefined;
      await cut(rig, running);
      const acknowledged = load.asked.filter(({ replies }) => replies.some(({ kind }) => kind === 'complete')).length;
      const { length: lost } = await lostSoFar(load, rig.place);
      expect(lost).toBeGreaterThan(0);
      shim.letSync('works');
      server = await rig.place.serve();
      await load.stop();
      context.task.meta.figures = { 'acknowledged without fsync': acknowledged, 'of those lost': lost };
    });
  } finally {
    await shim.remove();
  }
});
