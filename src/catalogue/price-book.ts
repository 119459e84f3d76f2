import type { PriceList } from '../model/money.ts';
import type { MarkUp } from './mark-up.ts';

/** The operator's prices: for some models, from some time on, what replaces the list of the catalogue. */
export interface PriceBook {
  /** The list of a canonical id (or `id:variant`) that is in force at a time (Unix ms). Absent: the catalogue's own. */
  inForce(id: string, atMs: number): PriceList | undefined;
  /** The times (Unix ms) at which a list comes into force, rising. */
  readonly changesMs: readonly number[];
  /** What is added to the prices, the catalogue's own included. */
  readonly markUps: readonly MarkUp[];
}

/** One version of the prices of one id. */
export interface PriceVersion {
  readonly id: string;
  readonly fromMs: number;
  readonly priceList: PriceList;
}

/** A book of versions in any order. Of two versions of one id with the same time the later one counts. */
export function createPriceBook(versions: readonly PriceVersion[], markUps: readonly MarkUp[] = []): PriceBook {
  const rising = versions.toSorted((a, b) => a.fromMs - b.fromMs);
  const byId = Map.groupBy(rising, ({ id }) => id);
  return {
    inForce: (id, atMs) => byId.get(id)?.findLast(({ fromMs }) => fromMs <= atMs)?.priceList,
    changesMs: [...new Set(rising.map(({ fromMs }) => fromMs))],
    markUps,
  };
}

/** The book of an operator who sets no prices. */
export const emptyPriceBook: PriceBook = createPriceBook([]);
