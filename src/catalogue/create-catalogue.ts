import type { PriceList } from '../model/money.ts';
import { builtInModels } from './built-in-models.ts';
import type { Catalogue, ModelEntry, Sold, Variant } from './catalogue.ts';
import { chooseMarkUp, markedUp } from './mark-up.ts';
import { OfferedModel } from './offered-model.ts';
import { emptyPriceBook, type PriceBook } from './price-book.ts';
import { resolveOrder } from './resolve-order.ts';
import { unknownModel } from './unknown-model.ts';

export interface CatalogueOptions {
  readonly extra?: readonly ModelEntry[];
  /** The operator's prices. Asked again each time, so that a price file that was read anew counts at once. */
  readonly prices?: () => PriceBook;
  /** Unix ms: decides which version of the operator's prices is in force. */
  readonly nowMs?: () => number;
}

/**
 * The catalogue of the built-in models and of the operator's. An operator's model with the id of a built-in one replaces it;
 * where an id and an alias collide, the operator's wins. Throws RangeError where two of the operator's models share an id.
 */
export function createCatalogue({ extra = [], ...selling }: CatalogueOptions = {}): Catalogue {
  const extraIds = new Set(extra.map((model) => model.id));
  if (extraIds.size < extra.length) throw new RangeError('two models of the configuration have the same id');
  const edition = editionsOf([...builtInModels.filter((model) => !extraIds.has(model.id)), ...extra], selling);

  return {
    find(id) {
      const found = edition().offered.get(id);
      if (found === undefined) return undefined;
      return { model: found.model, ...(found.variant === undefined ? {} : { variant: found.variant }) };
    },
    list: () => edition().models,
    priceList: (sold, accountId) => edition().sell(sold, accountId),
    resolve(request, accountId) {
      const { offered, sell } = edition();
      const found = offered.get(request.model);
      if (found === undefined) throw unknownModel(request.model, offered.keys());
      const order = resolveOrder(request, found);
      const priceList = sell(found.variant ?? found.model, accountId);
      return { ...order, priceList, ...(accountId === undefined ? {} : { accountId }) };
    },
  };
}

/** The models with the prices of one stretch of time. */
interface Edition {
  readonly book: PriceBook;
  /** Unix ms of the last change of a price before it; the next edition begins at the next change. */
  readonly sinceMs: number;
  /** At the prices for everybody. */
  readonly models: readonly ModelEntry[];
  readonly offered: ReadonlyMap<string, OfferedModel>;
  /** What an account pays for a model or variant. */
  readonly sell: (sold: Sold, accountId?: string) => PriceList;
}

/** Gives the edition in force. Prices change a few times a year, so one is built when it comes into force and then kept. */
function editionsOf(
  models: readonly ModelEntry[],
  { prices = () => emptyPriceBook, nowMs = () => 0 }: Omit<CatalogueOptions, 'extra'>,
): () => Edition {
  let last: Edition | undefined;
  return () => {
    const book = prices();
    const at = nowMs();
    const sinceMs = book.changesMs.findLast((change) => change <= at) ?? Number.NEGATIVE_INFINITY;
    if (last?.book !== book || last.sinceMs !== sinceMs) last = editionOf(models, book, sinceMs);
    return last;
  };
}

function editionOf(models: readonly ModelEntry[], book: PriceBook, sinceMs: number): Edition {
  const offers = models.flatMap((model) => [model, ...model.variants]);
  const lists = new Map(offers.map(({ id, priceList }) => [id, book.inForce(id, sinceMs) ?? priceList]));
  const sell: Edition['sell'] = ({ id, priceList, hostPriceList }, accountId) => {
    const asked = hostPriceList === undefined ? undefined : (book.inForce(id, sinceMs) ?? hostPriceList);
    const list = asked ?? lists.get(id) ?? priceList;
    const rule = chooseMarkUp(book.markUps, id, accountId);
    return rule === undefined ? list : markedUp(list, rule);
  };
  const sold = models.map((model) => soldAt(model, sell));
  return { book, sinceMs, models: sold, offered: new Map(sold.flatMap(namesOf)), sell };
}

/** The model with what everybody pays for it and its variants; the same object where that is what the catalogue says. */
function soldAt(model: ModelEntry, sell: (sold: Sold) => PriceList): ModelEntry {
  const priceList = sell(model);
  const variants = model.variants.map((variant): Variant => ({ ...variant, priceList: sell(variant) }));
  const isOwn =
    priceList === model.priceList && variants.every((variant, index) => variant.priceList === model.variants[index]?.priceList);
  return isOwn ? model : { ...model, priceList, variants };
}

/** Every id that means the model or one of its variants. */
function namesOf(model: ModelEntry): readonly (readonly [string, OfferedModel])[] {
  const names = [model.id, ...model.aliases];
  const plain = new OfferedModel(model);
  const variants = model.variants.map(
    (variant) => [variant.id.slice(variant.id.lastIndexOf(':')), new OfferedModel(model, variant)] as const,
  );
  return names.flatMap((name) => [
    [name, plain] as const,
    ...variants.map(([suffix, offered]) => [name + suffix, offered] as const),
  ]);
}
