import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LogSketch, relativeError } from './log-sketch.ts';

const runs = { numRuns: Number(process.env['FLASHMUX_FUZZ_RUNS'] ?? 200) };
const range = { lowest: 1, highest: 1_000_000 };
const values = fc.array(fc.double({ min: 1, max: 1_000_000, noNaN: true }), { maxLength: 200 });
const shares = [0.001, 0.25, 0.5, 0.75, 0.9, 0.99, 1];

function sketchOf(...lists: readonly (readonly number[])[]): LogSketch {
  const sketch = new LogSketch(range);
  for (const value of lists.flat()) sketch.add(value);
  return sketch;
}

function merged(...sketches: readonly LogSketch[]): LogSketch {
  const all = new LogSketch(range);
  for (const sketch of sketches) all.absorb(sketch);
  return all;
}

const told = (sketch: LogSketch): unknown => [sketch.count, ...shares.map((share) => sketch.quantile(share))];

test('a quantile is within the stated error of the exact one', () => {
  fc.assert(
    fc.property(values, fc.double({ min: 0.001, max: 1, noNaN: true }), (list, share) => {
      const exact = list.toSorted((one, other) => one - other)[Math.ceil(share * list.length) - 1];
      const quantile = sketchOf(list).quantile(share);
      if (exact === undefined) expect(quantile).toBeUndefined();
      else expect(Math.abs((quantile ?? 0) - exact) / exact).toBeLessThanOrEqual(relativeError + 1e-9);
    }),
    runs,
  );
});

test('merging is adding: any order and any grouping say the same as one sketch of everything', () => {
  fc.assert(
    fc.property(values, values, values, (one, two, three) => {
      const [a, b, c] = [sketchOf(one), sketchOf(two), sketchOf(three)];
      const whole = told(sketchOf(one, two, three));
      expect(told(merged(merged(a, b), c))).toEqual(whole);
      expect(told(merged(a, merged(b, c)))).toEqual(whole);
      expect(told(merged(c, a, b))).toEqual(whole);
    }),
    runs,
  );
});

test('what lies outside the range is counted at its ends', () => {
  const sketch = sketchOf([0, 1e12]);
  expect(sketch.quantile(0.5)).toBe(1);
  expect((sketch.quantile(1) ?? 0) / range.highest).toBeCloseTo(1, 1);
});
