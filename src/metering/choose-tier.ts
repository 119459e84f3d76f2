import type { PriceList, Tier } from '../model/money.ts';

/**
 * The tier that prices a request with this many input tokens in total, its upper end included. It prices every token of the
 * request, in and out: Alibaba's rule, which is not graduated (300,000 tokens at $0.25 a million beyond 256,000 cost $0.075).
 * A request larger than every tier gets the last one. Throws RangeError for a list without tiers.
 */
export function chooseTier(list: PriceList, inputTokens: number): Tier {
  const tier = list.tiers.find((candidate) => inputTokens <= (candidate.maxInputTokens ?? Infinity)) ?? list.tiers.at(-1);
  if (tier === undefined) throw new RangeError(`price list ${list.id} has no tiers`);
  return tier;
}
