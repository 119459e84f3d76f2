import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fuzzRuns } from '../../tests/support/arbitraries/fuzz-runs.ts';
import type { PriceList } from '../model/money.ts';
import type { Usage } from '../model/usage.ts';
import { chargeLines } from './charge-lines.ts';
import { priceLists, services } from './price-lists.test-support.ts';
import type { UsageBounds } from './worst-case.ts';
import { worstCase } from './worst-case.ts';

/** Small ones as well: there what each line rounds up weighs most. */
const bounds = fc.record({
  inputTokens: fc.oneof(fc.nat(10), fc.nat(700)),
  maxOutputTokens: fc.oneof(fc.nat(10), fc.nat(300)),
  maxThinkingTokens: fc.oneof(fc.constant(0), fc.nat(300)),
  toolCaps: fc.record({ web_search: fc.nat(5), image_search: fc.nat(5) }),
});

type DrawnBounds = UsageBounds & { readonly toolCaps: { readonly web_search: number; readonly image_search: number } };

/** Some usage within the bounds, its parts told in any way, also wrongly. */
function usageWithin(limits: DrawnBounds): fc.Arbitrary<Usage> {
  const part = fc.oneof(fc.nat(3), fc.nat(700));
  /** Often the bound itself, which is where a bound that is too low shows. */
  const upTo = (most: number) => fc.oneof(fc.constant(most), fc.nat(most));
  const reasoning = upTo(limits.maxThinkingTokens);
  const answer = upTo(limits.maxOutputTokens);
  return fc
    .record({
      total: upTo(limits.inputTokens),
      image: part,
      audio: part,
      video: part,
      cacheRead: part,
      cacheWrite: part,
      cacheKind: fc.constantFrom('explicit', 'implicit'),
      reasoning,
      answer,
      audioOut: part,
      tellsReasoning: fc.boolean(),
      webSearches: upTo(limits.toolCaps.web_search),
      imageSearches: upTo(limits.toolCaps.image_search),
    })
    .map(({ reasoning: thought, answer: said, audioOut, tellsReasoning, webSearches, imageSearches, ...input }) => ({
      input,
      output: { total: thought + said, audio: audioOut, ...(tellsReasoning ? { reasoning: thought } : {}) },
      toolCalls: { web_search: webSearches, image_search: imageSearches },
    }));
}

test('no bill of a usage within its bounds is above the worst case', () => {
  const cases = bounds.chain((limits) => fc.tuple(fc.constant(limits), usageWithin(limits)));
  fc.assert(
    fc.property(cases, priceLists, services, ([limits, usage], list, service) => {
      const bill = chargeLines(usage, list, service);
      expect(bill.total <= worstCase(limits, list, service)).toBe(true);
      expect(bill.lines.every((line) => line.amount >= 0n)).toBe(true);
    }),
    { numRuns: Math.max(5000, fuzzRuns) },
  );
});

test('wider bounds never lower the worst case', () => {
  fc.assert(
    fc.property(bounds, bounds, priceLists, services, (some, more, list, service) => {
      const wider: UsageBounds = {
        inputTokens: some.inputTokens + more.inputTokens,
        maxOutputTokens: some.maxOutputTokens + more.maxOutputTokens,
        maxThinkingTokens: some.maxThinkingTokens + more.maxThinkingTokens,
        toolCaps: { web_search: some.toolCaps.web_search + more.toolCaps.web_search, image_search: some.toolCaps.image_search },
      };
      expect(worstCase(wider, list, service) >= worstCase(some, list, service)).toBe(true);
    }),
  );
});

const perMillion = (usd: string) => ({ usd, per: 1_000_000 });
const tiered: PriceList = {
  id: 'tiered',
  from: '2026-01-01',
  tiers: [
    { maxInputTokens: 256_000, rates: { 'input-text': perMillion('0.05'), 'output-text': perMillion('0.40') } },
    { maxInputTokens: 1_000_000, rates: { 'input-text': perMillion('0.25'), 'output-text': perMillion('2.00') } },
  ],
  rounding: { quantum: 1n, per: 'line' },
};

test('the worst case of a plain text request is its own price up to some quanta', () => {
  const limits: UsageBounds = { inputTokens: 300_000, maxOutputTokens: 1000, maxThinkingTokens: 0, toolCaps: {} };
  const bill = chargeLines({ input: { total: 300_000 }, output: { total: 1000 }, toolCalls: {} }, tiered);
  const excess = worstCase(limits, tiered) - bill.total;
  expect(excess >= 0n && excess < 10n).toBe(true);
});

test('a lower tier counts where it is the dearer one', () => {
  const [low, high] = tiered.tiers;
  if (low === undefined || high === undefined) throw new Error('the list has two tiers');
  const upsideDown: PriceList = {
    ...tiered,
    tiers: [
      { ...low, rates: high.rates },
      { ...high, rates: low.rates },
    ],
  };
  const worst = worstCase({ inputTokens: 300_000, maxOutputTokens: 0, maxThinkingTokens: 0, toolCaps: {} }, upsideDown);
  expect(worst >= 256_000n * 250n).toBe(true);
});

test('lines that share their tokens each round up, and the worst case covers all of them', () => {
  const dust = { usd: '0.05', per: 1_000_000 };
  const list: PriceList = { ...tiered, tiers: [{ rates: { 'input-text': dust } }], rounding: { quantum: 500n, per: 'line' } };
  const limits: UsageBounds = { inputTokens: 3, maxOutputTokens: 0, maxThinkingTokens: 0, toolCaps: {} };
  const bill = chargeLines({ input: { total: 3, text: 1, image: 1, audio: 1 }, output: {}, toolCalls: {} }, list);
  expect(bill.lines.map((line) => line.amount)).toEqual([500n, 500n, 500n]);
  expect(worstCase(limits, list)).toBe(1500n);
});

test('the worst case of a list that rounds its sum is rounded once', () => {
  const limits: UsageBounds = { inputTokens: 10, maxOutputTokens: 10, maxThinkingTokens: 0, toolCaps: {} };
  const [tier] = tiered.tiers;
  const rounding = { quantum: 500n, per: 'request' } as const;
  // 10 x 50 and 10 x 400 nano-dollars: 4,500. Each token group by itself would add a quantum for each line that may share it.
  expect(worstCase(limits, { ...tiered, tiers: tier === undefined ? [] : [tier], rounding })).toBe(4500n);
});

test('a batch is held at the prices of a batch', () => {
  const [low, high] = tiered.tiers;
  if (low === undefined || high === undefined) throw new Error('the list has two tiers');
  const limits: UsageBounds = { inputTokens: 300_000, maxOutputTokens: 1000, maxThinkingTokens: 0, toolCaps: {} };
  const sold: PriceList = { ...tiered, tiers: [high], batchTiers: [low] };
  expect(worstCase(limits, sold, 'batch')).toBe(worstCase(limits, { ...tiered, tiers: [low] }));
  expect(worstCase(limits, { ...tiered, tiers: [high] }, 'batch')).toBe(worstCase(limits, sold, 'standard'));
});

test('a free list holds nothing', () => {
  const free: PriceList = { id: 'free', from: '2026-01-01', tiers: [{ rates: {} }], rounding: { quantum: 500n, per: 'line' } };
  const limits: UsageBounds = { inputTokens: 9000, maxOutputTokens: 9000, maxThinkingTokens: 9000, toolCaps: { web_search: 9 } };
  expect(worstCase(limits, free)).toBe(0n);
});

test.each([
  { inputTokens: Number.NaN, maxOutputTokens: 1, maxThinkingTokens: 0, toolCaps: {} },
  { inputTokens: 1, maxOutputTokens: -1, maxThinkingTokens: 0, toolCaps: {} },
  { inputTokens: 1, maxOutputTokens: 1, maxThinkingTokens: 0.5, toolCaps: {} },
  { inputTokens: 1, maxOutputTokens: 1, maxThinkingTokens: 0, toolCaps: { web_search: -1 } },
])('bounds that are no counts are refused: %j', (limits) => {
  expect(() => worstCase(limits, tiered)).toThrow(RangeError);
});
