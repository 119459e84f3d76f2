import { expect, test, vi } from 'vitest';
import type { Usage } from '../model/usage.ts';
import { drain, ending, exchangeOf, failsWith, good, open, say, start, untilAborted, used } from './serve.test-support.ts';

// What a call has used is told to whoever holds the limits of its key: once, as soon as it is known, however the call ends.

const totals = (usages: readonly Usage[]) => usages.map(({ input, output }) => [input.total, output.total]);

test('what an answer used is told before its usage event, and once', async () => {
  const { serve, books } = await exchangeOf(good);
  const told: Usage[] = [];
  let toldBefore = -1;
  for await (const batch of serve({ onUsage: (usage) => told.push(usage) }))
    if (batch.some(({ kind }) => kind === 'usage')) toldBefore = told.length;
  await books();
  expect(toldBefore).toBe(1);
  expect(totals(told)).toEqual([[10, 5]]);
});

test('a settlement that has to be tried again tells it once', async () => {
  const { serve, books, ledger } = await exchangeOf(good);
  const settle = vi.spyOn(ledger, 'settle').mockRejectedValueOnce(new Error('the store is away'));
  const told: Usage[] = [];
  await drain(serve({ onUsage: (usage) => told.push(usage) })).catch(() => undefined);
  await books();
  expect(settle.mock.calls.length).toBeGreaterThan(1);
  expect(totals(told)).toEqual([[10, 5]]);
});

test('a caller who leaves in the middle has used what was said until then', async () => {
  const { serve, books } = await exchangeOf(async function* (signal) {
    yield [start, open, say('Hello')];
    await untilAborted(signal);
  });
  const told: Usage[] = [];
  for await (const _ of serve({ onUsage: (usage) => told.push(usage) })) break;
  await books();
  expect(told).toMatchObject([{ estimated: true, output: { total: 'Hello'.length } }]);
});

test('of several attempts only the one that answered counts, and a call that produced nothing tells nothing', async () => {
  const after = await exchangeOf(failsWith('upstream_failed'), async function* () {
    yield [start];
    yield [open, say('Hi'), ...ending, used(3, 2)];
  });
  const told: Usage[] = [];
  await drain(after.serve({ onUsage: (usage) => told.push(usage) }));
  expect(totals(told)).toEqual([[3, 2]]);

  const failing = await exchangeOf(failsWith('upstream_failed'));
  await drain(failing.serve({ onUsage: (usage) => told.push(usage) })).catch(() => undefined);
  await failing.books();
  expect(told).toHaveLength(1);
});
