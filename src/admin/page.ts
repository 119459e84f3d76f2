import { wrongQuery } from '../http/read-query.ts';
import type { Json, JsonObject } from '../model/json.ts';

export interface Page {
  /** How many at most, from 1. */
  readonly limit: number;
  /** What `next` of the page before said; absent: the first page. */
  readonly after?: string;
}

/** Query parameters of every list. */
export const pageParameters = ['limit', 'after'] as const;

const usualLimit = 50;
const largestLimit = 1_000;

export function readPage({ limit, after }: { readonly limit?: string; readonly after?: string }): Page {
  const count = limit === undefined ? usualLimit : /^\d{1,4}$/.test(limit) ? Number(limit) : 0;
  if (count < 1 || count > largestLimit) throw wrongQuery('limit', `"limit" must be a whole number from 1 to ${largestLimit}.`);
  return { limit: count, ...(after === undefined || after === '' ? {} : { after }) };
}

/** A page of what was found; where there is more, one more than the page holds was asked for. */
export function pageOf<Item>(
  found: readonly Item[],
  { limit }: Page,
  { describe, place }: { readonly describe: (item: Item) => Json; readonly place: (item: Item) => string },
): JsonObject {
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = found.length > limit && last !== undefined;
  return { data: shown.map((item) => describe(item)), has_more: hasMore, next: hasMore ? place(last) : null };
}

/** What comes after a place in a list that is at hand whole. Throws `invalid_request` for a place that is not in it. */
export function restAfter<Item>(all: readonly Item[], { after }: Page, place: (item: Item) => string): readonly Item[] {
  if (after === undefined) return all;
  const at = all.findIndex((item) => place(item) === after);
  if (at < 0) throw wrongAfter(after);
  return all.slice(at + 1);
}

export function wrongAfter(after: string): Error {
  return wrongQuery('after', `There is no ${JSON.stringify(after.slice(0, 100))} in this list. Send "next" of the page before.`);
}
