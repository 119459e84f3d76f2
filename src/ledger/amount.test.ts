import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readUsdDecimal, usdDecimal, usdText, wholeCredits } from './amount.ts';

test.each([
  [0n, '$0.00'],
  [1n, '$0.000000001'],
  [1_800_000n, '$0.0018'],
  [12_500_000_000n, '$12.50'],
  [100_000_000_000n, '$100.00'],
  [-3_000_000_000n, '-$3.00'],
])('%d nano-dollars read %s', (amount, text) => {
  expect(usdText(amount)).toBe(text);
});

test('the text of an amount loses nothing', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n }), (amount) => {
      const [whole = '', fraction = ''] = usdText(amount).slice(1).split('.');
      expect(BigInt(whole + fraction.padEnd(9, '0'))).toBe(amount);
    }),
  );
});

test.each([
  [0n, 2_000_000n, 0n],
  [499n, 2_000_000n, 0n],
  [500n, 2_000_000n, 1n],
  [999_999_999n, 1n, 0n],
  [-1n, 2_000_000n, -1n],
  [-500n, 2_000_000n, -1n],
])('%d nano-dollars at %d credits a dollar are %d whole credits', (amount, creditsPerUsd, credits) => {
  expect(wholeCredits(amount, creditsPerUsd)).toBe(credits);
});

test('amounts for programs are decimal text without a sign for dollars', () => {
  expect([0n, 1n, -3_000_000_000n, 12_500_000_000n].map(usdDecimal)).toEqual(['0.00', '0.000000001', '-3.00', '12.50']);
});

test('what is written for programs is read back as the same amount', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), (amount) => {
      expect(readUsdDecimal(usdDecimal(amount))).toBe(amount);
    }),
  );
});

test.each([
  ['5', 5_000_000_000n],
  ['0.000000001', 1n],
  ['-3.5', -3_500_000_000n],
])('%j dollars are %d nano-dollars', (text, amount) => {
  expect(readUsdDecimal(text)).toBe(amount);
});

test.each(['', '-', '.5', '5.', '$5', '+5', '1e3', '0.0000000001', ' 5', '5 ', '1,000', 'NaN', '9'.repeat(19)])(
  '%j is no amount',
  (text) => {
    expect(readUsdDecimal(text)).toBeUndefined();
  },
);
