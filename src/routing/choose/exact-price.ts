import { decimalOf } from '../../catalogue/decimal.ts';
import type { Meter, PriceList, Tier } from '../../model/money.ts';

/** Prices are compared as whole attodollars: 10^-18 dollars, exact for every rate of up to 12 digits behind the point. */
const attoInOneUsd = 10n ** 18n;
const oneMillion = 1_000_000n;

/** The tier that prices a request with at least this many tokens of input. */
export function tierFor({ tiers }: PriceList, leastInputTokens: number): Tier | undefined {
  return tiers.find(({ maxInputTokens }) => leastInputTokens <= (maxInputTokens ?? Infinity)) ?? tiers.at(-1);
}

/** Attodollars for so many units of a meter; free where the tier has no price of it. */
export function attoUsd(tier: Tier | undefined, meter: Meter, units: bigint): bigint {
  const rate = tier?.rates[meter];
  if (rate === undefined) return 0n;
  const { digits, decimals } = decimalOf(rate.usd);
  return (digits * units * attoInOneUsd) / (10n ** BigInt(decimals) * BigInt(rate.per));
}

/** Whether the price of a million units, or of one, is above a caller's limit: dollars as decimal text. */
export function isDearer(tier: Tier | undefined, meter: Meter, unit: 'million' | 'one', mostUsd: string): boolean {
  const rate = tier?.rates[meter];
  if (rate === undefined) return false;
  const [price, most] = [decimalOf(rate.usd), decimalOf(mostUsd)];
  const units = unit === 'million' ? oneMillion : 1n;
  return price.digits * units * 10n ** BigInt(most.decimals) > most.digits * 10n ** BigInt(price.decimals) * BigInt(rate.per);
}

/** Of a request by which lists are compared: three parts of input to one of output, as most comparisons of prices have it. */
const usualInput = 3_000n;
const usualOutput = 1_000n;

const known = new WeakMap<Tier, bigint>();

/** What a usual request costs at a tier, in attodollars: only ever compared with the same of another list. */
export function usualCost(tier: Tier | undefined): bigint {
  if (tier === undefined) return 0n;
  const before = known.get(tier);
  if (before !== undefined) return before;
  const cost = attoUsd(tier, 'input-text', usualInput) + attoUsd(tier, 'output-text', usualOutput) + attoUsd(tier, 'request', 1n);
  known.set(tier, cost);
  return cost;
}

/** How cheap it is beside the cheapest: 1 for the same, 0.5 for twice the price. A ratio, no amount; to a millionth. */
export function cheapness(cost: bigint, cheapest: bigint): number {
  // money: a ratio of two prices, which weighs the drawing of hosts
  return cost === 0n ? 1 : Number((cheapest * oneMillion) / cost) / 1e6;
}
