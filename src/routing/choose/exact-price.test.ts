import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Tier } from '../../model/money.ts';
import { cheapness, isDearer, usualCost } from './exact-price.ts';

const runs = { numRuns: Number(process.env['FLASHMUX_FUZZ_RUNS'] ?? 500) };
/** Whole billionths of a dollar, and the same as decimal text. */
const billionths = fc.bigInt({ min: 0n, max: 10n ** 15n });
const text = (amount: bigint): string => `${amount / 10n ** 9n}.${(amount % 10n ** 9n).toString().padStart(9, '0')}`;
const perMillion = (usd: string): Tier => ({ rates: { 'input-text': { usd, per: 1_000_000 } } });

test('a price is dearer than a limit exactly where it is more, to the last digit', () => {
  const near = fc
    .tuple(billionths, fc.bigInt({ min: -2n, max: 2n }))
    .map(([one, by]) => [one, one + by < 0n ? 0n : one + by] as const);
  fc.assert(
    fc.property(fc.oneof(near, fc.tuple(billionths, billionths)), ([price, most]) => {
      expect(isDearer(perMillion(text(price)), 'input-text', 'million', text(most))).toBe(price > most);
    }),
    runs,
  );
});

test('what is sold by the token is compared with a limit for a million of them', () => {
  const byToken: Tier = { rates: { 'input-text': { usd: '0.0000004', per: 1 } } };
  expect(isDearer(byToken, 'input-text', 'million', '0.4')).toBe(false);
  expect(isDearer(byToken, 'input-text', 'million', '0.399999999')).toBe(true);
  expect(isDearer({ rates: { request: { usd: '0.01', per: 1 } } }, 'request', 'one', '0.0099')).toBe(true);
});

test('what has no price breaks no limit', () => {
  expect(isDearer({ rates: {} }, 'input-text', 'million', '0')).toBe(false);
  expect(isDearer(undefined, 'input-text', 'million', '0')).toBe(false);
});

test('costs are ordered as the prices are, and cheapness is their ratio', () => {
  fc.assert(
    fc.property(billionths, billionths, (one, other) => {
      const [first, second] = [usualCost(perMillion(text(one))), usualCost(perMillion(text(other)))];
      expect(first < second).toBe(one < other);
      const [least, most] = first < second ? [first, second] : [second, first];
      const ratio = cheapness(most, least);
      expect(ratio).toBeGreaterThanOrEqual(0);
      expect(ratio).toBeLessThanOrEqual(1);
      if (most > 0n) expect(ratio).toBeCloseTo(Number((least * 10n ** 9n) / most) / 1e9, 5);
    }),
    runs,
  );
});
