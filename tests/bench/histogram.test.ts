import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Histogram } from '../../bench/gateway/measure/histogram.ts';

const durations = fc.array(fc.integer({ min: 1, max: 60_000_000 }), { minLength: 1, maxLength: 300 });

test('a quantile lies within one step above the value that sorting gives', () => {
  fc.assert(
    fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
      const histogram = new Histogram();
      for (const value of values) histogram.add(value);
      const sorted = values.toSorted((one, other) => one - other);
      const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? Number.NaN;
      expect(histogram.quantile(share)).toBeGreaterThanOrEqual(exact * (1 - 1e-9));
      expect(histogram.quantile(share)).toBeLessThanOrEqual(exact * 2 ** (1 / 64) * (1 + 1e-9));
    }),
  );
});

test('the summary tells milliseconds, and the largest value as it was', () => {
  const histogram = new Histogram();
  histogram.add(1_000, 98);
  histogram.add(5_000);
  histogram.add(70_000);
  const { count, p50Ms, p99Ms, maxMs } = histogram.summary();
  expect({ count, maxMs }).toEqual({ count: 100, maxMs: 70 });
  expect(p50Ms).toBeCloseTo(1, 1);
  expect(p99Ms).toBeCloseTo(5, 0);
});

test('nothing counted is nothing told', () => {
  expect(new Histogram().quantile(0.5)).toBeNaN();
  expect(new Histogram().summary()).toEqual({ count: 0, p50Ms: 0, p99Ms: 0, p999Ms: 0, maxMs: 0 });
});
