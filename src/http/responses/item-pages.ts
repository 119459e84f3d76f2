import type { JsonObject } from '../../model/json.ts';
import { idOf } from '../../sessions/item-form.ts';
import type { ItemList, ItemPage } from '../../sessions/kept-response.ts';
import type { Incoming } from '../incoming.ts';
import { wrongQuery } from '../read-query.ts';
import { readQueryBeside } from './read-query-beside.ts';

/** `limit` (1 to 100, else 20), `order` (`asc` or `desc`, else `desc`) and `after` of a list of items. */
export function readItemPage(incoming: Pick<Incoming, 'request'>): ItemPage {
  const { limit = '20', order = 'desc', after } = readQueryBeside(incoming, ['limit', 'order', 'after'], lists);
  if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > 100)
    throw wrongQuery('limit', 'limit must be from 1 to 100.');
  if (order !== 'asc' && order !== 'desc') throw wrongQuery('order', 'order must be asc or desc.');
  return { limit: Number(limit), order, ...(after === undefined ? {} : { after }) };
}

/** What is kept of an item is told whole, so there is nothing more to include. */
const lists: ReadonlySet<string> = new Set(['include', 'include[]']);

export function describeList({ items, hasMore }: ItemList): JsonObject {
  const [first] = items;
  const last = items.at(-1);
  return {
    object: 'list',
    data: items,
    first_id: first === undefined ? null : idOf(first),
    last_id: last === undefined ? null : idOf(last),
    has_more: hasMore,
  };
}
