import type { Catalogue } from '../catalogue/catalogue.ts';
import type { GenerateRequest } from '../model/request.ts';
import type { RoutingPreferences } from '../model/routing-preferences.ts';

export interface SuffixMeans {
  readonly catalogue: Pick<Catalogue, 'find'>;
  /** Regions of the hosts of a model, by its canonical id. */
  readonly regionsOf: (modelId: string) => readonly string[];
}

type SuffixWish = Pick<RoutingPreferences, 'sort' | 'maxPrice' | 'region'>;

const nothing = { prompt: '0', completion: '0', request: '0' } as const;

/** What OpenRouter calls dynamic variants (its documentation, 2026-09): wishes about who answers, said behind the model's id. */
const wishes: Readonly<Record<string, SuffixWish>> = {
  nitro: { sort: 'throughput' },
  floor: { sort: 'price' },
  exacto: { sort: 'exacto' },
  free: { maxPrice: nothing },
};

/**
 * The request with the suffix of its model as a wish: `:nitro`, `:floor`, `:exacto`, `:free`, or a region of one of its hosts. A variant of
 * that name comes first, what the caller says elsewhere is not changed but for `:free`, and an id that means nothing stays as it is.
 */
export function readSuffix(request: GenerateRequest, { catalogue, regionsOf }: SuffixMeans): GenerateRequest {
  const { model, routing } = request;
  const colon = model.lastIndexOf(':');
  if (colon === -1 || catalogue.find(model) !== undefined) return request;
  const base = catalogue.find(model.slice(0, colon));
  if (base === undefined || base.variant !== undefined) return request;
  const suffix = model.slice(colon + 1).toLowerCase();
  const wish = Object.hasOwn(wishes, suffix) ? wishes[suffix] : regionWish(suffix, regionsOf(base.model.id));
  if (wish === undefined) return request;
  const { maxPrice, ...others } = wish;
  const priced = maxPrice === undefined ? {} : { maxPrice: { ...routing?.maxPrice, ...maxPrice } };
  return { ...request, model: model.slice(0, colon), routing: { saidAt: 'model', ...others, ...routing, ...priced } };
}

function regionWish(suffix: string, regions: readonly string[]): SuffixWish | undefined {
  const region = regions.find((each) => each.toLowerCase() === suffix);
  return region === undefined ? undefined : { region };
}
