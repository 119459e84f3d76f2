import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sumOf } from './exact-amount.ts';
import { roundSum } from './round-sum.ts';

const amounts = fc.array(
  fc.record({ numerator: fc.oneof(fc.constant(0n), fc.bigInt(0n, 10n ** 15n)), denominator: fc.bigInt(1n, 10n ** 9n) }),
  { maxLength: 8 },
);
const quantum = fc.bigInt(1n, 1_000_000n);

test('the parts add up to the least multiple of the quantum that covers the sum', () => {
  fc.assert(
    fc.property(amounts, quantum, (exact, step) => {
      const total = roundSum(exact, step).reduce((sum, amount) => sum + amount, 0n);
      const { numerator, denominator } = sumOf(exact);
      expect(total % step).toBe(0n);
      expect(total * denominator >= numerator).toBe(true);
      expect(total === 0n || (total - step) * denominator < numerator).toBe(true);
    }),
  );
});

test('each part is its whole nano-dollars, but for the last that costs anything, which is never less', () => {
  fc.assert(
    fc.property(amounts, quantum, (exact, step) => {
      const carrier = exact.findLastIndex(({ numerator }) => numerator > 0n);
      for (const [index, amount] of roundSum(exact, step).entries()) {
        const { numerator = 0n, denominator = 1n } = exact[index] ?? {};
        if (index === carrier) expect(amount * denominator >= numerator).toBe(true);
        else expect(amount).toBe(numerator / denominator);
      }
    }),
  );
});
