import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseUsd } from './parse-usd.ts';

test('decimal text is read without rounding', () => {
  expect(parseUsd('0.029')).toEqual({ numerator: 29n, denominator: 1000n });
  expect(parseUsd('12')).toEqual({ numerator: 12n, denominator: 1n });
  expect(parseUsd('0.10')).toEqual({ numerator: 10n, denominator: 100n });
});

test('every decimal text of up to 15 places reads back as its digits', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 20n), fc.integer({ min: 1, max: 15 }), (digits, places) => {
      const padded = digits.toString().padStart(places + 1, '0');
      const { numerator, denominator } = parseUsd(`${padded.slice(0, -places)}.${padded.slice(-places)}`);
      expect(numerator * 10n ** BigInt(places)).toBe(digits * denominator);
    }),
  );
});

test.each(['', '.', '1.', '.5', '-1', '+1', '1e-3', '0x1', ' 1', '1,5', '1.2.3', 'NaN', 'Infinity', '٣', '0'.repeat(41)])(
  '%j is no price',
  (text) => {
    expect(() => parseUsd(text)).toThrow(RangeError);
  },
);
