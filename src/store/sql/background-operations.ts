import { parseJson } from '../../model/json.ts';
import type { Ending, EventTexts, Owned } from '../../sessions/session-store.ts';
import { addItems } from './conversation-operations.ts';
import { insertItems, itemOf } from './kept-item-operations.ts';
import { numberColumn, textColumn } from './row.ts';
import { query } from './statement.ts';
import type { Operation } from './statement.ts';

// A response in the background is run by one process; every other one sees it, and may cancel it, through these rows.

export function* beginResponse({ accountId, id }: Owned): Operation<boolean> {
  const begun = yield* query(
    `UPDATE responses SET status = 'in_progress' WHERE id = $1 AND account_id = $2 AND status IN ('queued', 'in_progress')
     RETURNING id`,
    id,
    accountId,
  );
  return begun.length === 1;
}

export function* finishResponse({ accountId, id, status, object, output, events }: Ending): Operation<boolean> {
  const [ended] = yield* query(
    `UPDATE responses SET status = $3, object_json = $4 WHERE id = $1 AND account_id = $2 AND status IN ('queued', 'in_progress')
     RETURNING conversation_id`,
    id,
    accountId,
    status,
    JSON.stringify(object),
  );
  if (ended === undefined) return false;
  yield* addEvents(events);
  const input = yield* query('SELECT place, item_json FROM kept_items WHERE owner_id = $1 ORDER BY place', id);
  yield* insertItems({ ownerId: id, accountId }, 'output', input.length, output);
  if (ended['conversation_id'] !== null) {
    yield* addItems(textColumn(ended, 'conversation_id'), accountId, [...input.map(itemOf), ...output]);
  }
  return true;
}

export function* cancelResponse({ accountId, id }: Owned): Operation<boolean> {
  const cancelled = yield* query(
    `UPDATE responses SET status = 'cancelled' WHERE id = $1 AND account_id = $2 AND status IN ('queued', 'in_progress')
     RETURNING id`,
    id,
    accountId,
  );
  return cancelled.length === 1;
}

export function* runningResponses({ ids }: { readonly ids: readonly string[] }): Operation<readonly string[]> {
  if (ids.length === 0) return [];
  const places = ids.map((_, index) => `$${index + 1}`).join(', ');
  const rows = yield* query(`SELECT id FROM responses WHERE id IN (${places}) AND status IN ('queued', 'in_progress')`, ...ids);
  return rows.map((row) => textColumn(row, 'id'));
}

/** Those of processes that have ended, or that the others gave up for dead. */
export function* giveUpOrphans(_: null): Operation<readonly string[]> {
  const rows = yield* query(
    `UPDATE responses SET status = 'failed' WHERE status IN ('queued', 'in_progress')
       AND epoch_id IN (SELECT id FROM epochs WHERE ended_at IS NOT NULL)
     RETURNING id`,
  );
  return rows.map((row) => textColumn(row, 'id'));
}

export function* addEvents({ responseId, first, texts }: EventTexts): Operation<void> {
  yield* query(
    `INSERT INTO response_events (response_id, first_number, last_number, texts_json)
     SELECT id, $2, $3, $4 FROM responses WHERE id = $1 ON CONFLICT (response_id, first_number) DO NOTHING`,
    responseId,
    BigInt(first),
    BigInt(first + texts.length - 1),
    JSON.stringify(texts),
  );
}

/** Rows of one answer: each is what came within a moment. */
const rowsAtOnce = 50;

export function* findEvents(input: { readonly responseId: string; readonly after: number }): Operation<readonly EventTexts[]> {
  const rows = yield* query(
    `SELECT first_number, texts_json FROM response_events WHERE response_id = $1 AND last_number > $2
     ORDER BY first_number LIMIT $3`,
    input.responseId,
    BigInt(input.after),
    BigInt(rowsAtOnce),
  );
  return rows.map((row) => ({
    responseId: input.responseId,
    first: numberColumn(row, 'first_number'),
    texts: textsIn(textColumn(row, 'texts_json')),
  }));
}

function textsIn(json: string): readonly string[] {
  const value = parseJson(json);
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
}
