import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LogSketch } from './log-sketch.ts';
import { handClock } from './live.test-support.ts';
import { Pace } from './pace.ts';
import { minuteMs, RecentSketch } from './recent-sketch.ts';
import { leastCalls, Uptime } from './uptime.ts';

const runs = { numRuns: Number(process.env['FLASHMUX_FUZZ_RUNS'] ?? 100) };
const range = { lowest: 1, highest: 1_000_000 };
/** Steps of time, with what is measured after each. */
const history = fc.array(fc.tuple(fc.integer({ min: 0, max: 10 * minuteMs }), fc.integer({ min: 1, max: 100_000 })), {
  maxLength: 60,
});

test('a window holds exactly what was measured in its minutes', () => {
  fc.assert(
    fc.property(history, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 3_000_000 }), (steps, minutes, silence) => {
      const clock = handClock();
      const recent = new RecentSketch(range, minutes, clock.ticks);
      const seen: { readonly minute: number; readonly value: number }[] = [];
      for (const [pause, value] of steps) {
        clock.pass(pause);
        recent.add(value);
        seen.push({ minute: Math.floor(clock.ticks() / minuteMs), value });
      }
      clock.pass(silence);
      const now = Math.floor(clock.ticks() / minuteMs);
      const expected = new LogSketch(range);
      for (const { minute, value } of seen) if (minute > now - minutes) expected.add(value);
      const all = recent.merged();
      expect([all.count, all.quantile(0.5), all.quantile(0.99)]).toEqual([
        expected.count,
        expected.quantile(0.5),
        expected.quantile(0.99),
      ]);
    }),
    runs,
  );
});

test('uptime is successes among all calls of its minutes, and unknown with too few', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 400 * minuteMs }), fc.boolean()), { maxLength: 60 }), (steps) => {
      const clock = handClock();
      const uptime = new Uptime(clock.ticks);
      const seen: { readonly minute: number; readonly ok: boolean }[] = [];
      for (const [pause, ok] of steps) {
        clock.pass(pause);
        uptime.count(ok ? 'success' : 'failure');
        seen.push({ minute: Math.floor(clock.ticks() / minuteMs), ok });
      }
      const now = Math.floor(clock.ticks() / minuteMs);
      for (const minutes of [5, 30, 1440] as const) {
        const within = seen.filter(({ minute }) => minute > now - minutes);
        const share = within.filter(({ ok }) => ok).length / within.length;
        expect(uptime.share(minutes)).toBe(within.length < leastCalls ? undefined : share);
      }
    }),
    runs,
  );
});

test('pace lies between what was measured, and follows a host that has changed', () => {
  const clock = handClock();
  const pace = new Pace(600_000, clock.ticks);
  expect(pace.value).toBeUndefined();
  for (let call = 0; call < 100; call++) {
    pace.add(100);
    clock.pass(1_000);
  }
  expect(pace.value).toBeCloseTo(100);
  for (let call = 0; call < 40; call++) pace.add(1_000);
  expect(pace.value).toBeGreaterThan(800);
  expect(pace.value).toBeLessThanOrEqual(1_000);
});

test('a measurement of long ago counts little beside one of now', () => {
  const clock = handClock();
  const pace = new Pace(600_000, clock.ticks);
  for (let call = 0; call < 15; call++) pace.add(100);
  clock.pass(6_000_000);
  pace.add(1_000);
  expect(pace.value).toBeGreaterThan(950);
});
