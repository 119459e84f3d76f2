import fc from 'fast-check';
import { expect, test } from 'vitest';
import { usdText } from './amount.ts';

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
