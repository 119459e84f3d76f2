import { createHmac, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { KeyHasher } from './key-hasher.ts';

test('a key is hashed as HMAC-SHA-256 under the pepper, however long each of them is', () => {
  for (const pepperBytes of [32, 63, 64, 65, 200]) {
    const pepper = randomBytes(pepperBytes);
    const hasher = new KeyHasher(pepper);
    for (const text of ['', 'fm_live_abc', 'ü€😀', randomBytes(500).toString('base64')])
      expect(hasher.hash(text)).toBe(createHmac('sha256', pepper).update(text).digest('hex'));
  }
});

test('the same text has another hash under another pepper', () => {
  const [one, other] = [new KeyHasher(randomBytes(32)), new KeyHasher(randomBytes(32))];
  expect(one.hash('fm_live_abc')).not.toBe(other.hash('fm_live_abc'));
});
