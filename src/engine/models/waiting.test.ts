import { expect, it } from 'vitest';
import { pause, throwIfAborted, withDeadline } from './waiting.ts';

const never = new AbortController().signal;

it('work past its deadline is told to stop, and the fault says so', async () => {
  const work = withDeadline(10, never, async (signal) => {
    await pause(60_000, signal);
  });
  await expect(work).rejects.toMatchObject({ code: 'upstream_timeout' });
  expect(await withDeadline(60_000, never, () => Promise.resolve(7))).toBe(7);
});

it('an abort is no deadline', async () => {
  const abort = new AbortController();
  const work = withDeadline(60_000, abort.signal, (signal) => pause(60_000, signal));
  abort.abort();
  await expect(work).rejects.toMatchObject({ code: 'cancelled' });
  expect(() => throwIfAborted(abort.signal)).toThrow('cancelled');
});
