import type { LedgerAlarm } from '../../src/ledger/create-ledger.ts';
import type { LedgerStore } from '../../src/ledger/ledger-store.ts';
import type { MemoryDatabase } from '../../src/store/memory/memory-database.ts';
import { callSometimes } from './caller.ts';
import type { Try } from './caller.ts';
import { Chance } from './chance.ts';
import type { UpstreamWork } from './upstream.ts';
import { installTime, VirtualTime } from './virtual-time.ts';
import { World } from './world.ts';
import type { Plant, ServerProcess } from './world.ts';

/** What happened in one world, for whoever judges it. */
export interface Story {
  readonly tries: readonly Try[];
  readonly works: readonly UpstreamWork[];
  readonly alarms: readonly LedgerAlarm[];
  /** What is wrong with the last process: places that nobody gave back, settlements that nobody made. */
  readonly leftovers: readonly string[];
  /** As the disk has it, seen by a process that started after all this. */
  readonly store: LedgerStore;
}

/**
 * The life of a server for half a minute: callers come, hosts fail, the store goes away and comes back, the clock jumps, prices
 * change, and now and then the process dies and another one starts. Then everything heals, and nothing may be left undone.
 */
export async function simulate(seed: number, database: MemoryDatabase, plant: Plant = {}): Promise<Story> {
  const chance = new Chance(seed);
  const time = new VirtualTime();
  installTime(time);
  const world = new World({ chance, time, database, plant });
  return await time.tell(live(world, { chance, time }));
}

interface Means {
  readonly chance: Chance;
  readonly time: VirtualTime;
}

async function live(world: World, { chance, time }: Means): Promise<Story> {
  const tries: Try[] = [];
  let server: ServerProcess | undefined = world.start();
  await openAccounts(world.openStore(server.epochId), world, chance);
  let isOver = false;
  let isCalm = false;
  const sweeps = sweep(() => server, { time, isOver: () => isOver, isCalm: () => isCalm });
  const tidying = tidy(() => server, { time, isOver: () => isCalm });
  const troubles = [
    ...times(chance.under(3), async () => {
      await time.sleep(chance.between(1_000, 30_000));
      // One that is dead already starts again by itself, and only one may.
      if (server === undefined) return;
      server.die();
      server = undefined;
      await time.sleep(chance.between(100, 3_000));
      server = world.start();
    }),
    ...times(chance.under(2), async () => {
      await time.sleep(chance.between(1_000, 25_000));
      world.cutStore(chance.between(1_000, 30_000));
    }),
    ...times(chance.under(3), async () => {
      await time.sleep(chance.between(1_000, 25_000));
      world.jumpClock(chance.pick([-3_600_000, 3_600_000, 86_400_000, 1_000]));
    }),
    ...times(chance.under(2), async () => {
      await time.sleep(chance.between(1_000, 25_000));
      world.changePrices();
    }),
  ];
  const callers = times(chance.between(4, 10), (number) =>
    callSometimes({ number, world, chance: chance.split(), time, server: () => server, tries }),
  );
  await Promise.all([...callers, ...troubles]);
  world.heal();
  isCalm = true;
  await server?.exchange.settled(4 * 3_600_000);
  // Long enough for every hold that nobody knows of to be swept.
  await time.sleep(3 * 3_600_000 + 900_000);
  // Nobody asks for anything any more, so the last leases go back.
  await tidying;
  await server?.tidy();
  await server?.tidy();
  isOver = true;
  await sweeps;

  const leftovers: string[] = [];
  if (server !== undefined && server.admission.inFlight > 0)
    leftovers.push(`${server.admission.inFlight} places were never given back`);
  if (server !== undefined && server.admission.queued > 0) leftovers.push(`${server.admission.queued} callers wait for ever`);
  const open = await openHolds(world.openStore(server?.epochId ?? 'nobody'), tries);
  for (const requestId of open)
    leftovers.push(`the hold of ${requestId} is open although its process lives and has nothing to do`);
  const store = world.openStore('boot_last');
  return { tries, works: world.works, alarms: world.alarms, leftovers, store };
}

function times<Result>(count: number, make: (number: number) => Result): Result[] {
  return Array.from({ length: count }, (_, number) => make(number + 1));
}

async function openAccounts(store: LedgerStore, world: World, chance: Chance): Promise<void> {
  const createdAt = world.clock.now();
  const account = { limit: 'prepaid', overdraft: 0n, createdAt } as const;
  await store.openAccount({ ...account, id: 'customer' });
  await store.openAccount({ ...account, id: 'team', parentId: 'customer' });
  await store.openAccount({ ...account, id: 'budget', parentId: 'team', budget: { amount: 2_000_000_000n, period: 'day' } });
  const credit = { kind: 'topup', at: createdAt } as const;
  await store.credit({ ...credit, accountId: 'customer', ref: 'first', amount: BigInt(chance.between(1, 9)) * 1_000_000_000n });
  await store.credit({ ...credit, accountId: 'team', ref: 'second', amount: BigInt(chance.between(1, 6)) * 1_000_000_000n });
  const grant = { accountId: 'customer', at: createdAt, expiresAt: createdAt + chance.between(1_000, 40_000) } as const;
  if (chance.oneIn(3)) await store.grant({ ...grant, ref: 'gift', gift: { unit: 'usd', amount: 900_000_000n } });
  if (chance.oneIn(3)) await store.grant({ ...grant, ref: 'free', gift: { unit: 'tokens', count: 2_000 }, renewEveryMs: 15_000 });
}

/** What main does every minute, and more often while there is trouble. */
async function sweep(
  server: () => ServerProcess | undefined,
  { time, isOver, isCalm }: { readonly time: VirtualTime; readonly isOver: () => boolean; readonly isCalm: () => boolean },
): Promise<void> {
  while (!isOver()) {
    await time.sleep(isCalm() ? 600_000 : 4_000);
    const process = server();
    const swept = process?.ledger.expireHolds().catch(() => undefined);
    await Promise.race([swept, process?.death]);
  }
}

async function tidy(
  server: () => ServerProcess | undefined,
  { time, isOver }: { readonly time: VirtualTime; readonly isOver: () => boolean },
): Promise<void> {
  while (!isOver()) {
    await time.sleep(1_000);
    await server()?.tidy();
  }
}

async function openHolds(store: LedgerStore, tries: readonly Try[]): Promise<readonly string[]> {
  const holds = await Promise.all(tries.map(({ requestId }) => store.findHold(requestId)));
  return holds.filter((hold) => hold?.state === 'open').map((hold) => hold?.requestId ?? '');
}
