import { expect, test } from 'vitest';
import { newId, newSeed } from './ids.ts';

test('ids are unique, have one form and sort by the millisecond of their making', async () => {
  const ids = Array.from({ length: 5_000 }, () => newId('req'));
  expect(new Set(ids).size).toBe(5_000);
  for (const id of ids) expect(id).toMatch(/^req_[0-9a-hjkmnp-tv-z]{26}$/);
  await new Promise((resolve) => setTimeout(resolve, 3));
  expect(newId('req') > (ids[0] ?? '')).toBe(true);
});

test('every character of the random part takes every value', () => {
  const seen = Array.from({ length: 16 }, () => new Set<string>());
  for (let round = 0; round < 3_000; round++)
    for (const [index, character] of Array.from(newId('gen').slice(-16)).entries()) seen[index]?.add(character);
  for (const characters of seen) expect(characters.size).toBe(32);
});

test('two seeds drawn in one second differ', () => {
  expect(new Set(Array.from({ length: 100 }, () => newSeed())).size).toBeGreaterThan(95);
});
