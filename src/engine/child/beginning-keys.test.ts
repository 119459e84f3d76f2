import fc from 'fast-check';
import { expect, test } from 'vitest';
import { beginningKeys } from './beginning-keys.ts';

const prompt = { tokens: [1, 2, 3, 4, 5, 6, 7], cuts: [2, 4, 6] };

test('two prompts have the keys of their common beginning in common, and no others', () => {
  const keys = beginningKeys(prompt, 'account');
  const other = beginningKeys({ tokens: [1, 2, 3, 4, 9, 6, 7, 8], cuts: [2, 4, 6, 7] }, 'account');
  expect([...keys.keys()]).toEqual([2, 4, 6]);
  expect([other.get(2), other.get(4)]).toEqual([keys.get(2), keys.get(4)]);
  expect(other.get(6)).not.toBe(keys.get(6));
});

test('the same tokens cut elsewhere are another beginning, because their numbers differ slightly', () => {
  const other = beginningKeys({ tokens: prompt.tokens, cuts: [3, 4] }, 'account');
  expect(other.get(4)).not.toBe(beginningKeys(prompt, 'account').get(4));
});

test('no scope reads the keys of another', () => {
  const scopes = [undefined, 'null', '', 'a', '["a"]'];
  const keys = scopes.map((scope) => beginningKeys(prompt, scope).get(2));
  expect(new Set(keys).size).toBe(scopes.length);
});

test('equal keys mean equal beginnings, whatever the tokens', () => {
  const tokens = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 5, maxLength: 5 });
  const cuts = fc.subarray([1, 2, 3, 4]);
  const prompts = fc.record({ tokens, cuts });
  fc.assert(
    fc.property(prompts, prompts, (one, other) => {
      const beginningsOf = ({ tokens: all, cuts: places }: { tokens: number[]; cuts: number[] }, cut: number): unknown => [
        all.slice(0, cut),
        places.filter((place) => place <= cut),
      ];
      const ones = beginningKeys(one, undefined);
      for (const [cut, key] of beginningKeys(other, undefined)) {
        const isSame = JSON.stringify(beginningsOf(one, cut)) === JSON.stringify(beginningsOf(other, cut));
        expect(ones.get(cut) === key).toBe(isSame);
      }
    }),
  );
});
