import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Meter, PriceList, Rate, Tier } from '../model/money.ts';
import type { Usage } from '../model/usage.ts';
import { chargeLines } from './charge-lines.ts';
import { inputMeters, outputMeters } from './meter-rate.ts';
import type { UsageBounds } from './worst-case.ts';
import { worstCase } from './worst-case.ts';

const rate = fc.record({
  usd: fc.oneof(
    fc.constant('0'),
    fc.nat(9999).map((digits) => `0.${String(digits).padStart(4, '0')}`),
    fc.nat(9).map(String),
  ),
  per: fc.constantFrom(1, 1000, 1_000_000),
});

const rates = fc
  .tuple(
    fc.subarray<Meter>([...inputMeters, ...outputMeters, 'request', 'tool:web_search', 'tool:image_search']),
    fc.infiniteStream(rate),
  )
  .map(([meters, stream]) => {
    const drawn: Partial<Record<Meter, Rate>> = {};
    for (const meter of meters) drawn[meter] = stream.next().value;
    return drawn;
  });

/** Tiers in any order of price: a higher tier need not be the dearer one. */
const priceLists = fc
  .record({
    ends: fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { maxLength: 3 }),
    openEnd: fc.boolean(),
    rates: fc.array(rates, { minLength: 4, maxLength: 4 }),
    lineQuantum: fc.constantFrom(1n, 500n, 1_000_000n),
  })
  .map(({ ends, openEnd, rates: tierRates, lineQuantum }): PriceList => {
    const tiers: Tier[] = ends
      .toSorted((a, b) => a - b)
      .map((maxInputTokens, index) => ({ maxInputTokens, rates: tierRates[index] ?? {} }));
    if (openEnd || tiers.length === 0) tiers.push({ rates: tierRates[3] ?? {} });
    return { id: 'drawn', from: '2026-01-01', tiers, lineQuantum };
  });

const bounds = fc.record({
  inputTokens: fc.nat(700),
  maxOutputTokens: fc.nat(300),
  maxThinkingTokens: fc.oneof(fc.constant(0), fc.nat(300)),
  toolCaps: fc.record({ web_search: fc.nat(5), image_search: fc.nat(5) }),
});

type DrawnBounds = UsageBounds & { readonly toolCaps: { readonly web_search: number; readonly image_search: number } };

/** Some usage within the bounds, its parts told in any way, also wrongly. */
function usageWithin(limits: DrawnBounds): fc.Arbitrary<Usage> {
  const part = fc.nat(700);
  const reasoning = fc.nat(limits.maxThinkingTokens);
  const answer = fc.nat(limits.maxOutputTokens);
  return fc
    .record({
      total: fc.nat(limits.inputTokens),
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
      webSearches: fc.nat(limits.toolCaps.web_search),
      imageSearches: fc.nat(limits.toolCaps.image_search),
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
    fc.property(cases, priceLists, ([limits, usage], list) => {
      expect(chargeLines(usage, list).total <= worstCase(limits, list)).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

test('wider bounds never lower the worst case', () => {
  fc.assert(
    fc.property(bounds, bounds, priceLists, (some, more, list) => {
      const wider: UsageBounds = {
        inputTokens: some.inputTokens + more.inputTokens,
        maxOutputTokens: some.maxOutputTokens + more.maxOutputTokens,
        maxThinkingTokens: some.maxThinkingTokens + more.maxThinkingTokens,
        toolCaps: { web_search: some.toolCaps.web_search + more.toolCaps.web_search, image_search: some.toolCaps.image_search },
      };
      expect(worstCase(wider, list) >= worstCase(some, list)).toBe(true);
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
  lineQuantum: 1n,
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

test('a free list holds nothing', () => {
  const free: PriceList = { id: 'free', from: '2026-01-01', tiers: [{ rates: {} }], lineQuantum: 500n };
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
