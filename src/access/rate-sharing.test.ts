import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lawRuns } from '../../tests/support/arbitraries/fuzz-runs.ts';
import { minuteMs } from './allowance.ts';
import { RateLimiter, type Limited } from './rate-limiter.ts';
import { RateSharing, type OthersCount, type RateShare } from './rate-sharing.ts';

const limited: Limited = { keyId: 'k', requestsPerMinute: 10, tokensPerMinute: 1_000 };

/** The table that processes share, as a map. */
class SharedTable {
  readonly rows = new Map<string, OthersCount>();
  rounds = 0;
  fault: Error | undefined;

  of(replicaId: string): RateShare {
    return {
      share: async ({ changed, watched, leftBehind }) => {
        this.rounds += 1;
        if (this.fault !== undefined) throw this.fault;
        for (const { keyId, requests, tokens } of changed) {
          const place = `${keyId} ${replicaId}`;
          const beat = (this.rows.get(place)?.beat ?? 0) + 1;
          if (requests === 0 && tokens === 0) this.rows.delete(place);
          else this.rows.set(place, { keyId, replicaId, beat, requests, tokens });
        }
        for (const { keyId, replicaId: dead, beat } of leftBehind)
          if (this.rows.get(`${keyId} ${dead}`)?.beat === beat) this.rows.delete(`${keyId} ${dead}`);
        return [...this.rows.values()].filter((row) => row.replicaId !== replicaId && watched.includes(row.keyId));
      },
    };
  }
}

/** So many processes over one table, on one clock that is moved by hand. */
function replicas(count: number) {
  const table = new SharedTable();
  const time = { now: 0 };
  const faults: unknown[] = [];
  const all = Array.from({ length: count }, (_, index) => {
    const limiter = new RateLimiter();
    const share = table.of(`replica_${index}`);
    const sharing = new RateSharing({ limiter, share, ticks: () => time.now, onFault: (error) => faults.push(error) });
    return { limiter, sharing, admit: (): boolean => limiter.admit(limited, time.now).requests?.retryMs === undefined };
  });
  const round = async (): Promise<void> => {
    for (const { sharing } of all) await sharing.round();
  };
  return { table, time, faults, all, round };
}

function pick<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new RangeError(`There is no item ${index}.`);
  return item;
}

test('what one process admitted is missing in the others after the next round', async () => {
  const { all, round } = replicas(2);
  const [one, other] = [pick(all, 0), pick(all, 1)];
  for (let index = 0; index < 7; index++) one.admit();
  other.admit();
  one.limiter.count(limited, 400, 0);
  await round();
  await round();
  expect(one.limiter.look(limited, 0)).toMatchObject({ requests: { remaining: 2 }, tokens: { remaining: 600 } });
  expect(other.limiter.look(limited, 0)).toMatchObject({ requests: { remaining: 2 }, tokens: { remaining: 600 } });
  expect([other.admit(), other.admit(), other.admit()]).toEqual([true, true, false]);
});

test('with a round before every request, no more than the limit pass in any minute, whoever is asked', async () => {
  const steps = fc.array(fc.record({ who: fc.nat({ max: 2 }), pauseMs: fc.integer({ min: 0, max: 9_000 }) }), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(steps, async (history) => {
      const { all, time, round } = replicas(3);
      const passed: number[] = [];
      for (const { who, pauseMs } of history) {
        time.now += pauseMs;
        const isFull = passed.filter((at) => at > time.now - minuteMs).length >= 10;
        // The first round tells what is over by now, the second hears it from whoever told it after.
        for (const _ of ['tell', 'hear']) {
          for (const { limiter } of all) limiter.look(limited, time.now);
          await round();
        }
        expect(pick(all, who).admit()).toBe(!isFull);
        if (!isFull) passed.push(time.now);
      }
    }),
    { numRuns: lawRuns },
  );
});

test('a request that others leave no room for is told to come again soon, and by when all is back', async () => {
  const { all, round } = replicas(2);
  const [one, other] = [pick(all, 0), pick(all, 1)];
  other.limiter.look(limited, 0);
  for (let index = 0; index < 10; index++) one.admit();
  await round();
  await round();
  expect(other.limiter.admit(limited, 0).requests).toEqual({ limit: 10, remaining: 0, resetMs: minuteMs, retryMs: 1_000 });
});

test('a process that died counts for a minute more, and what it left behind is then taken out', async () => {
  const { all, table, time } = replicas(2);
  const [dying, living] = [pick(all, 0), pick(all, 1)];
  for (let index = 0; index < 10; index++) dying.admit();
  await dying.sharing.round();
  const remaining = async (): Promise<number | undefined> => {
    living.limiter.count(limited, 1, time.now);
    await living.sharing.round();
    return living.limiter.look(limited, time.now).requests?.remaining;
  };
  expect(await remaining()).toBe(0);
  for (time.now = 1_000; time.now < 65_000; time.now += 1_000) expect(await remaining()).toBe(0);
  expect(await remaining()).toBe(10);
  await living.sharing.round();
  expect([...table.rows.values()].map(({ replicaId }) => replicaId)).toEqual(['replica_1']);
});

test('nothing is asked of the store while no limited key is in use, and nothing stays there afterwards', async () => {
  const { all, table, time, round } = replicas(2);
  await round();
  expect(table.rounds).toBe(0);
  pick(all, 0).limiter.admit({ keyId: 'free' }, 0);
  await round();
  expect(table.rounds).toBe(0);
  pick(all, 0).admit();
  await round();
  expect(table.rows.size).toBe(1);
  time.now = minuteMs;
  await round();
  expect(table.rows.size).toBe(0);
  time.now += minuteMs;
  await round();
  const { rounds } = table;
  await round();
  expect(table.rounds).toBe(rounds);
});

test('while the store is away decisions go on, and what was heard before is forgotten after a minute', async () => {
  const { all, table, time, faults, round } = replicas(2);
  const [one, other] = [pick(all, 0), pick(all, 1)];
  for (let index = 0; index < 9; index++) one.admit();
  other.admit();
  await round();
  await round();
  table.fault = new Error('the store is away');
  time.now = 30_000;
  expect(other.admit()).toBe(false);
  await round();
  expect(other.limiter.look(limited, time.now).requests?.remaining).toBe(0);
  expect(faults).toEqual([table.fault, table.fault]);
  time.now = minuteMs;
  await round();
  expect(other.admit()).toBe(true);
});
