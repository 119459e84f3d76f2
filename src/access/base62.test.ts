import fc from 'fast-check';
import { expect, test } from 'vitest';
import { base62, base62Number } from './base62.ts';

test('bytes and the number that they are have the same text', () => {
  const numbers = fc.oneof(fc.constantFrom(0, 1, 61, 62, 2 ** 32 - 1), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
  fc.assert(
    fc.property(numbers, (value) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      expect(base62Number(value, 6)).toBe(base62(bytes, 6));
    }),
  );
});
