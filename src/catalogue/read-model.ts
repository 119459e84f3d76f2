import type { PriceList } from '../model/money.ts';
import { buildPriceList, type WrittenPrices } from './build-price-list.ts';
import type { ModelEntry, PriceOffer, Variant } from './catalogue.ts';
import type { ModelFile } from './model-file.ts';
import { modelFile } from './model-file.ts';
import { buildParameters } from './shared-parameters.ts';

type OfferFile = ModelFile['prices'][number];
type VariantFile = ModelFile['variants'][number];

/**
 * One model from the JSON of its file. Throws ZodError for a file that does not fit the schema and RangeError for one that
 * contradicts itself: tiers that do not rise, a part of a price that no price can express, a variant sold at an offer that is not
 * there, an unknown parameter.
 */
export function readModel(json: unknown): ModelEntry {
  const { $schema: _, prices, variants, parameterGroups, parameters, sources, ...plain } = modelFile.parse(json);
  const offers = prices.map((offer) => readOffer(plain.id, offer));
  const [first] = offers;
  if (first === undefined) throw new RangeError(`${plain.id} has no price`);
  return {
    ...plain,
    parameters: buildParameters(parameterGroups, parameters, plain.limits),
    priceList: first.priceList,
    offers,
    variants: variants.map((variant) => readVariant(plain.id, variant, offers)),
    sources: Object.entries(sources).map(([figure, source]) => `${figure}: ${source}`),
  };
}

function readVariant(modelId: string, file: VariantFile, offers: readonly PriceOffer[]): Variant {
  const { price, parameterGroups, parameters, ...plain } = file;
  const id = `${modelId}:${file.id}`;
  const offer = offers.find((known) => known.id === price);
  if (offer === undefined) throw new RangeError(`${id} is sold at ${price}, which is no offer of ${modelId}`);
  return {
    ...plain,
    id,
    parameters: buildParameters(parameterGroups, parameters, plain.limits),
    priceList: offer.priceList,
  };
}

function readOffer(modelId: string, file: OfferFile): PriceOffer {
  const { id, seller, region, from, tiers, perCall, rounding, batch, batchCacheDiscounts = true, converted, source } = file;
  const written: WrittenPrices = {
    id: `${modelId}/${id}@${from}`,
    from,
    tiers: tiers.map(({ maxInputTokens, perMillionTokens }) => ({ maxInputTokens, prices: perMillionTokens })),
    perCall,
    rounding,
    batch: batch === undefined ? undefined : { factor: batch, cacheDiscounts: batchCacheDiscounts },
    converted,
  };
  const priceList = buildPriceList(written, (tier, meter, service, share) => {
    throw new RangeError(`tier ${tier + 1} of ${written.id}: ${share} for ${meter} (${service}) needs more than 12 decimals`);
  });
  requireRisingTiers(priceList);
  return {
    id,
    seller,
    ...(region === undefined ? {} : { region }),
    priceList,
    ...(tiers.some((tier) => tier.was !== undefined) ? { was: tiers.map((tier) => tier.was ?? {}) } : {}),
    sources: [source, ...Object.entries(file.sources ?? {}).map(([figure, exception]) => `${figure}: ${exception}`)],
  };
}

/** Choosing a tier walks the list upwards; only the last tier may be open. */
function requireRisingTiers(list: PriceList): void {
  let below = 0;
  for (const [index, { maxInputTokens }] of list.tiers.entries()) {
    const isLast = index === list.tiers.length - 1;
    if (maxInputTokens === undefined ? !isLast : maxInputTokens <= below)
      throw new RangeError(`the tiers of ${list.id} do not rise`);
    below = maxInputTokens ?? below;
  }
}
