import { expect, test } from 'vitest';
import type { PriceList, Tier } from '../model/money.ts';
import { chooseTier } from './choose-tier.ts';

const low: Tier = { maxInputTokens: 128_000, rates: {} };
const middle: Tier = { maxInputTokens: 256_000, rates: {} };
const high: Tier = { maxInputTokens: 1_000_000, rates: {} };
const list: PriceList = { id: 'three', from: '2026-01-01', tiers: [low, middle, high], rounding: { quantum: 1n, per: 'line' } };

test.each([
  [0, low],
  [127_999, low],
  [128_000, low],
  [128_001, middle],
  [256_000, middle],
  [256_001, high],
  [1_000_000, high],
])('%d input tokens choose the tier whose upper end includes them', (inputTokens, tier) => {
  expect(chooseTier(list, inputTokens)).toBe(tier);
});

test('a request larger than every tier gets the last one', () => {
  expect(chooseTier(list, 1_000_001)).toBe(high);
});

test('a list without tiers prices nothing', () => {
  expect(() => chooseTier({ ...list, tiers: [] }, 1)).toThrow(RangeError);
});
