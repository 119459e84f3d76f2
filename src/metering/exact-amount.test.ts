import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NanoUsd, Rate } from '../model/money.ts';
import { exactAmount, roundedUp } from './exact-amount.ts';

const lineAmount = (quantity: number, rate: Rate, quantum: NanoUsd): NanoUsd => roundedUp(exactAmount(quantity, rate), quantum);

test('a line of the AI/ML API is rounded up to whole credits of 500 nano-dollars', () => {
  const input = { usd: '0.52', per: 1_000_000 };
  const output = { usd: '2.86', per: 1_000_000 };
  expect(lineAmount(21, input, 500n)).toBe(22n * 500n);
  expect(lineAmount(3002, input, 500n)).toBe(3123n * 500n);
  expect(lineAmount(286, output, 500n)).toBe(1636n * 500n);
  expect(lineAmount(316, output, 500n)).toBe(1808n * 500n);
});

test('a price below one nano-dollar a token is exact over many tokens and never free', () => {
  const rate = { usd: '0.0001', per: 1_000_000 };
  expect(lineAmount(1, rate, 1n)).toBe(1n);
  expect(lineAmount(10_000, rate, 1n)).toBe(1000n);
  expect(lineAmount(10_001, rate, 1n)).toBe(1001n);
});

const usd = fc.tuple(fc.nat(99_999), fc.nat(99_999)).map(([whole, part]) => `${whole}.${String(part).padStart(5, '0')}`);
const rate = fc.record({ usd, per: fc.constantFrom(1, 7, 1000, 1_000_000) });
const quantity = fc.nat(2 ** 40);
const quantum = fc.bigInt(1n, 1_000_000n);

test('a line is the least multiple of the quantum that covers quantity x rate', () => {
  fc.assert(
    fc.property(quantity, rate, quantum, (count, price, step) => {
      const amount = lineAmount(count, price, step);
      const exactTimesDivisor = BigInt(count) * BigInt(price.usd.replace('.', '')) * 10_000n;
      const per = BigInt(price.per);
      expect(amount % step).toBe(0n);
      expect(amount * per >= exactTimesDivisor).toBe(true);
      expect(amount === 0n || (amount - step) * per < exactTimesDivisor).toBe(true);
    }),
  );
});

test('more of a thing never costs less', () => {
  fc.assert(
    fc.property(quantity, fc.nat(1000), rate, quantum, (count, more, price, step) => {
      expect(lineAmount(count + more, price, step) >= lineAmount(count, price, step)).toBe(true);
    }),
  );
});

test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('%d is no count', (count) => {
  expect(() => lineAmount(count, { usd: '1', per: 1 }, 1n)).toThrow('no count');
});

test('a rate for no units and a quantum of nothing are refused', () => {
  expect(() => lineAmount(1, { usd: '1', per: 0 }, 1n)).toThrow(RangeError);
  expect(() => lineAmount(1, { usd: '1', per: 0.5 }, 1n)).toThrow(RangeError);
  expect(() => lineAmount(1, { usd: '1', per: 1 }, 0n)).toThrow(RangeError);
});
