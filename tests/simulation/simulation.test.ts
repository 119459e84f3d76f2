import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openMemoryDatabase } from '../../src/store/memory/memory-database.ts';
import type { MemoryDatabase } from '../../src/store/memory/memory-database.ts';
import type { Row } from '../../src/store/sql/statement.ts';
import { emptySqlite } from '../ledger/stepped-stores.ts';
import { allEndStates } from './end-states.ts';
import { judge } from './judge.ts';
import type { Gap, Verdict } from './judge.ts';
import { plants } from './plants.ts';
import { simulate } from './simulate.ts';
import { uninstallTime } from './virtual-time.ts';
import type { Plant } from './world.ts';

vi.mock('node:timers/promises', async (original) => ({
  ...(await original<typeof import('node:timers/promises')>()),
  ...(await import('./virtual-time.ts')).virtualTimers,
}));

// The whole money line, with everything around it made of chance: a seed is a world, and the same seed is the same world.
// FLASHMUX_SEED=n lives through one of them, FLASHMUX_FUZZ_RUNS=n through the first n.

const only = process.env['FLASHMUX_SEED'];
const seeds = Array.from({ length: Number(process.env['FLASHMUX_FUZZ_RUNS'] ?? 1_000) }, (_, index) => index + 1);

/** Milliseconds; a world takes some ten of them, on a machine that does nothing else. */
const timeout = 300_000 + 500 * seeds.length;

let database: MemoryDatabase;
beforeAll(() => {
  database = openMemoryDatabase();
});
afterAll(() => {
  uninstallTime();
  database.close();
});

async function verdictOn(seed: number, plant?: Plant): Promise<Verdict> {
  emptySqlite(database);
  try {
    const story = await simulate(seed, database, plant);
    const rows = (text: string): readonly Row[] => database.rows({ text, values: [] });
    return await judge(story, { sql: 'sqlite', rows: async (text) => rows(text), rowsOfEach: async (texts) => texts.map(rows) });
  } catch (error) {
    return { violations: [error instanceof Error ? (error.stack ?? error.message) : String(error)], gaps: [], endStates: [] };
  }
}

test('in no world is anything charged twice, lost, charged for nothing, or left open', { timeout }, async () => {
  const reached = new Set<string>();
  for (const seed of only === undefined ? seeds : [Number(only)]) {
    const { violations, endStates } = await verdictOn(seed);
    expect(violations, `FLASHMUX_SEED=${seed}`).toEqual([]);
    for (const endState of endStates) reached.add(endState);
  }
  if (only === undefined) expect([...reached].toSorted()).toEqual(allEndStates.toSorted());
});

test('a seed is a world: whoever lives through it again sees the same', async () => {
  for (const seed of [3, 5, 8]) {
    await verdictOn(seed);
    const first = rowsOf(database);
    await verdictOn(seed);
    expect(rowsOf(database)).toEqual(first);
    expect(first.length).toBeGreaterThan(0);
  }
});

test.each(plants)('a mistake that was planted is found: $mistake', { timeout }, async ({ plant, found }) => {
  for (const seed of seeds.slice(0, 300)) {
    const { violations } = await verdictOn(seed, plant);
    if (violations.some((violation) => found.test(violation))) return;
  }
  expect.fail('No world shows it.');
});

test('a replay tells what was charged, also where the bill was above the hold', async () => {
  expect(await gapsOf('replay above its hold')).toEqual([]);
});

test('an answer that ends in an error before its first word is free, whatever its host counts', async () => {
  expect(await gapsOf('charge for an error')).toEqual([]);
});

async function gapsOf(kind: Gap['kind']): Promise<readonly Gap[]> {
  const gaps: Gap[] = [];
  for (const seed of seeds.slice(0, 60)) gaps.push(...(await verdictOn(seed)).gaps.filter((gap) => gap.kind === kind));
  return gaps;
}

function rowsOf({ rows }: MemoryDatabase): readonly unknown[] {
  return ['holds', 'entries', 'request_records'].flatMap((table) => rows({ text: `SELECT * FROM ${table}`, values: [] }));
}
