import { isJsonObject, parseJson } from '../../model/json.ts';
import type { JsonObject } from '../../model/json.ts';
import { numberColumn, textColumn } from './row.ts';
import { query } from './statement.ts';
import type { Operation, Row } from './statement.ts';

/** Whose items: a response's, with its output behind its input, or a conversation's. */
export interface ItemOwner {
  readonly ownerId: string;
  readonly accountId: string;
}

/** `first`: the place of the first of them. Places may have gaps. */
export function* insertItems(owner: ItemOwner, part: ItemPart, first: number, items: readonly JsonObject[]): Operation<void> {
  for (let done = 0; done < items.length; done += itemsAtOnce) {
    const rows = items.slice(done, done + itemsAtOnce);
    const places = rows.map((_, row) => `($1, $${3 * row + 4}, $2, $3, $${3 * row + 5}, $${3 * row + 6})`).join(', ');
    yield* query(
      `INSERT INTO kept_items (owner_id, place, account_id, part, item_id, item_json) VALUES ${places}`,
      owner.ownerId,
      owner.accountId,
      part,
      ...rows.flatMap((item, row) => [
        BigInt(first + done + row),
        typeof item['id'] === 'string' ? item['id'] : '',
        JSON.stringify(item),
      ]),
    );
  }
}

/** How many rows one statement writes: a long input is few statements, and they are few different ones. */
const itemsAtOnce = 32;

export type ItemPart = 'input' | 'output' | 'conversation';

/** How many items one statement asks for. */
const idsAtOnce = 200;

export function* findItems(input: {
  readonly accountId: string;
  readonly itemIds: readonly string[];
  readonly at: number;
}): Operation<readonly JsonObject[]> {
  const found: JsonObject[] = [];
  for (let first = 0; first < input.itemIds.length; first += idsAtOnce) {
    const ids = input.itemIds.slice(first, first + idsAtOnce);
    const places = ids.map((_, index) => `$${index + 3}`).join(', ');
    // Ids of responses sort by time: the newest owner of an item is the greatest. The same item is a part of every input it was sent in.
    const rows = yield* query(
      `SELECT kept_items.item_json FROM kept_items JOIN (
         SELECT item_id, MAX(owner_id) AS owner_id FROM kept_items
         LEFT JOIN responses ON responses.id = owner_id LEFT JOIN conversations ON conversations.id = owner_id
         WHERE kept_items.account_id = $1 AND COALESCE(responses.expires_at, conversations.expires_at) > $2
           AND item_id IN (${places})
         GROUP BY item_id
       ) AS newest ON newest.item_id = kept_items.item_id AND newest.owner_id = kept_items.owner_id`,
      input.accountId,
      BigInt(input.at),
      ...ids,
    );
    for (const row of rows) found.push(itemOf(row));
  }
  return found;
}

/** Of JSON. */
export function* charactersOf(ownerId: string): Operation<number> {
  const [sum] = yield* query(
    'SELECT CAST(COALESCE(SUM(LENGTH(item_json)), 0) AS BIGINT) AS characters FROM kept_items WHERE owner_id = $1',
    ownerId,
  );
  return sum === undefined ? 0 : numberColumn(sum, 'characters');
}

export function* removeItems(ownerId: string): Operation<void> {
  yield* query('DELETE FROM kept_items WHERE owner_id = $1', ownerId);
}

export function itemOf(row: Row): JsonObject {
  return objectColumn(row, 'item_json');
}

/** JSON that this program wrote. */
export function objectColumn(row: Row, column: string): JsonObject {
  const value = parseJson(textColumn(row, column));
  if (!isJsonObject(value)) throw new Error(`The column ${column} should hold a JSON object.`);
  return value;
}
