import type { Catalogue, ModelEntry } from '../catalogue/catalogue.ts';
import { createCatalogue } from '../catalogue/create-catalogue.ts';
import type { MarkUp } from '../catalogue/mark-up.ts';
import type { PriceBook } from '../catalogue/price-book.ts';
import type { Config } from '../config/schema.ts';
import type { ModelLibrary } from '../engine/models/model-library.ts';
import { localFileModel, operatorModels } from './configured-models.ts';
import { localModelId } from './local-model.ts';
import { readOperatorPrices, refuseUnpriced } from './operator-prices.ts';
import { scriptedModels } from './scripted-models.ts';

export interface PricedCatalogue {
  readonly catalogue: Catalogue;
  /** Models of the configured providers that cost nothing because nobody has said what they cost. */
  readonly unpriced: readonly string[];
  /** Of the price file, as they are in force now. */
  readonly markUps: () => readonly MarkUp[];
  /** Reads the price file anew, for the requests from now on. Throws ConfigError, and then the prices before stay. */
  readonly readPrices: () => void;
}

/**
 * What flashmux knows, beside it what this machine and the configuration add, at the prices of the operator where there are any.
 * `nowMs` (Unix ms) decides which version of a price is in force. Throws ConfigError for a mistake in the price file.
 */
export async function buildCatalogue(
  config: Config,
  library: Pick<ModelLibrary, 'installed'>,
  nowMs: () => number,
): Promise<PricedCatalogue> {
  const { extra, hosted, known } = await knownModels(config, library);
  const read = (): { readonly book: PriceBook; readonly unpriced: readonly string[] } => {
    const book = readOperatorPrices(config, known);
    const unpriced = hosted.map(({ id }) => id).filter((id) => book.inForce(id, nowMs()) === undefined);
    refuseUnpriced(config, unpriced);
    return { book, unpriced };
  };
  let prices = read();
  return {
    catalogue: createCatalogue({ extra, prices: () => prices.book, nowMs }),
    unpriced: prices.unpriced,
    markUps: () => prices.book.markUps,
    readPrices() {
      prices = read();
    },
  };
}

export interface KnownModels {
  /** Beside those that flashmux knows by itself. */
  readonly extra: readonly ModelEntry[];
  /** Those of them that only a configured provider has. */
  readonly hosted: readonly ModelEntry[];
  readonly known: Catalogue;
}

/** Every model that may be called, before anybody has said what it costs. */
export async function knownModels(config: Config, library: Pick<ModelLibrary, 'installed'>): Promise<KnownModels> {
  const local = await localFileModels(config, library);
  const hosted = operatorModels(config, createCatalogue({ extra: local }));
  const extra = [...local, ...hosted, ...(config.scripted.enabled ? scriptedModels() : [])];
  return { extra, hosted, known: createCatalogue({ extra }) };
}

/** Model files of this machine that the catalogue does not know. */
async function localFileModels(config: Config, library: Pick<ModelLibrary, 'installed'>): Promise<readonly ModelEntry[]> {
  const known = createCatalogue();
  const installed = (await library.installed()).map(({ id }) => id);
  const named = config.engine.model === undefined ? [] : [localModelId(config.engine.model)];
  return [...new Set([...installed, ...named])].filter((id) => known.find(id) === undefined).map((id) => localFileModel(id));
}
