import { expect, test } from 'vitest';
import { closestIds } from './closest-ids.ts';

const known = ['qwen-flash', 'qwen3.5-flash', 'qwen3.6-flash', 'tinyllama-1.1b-chat'];

test('the nearest come first, at most as many as wanted', () => {
  expect(closestIds('qwen3.5-flsh', known, 2)).toEqual(['qwen3.5-flash', 'qwen3.6-flash']);
});

test('letters of the other case count as none', () => {
  expect(closestIds('QWEN3.6-FLASH', known, 1)).toEqual(['qwen3.6-flash']);
});

test('what is too far, empty or too long is near nothing', () => {
  expect(closestIds('gpt-4o', known, 3)).toEqual([]);
  expect(closestIds('', known, 3)).toEqual([]);
  expect(closestIds('qwen-flash'.repeat(100), known, 3)).toEqual([]);
});
