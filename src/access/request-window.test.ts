import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RequestWindow } from './request-window.ts';

const minuteMs = 60_000;

/** Pauses between requests: bursts, odd fractions, and steps to the edge of the minute. */
const pauses = fc.array(
  fc.oneof(fc.constantFrom(0, 1, 59_999, minuteMs, minuteMs + 1), fc.double({ min: 0, max: 30_000, noNaN: true })),
  { maxLength: 200 },
);

test('never do more than the limit pass within any minute, and none is refused that would fit', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), pauses, (limit, steps) => {
      const window = new RequestWindow();
      const passed: number[] = [];
      let now = 0;
      for (const step of steps) {
        now += step;
        const inLastMinute = passed.filter((time) => time > now - minuteMs).length;
        const before = window.look(limit, now);
        const { remaining, retryMs } = window.take(limit, now);
        expect(before.remaining).toBe(limit - inLastMinute);
        expect(retryMs === undefined).toBe(inLastMinute < limit);
        expect(remaining).toBe(Math.max(0, limit - inLastMinute - 1));
        if (retryMs === undefined) passed.push(now);
      }
      for (const start of passed) {
        expect(passed.filter((time) => time >= start && time < start + minuteMs).length).toBeLessThanOrEqual(limit);
      }
    }),
  );
});

test('what is told is kept: a refused request passes after its wait and not before, and after the reset all are back', () => {
  const times = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), times, (limit, steps) => {
      const window = new RequestWindow();
      let now = 0;
      for (const step of steps) {
        now += step;
        const { retryMs } = window.take(limit, now);
        if (retryMs === undefined) continue;
        expect(retryMs).toBeGreaterThan(0);
        expect(window.look(limit, now + retryMs - 1).remaining).toBe(0);
        now += retryMs;
        expect(window.take(limit, now).retryMs).toBeUndefined();
      }
      const { resetMs } = window.look(limit, now);
      expect(window.look(limit, now + resetMs)).toEqual({ limit, remaining: limit, resetMs: 0 });
    }),
  );
});
