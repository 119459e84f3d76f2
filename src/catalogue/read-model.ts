import type { Meter, PriceList, Rate, Tier } from '../model/money.ts';
import type { ModelEntry, PriceOffer, Variant } from './catalogue.ts';
import type { ModelFile } from './model-file.ts';
import { modelFile } from './model-file.ts';
import { buildParameters } from './shared-parameters.ts';

type OfferFile = ModelFile['prices'][number];
type TierFile = OfferFile['tiers'][number];
type VariantFile = ModelFile['variants'][number];

/**
 * One model from the JSON of its file. Throws ZodError for a file that does not fit the schema and RangeError for one that
 * contradicts itself: tiers that do not rise, a variant sold at an offer that is not there, an unknown parameter.
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
  const { id, seller, region, from, lineQuantum = '1', tiers, perCall = {}, source, sources = {} } = file;
  const priceList: PriceList = {
    id: `${modelId}/${id}@${from}`,
    from,
    tiers: tiers.map((tier) => readTier(tier, perCall)),
    lineQuantum: BigInt(lineQuantum),
  };
  requireRisingTiers(priceList);
  return {
    id,
    seller,
    ...(region === undefined ? {} : { region }),
    priceList,
    ...(tiers.some((tier) => tier.was !== undefined) ? { was: tiers.map((tier) => tier.was ?? {}) } : {}),
    sources: [source, ...Object.entries(sources).map(([meter, exception]) => `${meter}: ${exception}`)],
  };
}

function readTier(file: TierFile, perCall: Readonly<Record<string, string>>): Tier {
  const rates: Partial<Record<Meter, Rate>> = ratesPerMillion(file.perMillionTokens);
  for (const [tool, usd] of Object.entries(perCall)) rates[`tool:${tool}`] = { usd, per: 1 };
  return { ...(file.maxInputTokens === undefined ? {} : { maxInputTokens: file.maxInputTokens }), rates };
}

function ratesPerMillion(prices: TierFile['perMillionTokens']): Record<string, Rate> {
  return Object.fromEntries(Object.entries(prices).map(([meter, usd]) => [meter, { usd, per: 1_000_000 }]));
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
