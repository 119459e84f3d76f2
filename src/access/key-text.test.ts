import fc from 'fast-check';
import { expect, test } from 'vitest';
import { base62 } from './base62.ts';
import { readKey, writeKey, writeKeyId } from './key-text.ts';

const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });

test('a key that was written is read back to its id, and its length does not depend on the random bytes', () => {
  fc.assert(
    fc.property(bytes(8), bytes(32), (idRandom, secret) => {
      const id = writeKeyId(idRandom);
      const key = writeKey('live', id, secret);
      expect(readKey(key)).toEqual({ id, publicPrefix: `fm_live_${id}` });
      expect(key).toHaveLength(68);
    }),
  );
});

test('a key with one wrong character, or one too few, is no key', () => {
  fc.assert(
    fc.property(
      bytes(8),
      bytes(32),
      fc.nat(),
      fc.constantFrom('0', '1', '9', 'A', 'Z', 'a', 'z', '_', '-'),
      (idRandom, secret, position, wrong) => {
        const key = writeKey('live', writeKeyId(idRandom), secret);
        const at = position % key.length;
        fc.pre(key.charAt(at) !== wrong);
        expect(readKey(key.slice(0, at) + wrong + key.slice(at + 1))).toBeUndefined();
        expect(readKey(key.slice(0, at) + key.slice(at + 1))).toBeUndefined();
      },
    ),
  );
});

test('the extremes of 32 bytes fit into 43 characters, and different bytes are different text', () => {
  expect(base62(new Uint8Array(32), 43)).toBe('0'.repeat(43));
  expect(base62(new Uint8Array(32).fill(255), 43)).toHaveLength(43);
  expect(base62(Uint8Array.of(61), 2)).toBe('0z');
  expect(base62(Uint8Array.of(62), 2)).toBe('10');
  expect(() => base62(Uint8Array.of(255, 255), 1)).toThrow(RangeError);
});

test('an environment that would break the form is refused when the key is made', () => {
  for (const environment of ['', 'Live', 'a_b', 'abcdefghijklm']) {
    expect(() => writeKey(environment, writeKeyId(new Uint8Array(8)), new Uint8Array(32))).toThrow(RangeError);
  }
});
