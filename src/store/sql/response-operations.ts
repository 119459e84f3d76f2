import type { KeptResponse, KeptStatus } from '../../sessions/kept-response.ts';
import { isRunning } from '../../sessions/kept-response.ts';
import type { Chain, ChainLimits, Owned } from '../../sessions/session-store.ts';
import { addItems } from './conversation-operations.ts';
import { charactersOf, insertItems, itemOf, objectColumn, removeItems } from './kept-item-operations.ts';
import { numberColumn, textColumn, wordColumn } from './row.ts';
import { query } from './statement.ts';
import type { Operation, Row } from './statement.ts';

const statuses: readonly KeptStatus[] = ['queued', 'in_progress', 'completed', 'incomplete', 'failed', 'cancelled'];
const columns = 'id, account_id, status, previous_id, conversation_id, fingerprint, object_json, created_at, expires_at';

export function* keepResponse({ response, epochId }: KeepInput): Operation<boolean> {
  const { id, accountId, status, previousId, conversationId, object, input, output } = response;
  const [inserted] = yield* query(
    `INSERT INTO responses (id, account_id, status, previous_id, conversation_id, epoch_id, fingerprint, object_json,
       created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING RETURNING id`,
    id,
    accountId,
    status,
    previousId ?? null,
    conversationId ?? null,
    isRunning(status) ? epochId : null,
    response.fingerprint ?? null,
    JSON.stringify(object),
    BigInt(response.createdAt),
    BigInt(response.expiresAt),
  );
  if (inserted === undefined) return false;
  const owner = { ownerId: id, accountId };
  yield* insertItems(owner, 'input', 0, input);
  yield* insertItems(owner, 'output', input.length, output);
  if (conversationId !== undefined && !isRunning(status)) yield* addItems(conversationId, accountId, [...input, ...output]);
  return true;
}

export interface KeepInput {
  readonly response: KeptResponse;
  /** Of the process that runs it, where it runs. */
  readonly epochId: string;
}

export function* findResponse({ accountId, id, at }: Owned & { readonly at: number }): Operation<KeptResponse | undefined> {
  const [row] = yield* query(
    `SELECT ${columns} FROM responses WHERE id = $1 AND account_id = $2 AND expires_at > $3`,
    id,
    accountId,
    BigInt(at),
  );
  if (row === undefined) return undefined;
  const items = yield* query('SELECT part, item_json FROM kept_items WHERE owner_id = $1 ORDER BY place', id);
  const ofPart = (part: string) => items.filter((item) => item['part'] === part).map(itemOf);
  return { ...responseOf(row), input: ofPart('input'), output: ofPart('output') };
}

function responseOf(row: Row): Omit<KeptResponse, 'input' | 'output'> {
  return {
    id: textColumn(row, 'id'),
    accountId: textColumn(row, 'account_id'),
    status: wordColumn(row, 'status', statuses),
    ...(row['previous_id'] === null ? {} : { previousId: textColumn(row, 'previous_id') }),
    ...(row['conversation_id'] === null ? {} : { conversationId: textColumn(row, 'conversation_id') }),
    ...(row['fingerprint'] === null ? {} : { fingerprint: textColumn(row, 'fingerprint') }),
    object: objectColumn(row, 'object_json'),
    createdAt: numberColumn(row, 'created_at'),
    expiresAt: numberColumn(row, 'expires_at'),
  };
}

export function* removeResponse({ accountId, id }: Owned): Operation<boolean> {
  const [own] = yield* query('SELECT id FROM responses WHERE id = $1 AND account_id = $2', id, accountId);
  if (own === undefined) return false;
  yield* forgetResponse(id);
  return true;
}

export function* forgetResponse(id: string): Operation<void> {
  yield* query('DELETE FROM response_events WHERE response_id = $1', id);
  yield* removeItems(id);
  yield* query('DELETE FROM responses WHERE id = $1', id);
}

export interface ChainInput extends Owned {
  readonly limits: ChainLimits;
  readonly at: number;
  readonly expiresAt: number;
}

/** What is used is kept on: each expiry is moved once a day at most, so that a long chain is not written anew at every turn. */
const renewAfterMs = 86_400_000;

export function* readChain({ accountId, id, limits, at, expiresAt }: ChainInput): Operation<Chain> {
  // One step more than may be, to see that there are too many.
  const links = yield* query(
    `WITH RECURSIVE chain (id, previous_id, status, expires_at, depth) AS (
       SELECT id, previous_id, status, expires_at, CAST(0 AS BIGINT) FROM responses
       WHERE id = $1 AND account_id = $2 AND expires_at > $3
       UNION ALL
       SELECT responses.id, responses.previous_id, responses.status, responses.expires_at, chain.depth + 1
       FROM responses JOIN chain ON responses.id = chain.previous_id
       WHERE responses.account_id = $2 AND chain.depth < $4
     ) SELECT id, previous_id, status, expires_at FROM chain ORDER BY depth`,
    id,
    accountId,
    BigInt(at),
    BigInt(limits.responses),
  );
  const [newest] = links;
  const oldest = links.at(-1);
  if (newest === undefined || oldest === undefined) return { kind: 'unknown' };
  if (links.length > limits.responses) return { kind: 'too-long', responses: links.length, characters: 0 };
  if (oldest['previous_id'] !== null) return { kind: 'broken', missingId: textColumn(oldest, 'previous_id') };
  if (isRunning(wordColumn(newest, 'status', statuses))) return { kind: 'running', id };
  let characters = 0;
  for (const link of links) characters += yield* charactersOf(textColumn(link, 'id'));
  if (characters > limits.characters) return { kind: 'too-long', responses: links.length, characters };
  const items = [];
  for (const link of links.toReversed()) {
    const linkId = textColumn(link, 'id');
    if (numberColumn(link, 'expires_at') + renewAfterMs < expiresAt) {
      yield* query('UPDATE responses SET expires_at = $2 WHERE id = $1', linkId, BigInt(expiresAt));
    }
    for (const row of yield* query('SELECT item_json FROM kept_items WHERE owner_id = $1 ORDER BY place', linkId))
      items.push(itemOf(row));
  }
  return { kind: 'chain', items };
}

/** How many are forgotten in one transaction. */
const mostPruned = 500;

export function* pruneSessions({ at }: { readonly at: number }): Operation<number> {
  const responses = yield* query(
    `SELECT id FROM responses WHERE expires_at <= $1 AND status NOT IN ('queued', 'in_progress') ORDER BY expires_at LIMIT $2`,
    BigInt(at),
    BigInt(mostPruned),
  );
  for (const row of responses) yield* forgetResponse(textColumn(row, 'id'));
  const conversations = yield* query(
    'SELECT id FROM conversations WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2',
    BigInt(at),
    BigInt(mostPruned),
  );
  for (const row of conversations) {
    yield* removeItems(textColumn(row, 'id'));
    yield* query('DELETE FROM conversations WHERE id = $1', textColumn(row, 'id'));
  }
  return responses.length + conversations.length;
}
