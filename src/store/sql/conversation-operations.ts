import type { JsonObject } from '../../model/json.ts';
import type { Conversation, ItemPage } from '../../sessions/kept-response.ts';
import type { ConversationPart, Owned } from '../../sessions/session-store.ts';
import { charactersOf, insertItems, itemOf, objectColumn, removeItems } from './kept-item-operations.ts';
import { bigintColumn, numberColumn, textColumn } from './row.ts';
import { query } from './statement.ts';
import type { Operation, Row } from './statement.ts';

export function* openConversation(input: {
  readonly conversation: Conversation;
  readonly items: readonly JsonObject[];
}): Operation<void> {
  const { id, accountId, metadata, createdAt, expiresAt } = input.conversation;
  const [inserted] = yield* query(
    `INSERT INTO conversations (id, account_id, metadata_json, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (id) DO NOTHING RETURNING id`,
    id,
    accountId,
    JSON.stringify(metadata),
    BigInt(createdAt),
    BigInt(expiresAt),
  );
  if (inserted !== undefined) yield* addItems(id, accountId, input.items);
}

export function* findConversation({ accountId, id, at }: Owned & { readonly at: number }): Operation<Conversation | undefined> {
  const [row] = yield* query(
    `SELECT id, account_id, metadata_json, created_at, expires_at FROM conversations
     WHERE id = $1 AND account_id = $2 AND expires_at > $3`,
    id,
    accountId,
    BigInt(at),
  );
  return row === undefined ? undefined : conversationOf(row);
}

function conversationOf(row: Row): Conversation {
  return {
    id: textColumn(row, 'id'),
    accountId: textColumn(row, 'account_id'),
    metadata: objectColumn(row, 'metadata_json'),
    createdAt: numberColumn(row, 'created_at'),
    expiresAt: numberColumn(row, 'expires_at'),
  };
}

export function* describeConversation(input: Owned & { readonly metadata: JsonObject }): Operation<boolean> {
  const changed = yield* query(
    'UPDATE conversations SET metadata_json = $3 WHERE id = $1 AND account_id = $2 RETURNING id',
    input.id,
    input.accountId,
    JSON.stringify(input.metadata),
  );
  return changed.length === 1;
}

export function* removeConversation({ accountId, id }: Owned): Operation<boolean> {
  const removed = yield* query('DELETE FROM conversations WHERE id = $1 AND account_id = $2 RETURNING id', id, accountId);
  if (removed.length === 0) return false;
  yield* removeItems(id);
  return true;
}

export interface ConversationPartInput extends Owned {
  readonly part: ItemPage | { readonly mostCharacters: number };
  readonly at: number;
}

export function* conversationItems({ part, ...found }: ConversationPartInput): Operation<ConversationPart> {
  if ((yield* findConversation(found)) === undefined) return { kind: 'unknown' };
  if ('mostCharacters' in part) return yield* allItems(found.id, part.mostCharacters);
  const isUp = part.order === 'asc';
  let start: bigint | undefined;
  if (part.after !== undefined) {
    const [row] = yield* query('SELECT place FROM kept_items WHERE owner_id = $1 AND item_id = $2', found.id, part.after);
    if (row === undefined) return { kind: 'no-item' };
    start = bigintColumn(row, 'place');
  }
  const rows = yield* query(
    `SELECT item_json FROM kept_items WHERE owner_id = $1 ${start === undefined ? '' : `AND place ${isUp ? '>' : '<'} $3`}
     ORDER BY place ${isUp ? 'ASC' : 'DESC'} LIMIT $2`,
    found.id,
    BigInt(part.limit + 1),
    ...(start === undefined ? [] : [start]),
  );
  return { kind: 'items', items: rows.slice(0, part.limit).map(itemOf), hasMore: rows.length > part.limit };
}

function* allItems(id: string, mostCharacters: number): Operation<ConversationPart> {
  const characters = yield* charactersOf(id);
  if (characters > mostCharacters) return { kind: 'too-long', characters };
  const rows = yield* query('SELECT item_json FROM kept_items WHERE owner_id = $1 ORDER BY place', id);
  return { kind: 'items', items: rows.map(itemOf), hasMore: false };
}

export function* addConversationItems(
  input: Owned & { readonly items: readonly JsonObject[]; readonly expiresAt: number },
): Operation<boolean> {
  const { accountId, id, items, expiresAt } = input;
  const [own] = yield* query(
    'UPDATE conversations SET expires_at = $3 WHERE id = $1 AND account_id = $2 RETURNING id',
    id,
    accountId,
    BigInt(expiresAt),
  );
  if (own === undefined) return false;
  yield* addItems(id, accountId, items);
  return true;
}

/**
 * Behind what is there. An item that the conversation has already is not added again: it is one that was sent back as it came, or this
 * transaction runs once more after its connection was lost. Nothing where there is no such conversation any more.
 */
export function* addItems(id: string, accountId: string, items: readonly JsonObject[]): Operation<void> {
  // Two that add at once come one after the other, so that their places differ.
  const [locked] = yield* query(
    'UPDATE conversations SET created_at = created_at WHERE id = $1 AND account_id = $2 RETURNING id',
    id,
    accountId,
  );
  if (locked === undefined) return;
  const there = yield* query('SELECT place, item_id FROM kept_items WHERE owner_id = $1 ORDER BY place', id);
  const ids = new Set(there.map((row) => row['item_id']));
  const last = there.at(-1);
  const first = last === undefined ? 0 : numberColumn(last, 'place') + 1;
  const added = items.filter((item) => {
    const isNew = !ids.has(item['id']);
    ids.add(item['id']);
    return isNew;
  });
  yield* insertItems({ ownerId: id, accountId }, 'conversation', first, added);
}

export function* removeConversationItem({ accountId, id, itemId }: Owned & { readonly itemId: string }): Operation<boolean> {
  const removed = yield* query(
    `DELETE FROM kept_items WHERE owner_id = $1 AND account_id = $2 AND part = 'conversation' AND item_id = $3 RETURNING item_id`,
    id,
    accountId,
    itemId,
  );
  return removed.length > 0;
}
