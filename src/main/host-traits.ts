import type { Catalogue } from '../catalogue/catalogue.ts';
import type { ProviderSettings } from '../config/provider-settings.ts';
import type { PriceList } from '../model/money.ts';
import { missingParameters } from '../providers/missing-parameters.ts';
import type { HostTraits } from '../routing/plan.ts';
import type { ResolvedProvider, ServedModel } from './resolve-provider.ts';

/** How one provider differs from what the catalogue says of a model. What the operator says of his host wins over the preset. */
export function hostTraits(
  settings: ProviderSettings,
  { known: place, row }: ResolvedProvider,
  { model, upstreamModel, limits, known }: ServedModel,
  catalogue: Catalogue,
): HostTraits {
  const region = known?.region ?? place?.region.name;
  const missing = row.type === 'openai-compatible' || row.type === 'segmind' ? missingParameters(row.quirks, upstreamModel) : [];
  const quantization = settings.quantization ?? known?.quantization;
  const privacy = privacyOf(settings) ?? place?.host.privacy;
  const priceList = offered(catalogue, model, place?.host.seller, known?.offers ?? place?.region.offers);
  const capabilities = capabilitiesOf(catalogue, model, known?.withoutInput ?? []);
  return said({
    region: region === 'global' ? undefined : region,
    capabilities,
    limits,
    missingParameters: missing.length === 0 ? undefined : missing,
    priceList,
    quantization,
    privacy,
    weight: settings.weight,
  });
}

function privacyOf({ privacy }: ProviderSettings): HostTraits['privacy'] {
  if (privacy === undefined) return undefined;
  return {
    keepsNoData: privacy.keeps_no_data,
    retainsNothing: privacy.retains_nothing,
    trainsOnNothing: privacy.trains_on_nothing,
  };
}

/** The list at which this seller offers the model in this region. */
function offered(
  catalogue: Catalogue,
  id: string,
  seller: string | undefined,
  regions: readonly string[] | undefined,
): PriceList | undefined {
  const offers = (catalogue.find(id)?.model.offers ?? []).filter((offer) => offer.seller === seller);
  // Regions of an offer stand in one text, such as "Singapore, Frankfurt, Virginia".
  const isHere = (region: string | undefined): boolean =>
    region === undefined || regions?.some((name) => region.split(', ').includes(name)) === true;
  return offers.find(({ region }) => isHere(region))?.priceList;
}

function capabilitiesOf(catalogue: Catalogue, id: string, without: readonly string[]): HostTraits['capabilities'] {
  const own = catalogue.find(id)?.model.capabilities;
  if (own === undefined || !own.input.some((medium) => without.includes(medium))) return undefined;
  return { ...own, input: own.input.filter((medium) => !without.includes(medium)) };
}

type Said<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

function said<T extends object>(fields: T): Said<T>;
function said(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
