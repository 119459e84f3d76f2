import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Admission, type Place } from './admission.ts';

const open = new AbortController().signal;
const limits = { maxInFlight: 2, maxInFlightPerKey: 10, maxQueued: 2, maxQueueMs: 60_000 };

test('a full server queues, and a place that becomes free goes to who waited longest', async () => {
  const admission = new Admission(limits);
  const first = await admission.enter('a', open);
  await admission.enter('a', open);
  const order: string[] = [];
  const third = admission.enter('b', open).then(() => order.push('third'));
  void admission.enter('c', open).then(() => order.push('fourth'));
  expect(admission.queued).toBe(2);
  first.leave();
  await third;
  expect(order).toEqual(['third']);
  expect(admission.inFlight).toBe(2);
});

test('a full queue is refused with 503 and a time to come back', async () => {
  const admission = new Admission({ ...limits, maxQueued: 0 });
  await admission.enter('a', open);
  await admission.enter('a', open);
  await expect(admission.enter('b', open)).rejects.toMatchObject({ code: 'overloaded', retryAfterSeconds: 2 });
});

test('a key over its own limit is refused with 429 while others get in', async () => {
  const admission = new Admission({ ...limits, maxInFlightPerKey: 1 });
  const place = await admission.enter('a', open);
  await expect(admission.enter('a', open)).rejects.toMatchObject({ code: 'rate_limited', retryAfterSeconds: 1 });
  await admission.enter('b', open);
  place.leave();
  await admission.enter('a', open);
});

test('a limit that a key has of its own counts for it instead, above or below the one of every key', async () => {
  const admission = new Admission({ ...limits, maxInFlight: 10, maxInFlightPerKey: 2 });
  await admission.enter('narrow', open, 1);
  await expect(admission.enter('narrow', open, 1)).rejects.toMatchObject({
    code: 'rate_limited',
    message: expect.stringContaining('its limit is 1'),
  });
  for (let count = 0; count < 3; count++) await admission.enter('wide', open, 3);
  await expect(admission.enter('wide', open, 3)).rejects.toMatchObject({ code: 'rate_limited' });
});

test('a wait ends with 503 after its deadline', async () => {
  const admission = new Admission({ ...limits, maxInFlight: 1, maxQueueMs: 5 });
  await admission.enter('a', open);
  await expect(admission.enter('b', open)).rejects.toMatchObject({ code: 'overloaded' });
  expect(admission.queued).toBe(0);
});

test('a caller who leaves the queue leaves no trace', async () => {
  const admission = new Admission({ ...limits, maxInFlight: 1, maxInFlightPerKey: 1 });
  const place = await admission.enter('a', open);
  const leaving = new AbortController();
  const waiting = admission.enter('b', leaving.signal);
  leaving.abort();
  place.leave();
  await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
  expect([admission.inFlight, admission.queued]).toEqual([0, 0]);
  await admission.enter('b', open);
});

test('for any history of arrivals, departures and desertions no place is lost and the bounds hold', async () => {
  const step = fc.record({
    action: fc.constantFrom('enter', 'leave', 'desert'),
    key: fc.constantFrom('a', 'b', 'c'),
    pick: fc.nat(20),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (history) => {
      const admission = new Admission({ maxInFlight: 3, maxInFlightPerKey: 3, maxQueued: 3, maxQueueMs: 60_000 });
      const places: Place[] = [];
      const waiting: AbortController[] = [];
      const all: Promise<unknown>[] = [];
      for (const { action, key, pick } of history) {
        if (action === 'enter') {
          const controller = new AbortController();
          waiting.push(controller);
          all.push(
            admission.enter(key, controller.signal).then(
              (place) => places.push(place),
              () => undefined,
            ),
          );
        } else if (action === 'leave') places.splice(pick % Math.max(1, places.length), 1)[0]?.leave();
        else waiting[pick % Math.max(1, waiting.length)]?.abort();
        await Promise.resolve();
        expect(admission.inFlight).toBeLessThanOrEqual(3);
        expect(admission.queued).toBeLessThanOrEqual(3);
      }
      for (const controller of waiting) controller.abort();
      for (let place = places.pop(); place !== undefined; place = places.pop()) {
        place.leave();
        place.leave();
        await Promise.resolve();
      }
      await Promise.all(all);
      for (const place of places) place.leave();
      expect([admission.inFlight, admission.queued]).toEqual([0, 0]);
    }),
  );
});
