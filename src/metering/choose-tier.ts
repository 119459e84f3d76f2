import type { PriceList, Service, Tier } from '../model/money.ts';

/**
 * The tier that prices a request with this many input tokens in total, its upper end included. It prices every token of the
 * request, in and out: Alibaba's rule, which is not graduated (300,000 tokens at $0.25 a million beyond 256,000 cost $0.075).
 * A request larger than every tier gets the last one. Throws RangeError for a list without tiers.
 */
export function chooseTier(list: PriceList, inputTokens: number, service: Service = 'standard'): Tier {
  const tiers = tiersOf(list, service);
  const tier = tiers.find((candidate) => inputTokens <= (candidate.maxInputTokens ?? Infinity)) ?? tiers.at(-1);
  if (tier === undefined) throw new RangeError(`price list ${list.id} has no tiers`);
  return tier;
}

/** The tiers of a service; a list that says nothing about batches sells them like single requests. */
export function tiersOf({ tiers, batchTiers }: PriceList, service: Service): readonly Tier[] {
  switch (service) {
    case 'standard':
      return tiers;
    case 'batch':
      return batchTiers ?? tiers;
  }
}
