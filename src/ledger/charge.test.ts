import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Bill } from '../model/event.ts';
import { largestAmount } from './amount.ts';
import { chargeOf, storable } from './charge.ts';

function billOf(...amounts: readonly bigint[]): Bill {
  const rate = { usd: '0.05', per: 1_000_000 };
  const lines = amounts.map((amount) => ({ meter: 'input-text', quantity: 1, rate, amount }) as const);
  return { lines, total: amounts.reduce((sum, amount) => sum + amount, 0n), priceListId: 'list' };
}

test('a bill within the hold is charged as it is', () => {
  expect(chargeOf(billOf(3n, 4n), 7n)).toEqual({ cost: 7n, flaws: [] });
});

test('a bill above the hold is charged at the hold, and said', () => {
  expect(chargeOf(billOf(3n, 5n), 7n)).toEqual({ cost: 7n, flaws: ['above-hold'] });
});

test('a bill below nothing is charged at nothing, and said', () => {
  expect(chargeOf(billOf(-3n), 7n)).toEqual({ cost: 0n, flaws: ['below-nothing'] });
});

test('a bill whose lines do not add up is charged at its total, and said', () => {
  expect(chargeOf({ ...billOf(3n), total: 4n }, 7n)).toEqual({ cost: 4n, flaws: ['lines-do-not-add-up'] });
});

test('whatever the bill, the charge lies within 0 and the hold', () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt()), fc.bigInt(), fc.bigInt({ min: 0n, max: 2n ** 63n }), (amounts, total, held) => {
      const { cost } = chargeOf({ ...billOf(...amounts), total }, held);
      expect(cost >= 0n && cost <= held).toBe(true);
    }),
  );
});

test('a bill beyond every amount is kept at the largest one, so that its settlement does not fail', () => {
  const line = { meter: 'output-text', quantity: 1, rate: { usd: '1', per: 1 }, amount: 2n ** 70n } as const;
  const absurd = { lines: [line], total: 2n ** 70n, priceListId: 'list@1' };
  expect(storable(absurd)).toMatchObject({ total: largestAmount, lines: [{ amount: largestAmount }] });
  const usual = { ...absurd, lines: [{ ...line, amount: 5n }], total: 5n };
  expect(storable(usual)).toBe(usual);
});
