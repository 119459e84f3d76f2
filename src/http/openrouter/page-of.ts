import { wrongQuery } from '../read-query.ts';
import type { ModelQuery } from './select-models.ts';

export interface Page<Item> {
  readonly items: readonly Item[];
  /** The same question for the items after these; null where there are none. */
  readonly next: string | null;
}

const mostItems = 1000;
const usualItems = 500;

/** One page of a list. Where neither an offset nor a limit is asked for, it is the whole list. Throws `invalid_request`. */
export function pageOf<Item>(all: readonly Item[], query: ModelQuery, path: string): Page<Item> {
  if (query.offset === undefined && query.limit === undefined) return { items: all, next: null };
  const offset = readCount('offset', query.offset ?? '0', 0);
  const limit = readCount('limit', query.limit ?? String(usualItems), 1);
  if (limit > mostItems) throw wrongQuery('limit', `"limit" may be ${mostItems} at most.`);
  const end = offset + limit;
  const rest = new URLSearchParams({ ...query, offset: String(end), limit: String(limit) });
  return { items: all.slice(offset, end), next: end < all.length ? `${path}?${rest.toString()}` : null };
}

function readCount(name: string, text: string, least: number): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(count >= least)) throw wrongQuery(name, `"${name}" must be a whole number from ${least}.`);
  return count;
}
