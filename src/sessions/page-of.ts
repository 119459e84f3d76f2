import { FlashmuxError } from '../model/fault.ts';
import type { JsonObject } from '../model/json.ts';
import { idOf } from './item-form.ts';
import type { ItemList, ItemPage } from './kept-response.ts';

/** A page of items that are all there. Throws `invalid_request` where there is no item `after`. */
export function pageOf(items: readonly JsonObject[], { order, limit, after }: ItemPage): ItemList {
  const ordered = order === 'asc' ? items : items.toReversed();
  const found = after === undefined ? -1 : ordered.findIndex((item) => idOf(item) === after);
  if (after !== undefined && found < 0) throw noItemAfter();
  const page = ordered.slice(found + 1, found + 1 + limit);
  return { items: page, hasMore: found + 1 + limit < ordered.length };
}

export function noItemAfter(): FlashmuxError {
  return new FlashmuxError('invalid_request', 'There is no item with this id here.', { param: 'after' });
}
