import fc from 'fast-check';
import type { Meter, PriceList, Rate, Tier } from '../model/money.ts';
import { inputMeters, outputMeters } from './meter-rate.ts';

/** Rates down to a ten-thousandth of a nano-dollar a token, free ones among them. */
const rate = fc.record({
  usd: fc.oneof(
    fc.constant('0'),
    fc.nat(9999).map((digits) => `0.${String(digits).padStart(4, '0')}`),
    fc.nat(9).map(String),
  ),
  per: fc.constantFrom(1, 7, 1000, 1_000_000),
});

const meters: readonly Meter[] = [...inputMeters, ...outputMeters, 'request', 'tool:web_search', 'tool:image_search'];

/** Some meters at a price each, or all at one: then nothing but what each line rounds up makes a difference. */
const rates = fc
  .record({
    priced: fc.subarray([...meters]),
    drawn: fc.array(rate, { minLength: meters.length, maxLength: meters.length }),
    isUniform: fc.boolean(),
  })
  .map(({ priced, drawn, isUniform }): Readonly<Partial<Record<Meter, Rate>>> => {
    return Object.fromEntries(priced.map((meter, index) => [meter, drawn[isUniform ? 0 : index] ?? { usd: '0', per: 1 }]));
  });

/** Tiers in any order of price: a higher tier need not be the dearer one. */
const tiers = fc
  .record({
    ends: fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { maxLength: 3 }),
    openEnd: fc.boolean(),
    rates: fc.array(rates, { minLength: 4, maxLength: 4 }),
  })
  .map(({ ends, openEnd, rates: tierRates }): readonly Tier[] => {
    const closed = ends
      .toSorted((a, b) => a - b)
      .map((maxInputTokens, index) => ({ maxInputTokens, rates: tierRates[index] ?? {} }));
    return openEnd || closed.length === 0 ? [...closed, { rates: tierRates[3] ?? {} }] : closed;
  });

/** Price lists of every shape: tiers, batches dearer or cheaper than single requests, both ways to round. */
export const priceLists: fc.Arbitrary<PriceList> = fc
  .record({
    tiers,
    batchTiers: fc.option(tiers, { nil: undefined }),
    rounding: fc.record({ quantum: fc.constantFrom(1n, 3n, 500n, 1_000_000n), per: fc.constantFrom('line', 'request') }),
  })
  .map(({ batchTiers, ...list }) => ({
    id: 'drawn',
    from: '2026-01-01',
    ...list,
    ...(batchTiers === undefined ? {} : { batchTiers }),
  }));

export const services = fc.constantFrom('standard', 'batch');
