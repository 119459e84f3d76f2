import { afterAll, beforeAll, expect, test } from 'vitest';
import { ordinarySampling, tinyEngine, tinyRequest } from '../../tests/support/tiny-gguf/tiny-engine.ts';
import { abortMany } from '../../tests/support/tiny-gguf/abort-many.ts';
import type { EventBatch } from '../model/event.ts';
import { foldStream } from '../model/stream.ts';
import type { EngineFigures } from './engine.ts';
import type { LocalEngine } from './local-engine.ts';

const never = new AbortController().signal;
const long = tinyRequest('Hello', { limits: { completionTokens: 1900 } });

let engine: LocalEngine;
beforeAll(async () => {
  engine = await tinyEngine(undefined, { queueLimit: 2 });
});
afterAll(() => engine.close());

test('an abort ends the answer with what was used, and frees its sequence', async () => {
  const abort = new AbortController();
  const batches: EventBatch[] = [];
  const reading = (async () => {
    for await (const batch of engine.run(long, abort.signal)) {
      batches.push(batch);
      if (batches.length === 2) abort.abort();
    }
  })();
  await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
  const last = batches.at(-1)?.at(-1);
  expect(last?.kind).toBe('usage');
  expect(last?.kind === 'usage' && (last.usage.output.total ?? 0) > 0 && (last.usage.output.total ?? 0) < 1900).toBe(true);
  expect(batches.flat().some((event) => event.kind === 'answer-end')).toBe(false);
  expect(await engine.figures()).toMatchObject({ activeSequences: 0, queued: 0 });
});

test('a reader that leaves stops the work as well', async () => {
  const before = await engine.figures();
  for await (const _ of engine.run(long, never)) break;
  const after = await idle();
  expect(after.tokensEvaluated - before.tokensEvaluated).toBeLessThan(1000);
});

test('an abort that came before the request costs nothing', async () => {
  const before = await engine.figures();
  await expect(foldStream(engine.run(long, AbortSignal.abort()))).rejects.toMatchObject({ code: 'cancelled' });
  expect((await engine.figures()).tokensEvaluated).toBe(before.tokensEvaluated);
});

test('a slow reader stops its own answer, not the others, and loses nothing', async () => {
  const request = tinyRequest('Hello', { limits: { completionTokens: 1900 }, sampling: { ...ordinarySampling, seed: 1 } });
  const slow = engine.run(request, never)[Symbol.asyncIterator]();
  await slow.next();
  const figures = await Promise.all(
    [1, 2, 3].map(async () => {
      await foldStream(engine.run(tinyRequest('Hi', { limits: { completionTokens: 600 } }), never));
      return engine.figures();
    }),
  );
  expect(figures.length).toBe(3);
  const events = [];
  for (let next = await slow.next(); next.done !== true; next = await slow.next()) events.push(...next.value);
  expect(events.at(-1)).toMatchObject({ kind: 'usage', usage: { output: { total: 1900 } } });
});

test('more than the queue holds are refused as overloaded, the others all answered', async () => {
  const results = await Promise.allSettled(
    Array.from({ length: 12 }, () => foldStream(engine.run(tinyRequest('Hello', { limits: { completionTokens: 300 } }), never))),
  );
  const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.every((fault) => fault.code === 'overloaded' && fault.retryAfterSeconds > 0)).toBe(true);
  expect(results.length - refused.length).toBeGreaterThanOrEqual(4);
  expect(await engine.figures()).toMatchObject({ activeSequences: 0, queued: 0 });
});

test('an abort in the queue gives up the place', async () => {
  const running = Array.from({ length: 4 }, () => engine.run(long, never)[Symbol.asyncIterator]());
  await Promise.all(running.map((stream) => stream.next()));
  const abort = new AbortController();
  const waiting = foldStream(engine.run(long, abort.signal));
  while ((await engine.figures()).queued === 0);
  abort.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
  expect((await engine.figures()).queued).toBe(0);
  for (const stream of running) await stream.return?.();
  expect((await idle()).activeSequences).toBe(0);
});

test('200 aborts leak nothing', async () => {
  const many = await tinyEngine();
  try {
    await abortMany(many, 200);
  } finally {
    await many.close();
  }
});

/** The figures once no sequence is at work. A reader that leaves does not wait for its own to stop. */
async function idle(): Promise<EngineFigures> {
  for (;;) {
    const figures = await engine.figures();
    if (figures.activeSequences === 0) return figures;
  }
}
