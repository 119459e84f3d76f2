import type { EndedBefore, HoldAnswer, HoldEnd, NewHold, NewVoid, StoredHold, VoidAnswer } from '../../ledger/ledger-store.ts';
import type { Account } from '../../ledger/account.ts';
import { accountsOf, findPath } from './account-operations.ts';
import { coverTokens, releaseTokens } from './grant-operations.ts';
import { claimKey, unclaimKey } from './idempotency-operations.ts';
import { holdColumns, pathOf, readHold } from './ledger-rows.ts';
import { bringUp, moveOn, reserve } from './path-operations.ts';
import { insertRecord } from './record-operations.ts';
import { bigintColumn, textColumn } from './row.ts';
import { query } from './statement.ts';
import type { Operation, Row } from './statement.ts';

export type EpochHold = NewHold & { readonly epochId: string };

/** The amount fits on every account of the path and the request id is new, or nothing changes. */
export function* hold(wish: EpochHold): Operation<HoldAnswer> {
  const { requestId, accountId, idempotency, createdAt: at } = wish;
  const found = yield* findPath({ accountId: wish.budgetId ?? accountId });
  if (!found.some(({ id }) => id === accountId)) return { kind: 'no-account' };
  const claimed = idempotency === undefined ? undefined : yield* claimKey({ ...idempotency, accountId, requestId, at });
  if (claimed?.kind === 'repeated') return claimed;
  const path = yield* bringUp(found, at);
  const grantRef = wish.tokens === undefined ? undefined : yield* coverTokens(path, wish.tokens, at);
  const reserved = grantRef === undefined || wish.tokens === undefined ? wish.amount : wish.amount - wish.tokens.amount;
  if (!(yield* insertHold(wish, { path, reserved, ...(grantRef === undefined ? {} : { grantRef }) }))) {
    if (grantRef !== undefined) yield* releaseTokens(grantRef, BigInt(wish.tokens?.count ?? 0), 0n);
    return yield* placedBefore(wish);
  }
  const answer = yield* reserve(path, reserved);
  if (answer.kind === 'reserved') return { kind: 'held', path: answer.path };
  yield* query('DELETE FROM holds WHERE request_id = $1', requestId);
  if (grantRef !== undefined) yield* releaseTokens(grantRef, BigInt(wish.tokens?.count ?? 0), 0n);
  if (claimed !== undefined) yield* unclaimKey(requestId, claimed);
  return { kind: 'short', shortId: answer.shortId, needed: reserved, path: yield* accountsOf(path.map(({ id }) => id)) };
}

interface Placement {
  readonly path: readonly Account[];
  readonly reserved: bigint;
  readonly grantRef?: string;
}

/** False where the request id was used before. */
function* insertHold(wish: EpochHold, { path, reserved, grantRef }: Placement): Operation<boolean> {
  const [inserted] = yield* query(
    `INSERT INTO holds (request_id, account_id, path_json, amount, reserved, state, epoch_id, created_at, expires_at, grant_ref, grant_tokens)
     VALUES ($1, $2, $3, $4, $5, 'open', $6, $7, $8, $9, $10)
     ON CONFLICT (request_id) DO NOTHING RETURNING request_id`,
    wish.requestId,
    wish.accountId,
    pathText(path),
    wish.amount,
    reserved,
    wish.epochId,
    BigInt(wish.createdAt),
    BigInt(wish.expiresAt),
    grantRef ?? null,
    grantRef === undefined || wish.tokens === undefined ? null : BigInt(wish.tokens.count),
  );
  return inserted !== undefined;
}

/** null for the many holds that take from one account only. */
export function pathText(path: readonly Account[]): string | null {
  return path.length === 1 ? null : JSON.stringify(path.map(({ id }) => id));
}

function* placedBefore(wish: NewHold): Operation<HoldAnswer> {
  const before = yield* findHold(wish);
  if (before === undefined) throw new Error(`The hold of ${wish.requestId} was there and is gone.`);
  const isSame = before.state === 'open' && before.accountId === wish.accountId && before.amount === wish.amount;
  return isSame ? { kind: 'replayed', path: yield* accountsOf(before.path) } : { kind: 'taken', hold: before };
}

export function* voidHold(end: NewVoid): Operation<VoidAnswer> {
  const [released] = yield* query(
    `UPDATE holds SET state = 'void', ended_at = $2 WHERE request_id = $1 AND state = 'open'
     RETURNING account_id, path_json, reserved, grant_ref, grant_tokens`,
    end.requestId,
    BigInt(end.at),
  );
  if (released === undefined) return yield* endedBefore(end);
  const path = yield* moveOn(pathOf(released), { released: bigintColumn(released, 'reserved'), debited: 0n, credited: 0n });
  yield* releaseCover(released);
  const { requestId, at, record } = end;
  const accountId = textColumn(released, 'account_id');
  if (record !== undefined) yield* insertRecord({ requestId, accountId, charged: 0n, at, ...record });
  return { kind: 'voided', path };
}

function* releaseCover(row: Row): Operation<void> {
  if (row['grant_ref'] === null) return;
  yield* releaseTokens(textColumn(row, 'grant_ref'), bigintColumn(row, 'grant_tokens'), 0n);
}

export function* endedBefore(end: HoldEnd): Operation<EndedBefore> {
  const before = yield* findHold(end);
  if (before === undefined) return { kind: 'no-hold' };
  if (before.state === 'open') throw new Error(`The hold of ${end.requestId} is open, yet its end was refused.`);
  const charged = before.charged === undefined ? {} : { charged: before.charged };
  return { kind: 'ended', state: before.state, ...charged, path: yield* accountsOf(before.path) };
}

/** Open holds of one process whose time is over. Whether a request still owns one is known to that process only. */
export function* overdueHolds(input: { readonly epochId: string; readonly at: number }): Operation<readonly string[]> {
  const rows = yield* query(
    `SELECT request_id FROM holds WHERE epoch_id = $1 AND state = 'open' AND expires_at <= $2 ORDER BY request_id`,
    input.epochId,
    BigInt(input.at),
  );
  return rows.map((row) => textColumn(row, 'request_id'));
}

export function* expireHolds(input: {
  readonly requestIds: readonly string[];
  readonly at: number;
}): Operation<readonly string[]> {
  const expired: Row[] = [];
  for (const requestId of input.requestIds.toSorted()) {
    const rows = yield* query(
      `UPDATE holds SET state = 'expired', ended_at = $2 WHERE request_id = $1 AND state = 'open' RETURNING ${releasedColumns}`,
      requestId,
      BigInt(input.at),
    );
    expired.push(...rows);
  }
  return yield* releaseAll(expired);
}

export const releasedColumns = 'request_id, account_id, path_json, reserved, grant_ref, grant_tokens';

/** Gives back what these holds had set aside, the accounts at the top of their paths first, each level in the order of its ids. */
export function* releaseAll(holds: readonly Row[]): Operation<readonly string[]> {
  const levels: Map<string, bigint>[] = [];
  for (const row of holds) {
    const reserved = bigintColumn(row, 'reserved');
    for (const [depth, id] of pathOf(row).entries()) {
      const level = (levels[depth] ??= new Map<string, bigint>());
      level.set(id, (level.get(id) ?? 0n) + reserved);
    }
  }
  for (const level of levels) {
    for (const [id, amount] of [...level].toSorted(([left], [right]) => (left < right ? -1 : 1))) {
      yield* query('UPDATE accounts SET pending = pending - $2 WHERE id = $1', id, amount);
    }
  }
  for (const row of holds) yield* releaseCover(row);
  return holds.map((row) => textColumn(row, 'request_id')).toSorted();
}

export function* findHold(input: { readonly requestId: string }): Operation<StoredHold | undefined> {
  const [row] = yield* query(`SELECT ${holdColumns} FROM holds WHERE request_id = $1`, input.requestId);
  return row === undefined ? undefined : readHold(row);
}
