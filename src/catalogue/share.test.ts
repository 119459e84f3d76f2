import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { factorPattern, isDiscount, shareOf, sharePattern } from './share.ts';

describe('a part of a price', () => {
  test.each([
    ['0.05', '10%', '0.005'],
    ['0.05', '125%', '0.0625'],
    ['0.40', '100%', '0.4'],
    ['3', '33.3333%', '0.999999'],
    ['2', '0.5', '1'],
    ['2.5', '1', '2.5'],
    ['10', '0%', '0'],
    ['0.000000000002', '50%', '0.000000000001'],
  ])('of $%s, %s, is $%s', (usd, share, expected) => {
    expect(shareOf(usd, share)).toBe(expected);
  });

  test('that needs more than 12 digits behind the point is none', () => {
    expect(shareOf('0.000000000001', '50%')).toBeUndefined();
    expect(shareOf('0.00000000001', '12.5%')).toBeUndefined();
  });

  test('is exact or refused, never rounded', () => {
    const usd = fc.tuple(fc.nat(999_999), fc.nat(999_999)).map(([a, b]) => `${a}.${String(b).padStart(6, '0')}`);
    const percent = fc.tuple(fc.nat(9999), fc.nat(9999)).map(([a, b]) => `${a}.${String(b).padStart(4, '0')}`);
    fc.assert(
      fc.property(usd, percent, (price, share) => {
        // Both as whole numbers: price in millionths, share in millionths of a whole.
        const exact = BigInt(price.replace('.', '')) * BigInt(share.replace('.', ''));
        const [whole = '', fraction = ''] = (shareOf(price, `${share}%`) ?? '').split('.');
        expect(BigInt(whole + fraction.padEnd(12, '0'))).toBe(exact);
      }),
    );
  });
});

describe('how a share and a discount are written', () => {
  test.each(['10%', '125%', '2.5%', '0%', '9999.9999%'])('%j is a share', (text) => expect(text).toMatch(sharePattern));
  test.each(['', '%', '10', '-10%', '10 %', '.5%', '1e1%', '12345%', '1.23456%'])('%j is no share', (text) => {
    expect(text).not.toMatch(sharePattern);
  });
  test.each(['0.5', '50%', '1', '12.5%', '0.333333'])('%j is a factor', (text) => expect(text).toMatch(factorPattern));
  test.each(['', '.5', '-0.5', '5e-1', '1/2', '50 %', '0.1234567'])('%j is no factor', (text) => {
    expect(text).not.toMatch(factorPattern);
  });
  test.each([
    ['0.5', true],
    ['100%', true],
    ['1', true],
    ['0.000001', true],
    ['0', false],
    ['0%', false],
    ['1.000001', false],
    ['100.0001%', false],
  ])('%s is a discount: %s', (factor, expected) => {
    expect(isDiscount(factor)).toBe(expected);
  });
});
