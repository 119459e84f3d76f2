import type { BatchItem } from 'node-llama-cpp';
import { expect, test } from 'vitest';
import { wholeChunks } from './whole-chunks.ts';

function item(length: number): BatchItem {
  const tokens: BatchItem['tokens'][number][] = [];
  tokens.length = length;
  return { tokens, logits: [], evaluationPriority: 5 };
}

const nobody = (): number => 0;

function sizes(items: readonly BatchItem[], size: number): number[] {
  return wholeChunks(nobody)({ items, size }).map(({ item: chosen, processAmount }) => {
    expect(processAmount).toBe(chosen.tokens.length);
    return processAmount;
  });
}

test('the next tokens of answers go first, then as many whole pieces of prompts as fit', () => {
  expect(sizes([item(128), item(1), item(100), item(1)], 131)).toEqual([1, 1, 128]);
  expect(sizes([item(60), item(1), item(100), item(50)], 131)).toEqual([1, 60, 50]);
});

test('a piece that does not fit whole waits', () => {
  expect(sizes([item(1), item(128)], 100)).toEqual([1]);
});

test('something is always chosen in the end', () => {
  expect(sizes([item(500)], 100)).toEqual([500]);
});

test('a pass waits a little, not for ever, for an answer that is on its way', () => {
  const choose = wholeChunks(() => 2);
  const late = { items: [item(1)], size: 10 };
  expect(choose(late)).toEqual([]);
  expect(choose({ items: [item(1), item(1)], size: 10 })).toHaveLength(2);
  let empty = 0;
  while (choose(late).length === 0) empty++;
  expect(empty).toBeGreaterThan(0);
  expect(empty).toBeLessThan(1000);
});
