import { expect } from 'vitest';
import type { LocalEngine } from '../../../src/engine/local-engine.ts';
import { foldStream } from '../../../src/model/stream.ts';
import { tinyRequest } from './tiny-engine.ts';

const atOnce = 4;
const allowedGrowthBytes = 48 * 2 ** 20;

/** Aborts so many answers at different points, four at a time, and checks that nothing of them stays. */
export async function abortMany(engine: LocalEngine, aborts: number): Promise<void> {
  // Buffers grow to their working size first.
  await abortSome(engine, 40);
  const before = await engine.figures();
  await abortSome(engine, aborts);
  let after = await engine.figures();
  // A reader that leaves does not wait for its sequence to stop.
  while (after.activeSequences > 0) after = await engine.figures();
  expect(after).toMatchObject({ activeSequences: 0, queued: 0, restarts: before.restarts });
  expect(after.residentBytes - before.residentBytes).toBeLessThan(allowedGrowthBytes);
  const answer = await foldStream(engine.run(tinyRequest('Still there?'), new AbortController().signal));
  expect(answer.usage?.output.total).toBe(32);
}

async function abortSome(engine: LocalEngine, aborts: number): Promise<void> {
  for (let done = 0; done < aborts; done += atOnce) {
    await Promise.all(Array.from({ length: Math.min(atOnce, aborts - done) }, (_, index) => abortOne(engine, done + index)));
  }
}

/** By the number's remainder: before the first event, after the first, or in the middle; by signal or by leaving the loop. */
async function abortOne(engine: LocalEngine, number: number): Promise<void> {
  const abort = new AbortController();
  const request = tinyRequest(`Request ${number}. ${'Some words. '.repeat(number % 40)}`, { limits: { completionTokens: 1000 } });
  const batchesWanted = number % 3;
  if (batchesWanted === 0) setImmediate(() => abort.abort());
  let batches = 0;
  try {
    for await (const _ of engine.run(request, abort.signal)) {
      if (++batches < batchesWanted) continue;
      if (number % 2 === 0) break;
      abort.abort();
    }
  } catch (error) {
    expect(error).toMatchObject({ code: 'cancelled' });
  }
}
