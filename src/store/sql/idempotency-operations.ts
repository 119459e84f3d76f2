import type { Idempotency, Repeated } from '../../ledger/idempotency.ts';
import { numberColumn, textColumn } from './row.ts';
import { query } from './statement.ts';
import type { Operation, Row } from './statement.ts';

export interface Claim extends Idempotency {
  readonly accountId: string;
  readonly requestId: string;
  /** Unix milliseconds. */
  readonly at: number;
}

export interface Claimed {
  readonly kind: 'claimed';
  /** The attempt that had the key before, where it had expired without a charge. */
  readonly supersededId?: string;
}

/** Where the request that claims the key is not held after all, call `unclaimKey`. */
export function* claimKey(claim: Claim): Operation<Repeated | Claimed> {
  const [inserted] = yield* query(
    `INSERT INTO idempotency (account_id, key, fingerprint, request_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (account_id, key) DO NOTHING RETURNING key`,
    claim.accountId,
    claim.key,
    claim.fingerprint,
    claim.requestId,
    BigInt(claim.at),
    BigInt(claim.expiresAt),
  );
  if (inserted !== undefined) return { kind: 'claimed' };
  const [before] = yield* query(
    `SELECT i.request_id, i.fingerprint, i.result, i.expires_at, h.state FROM idempotency i
     LEFT JOIN holds h ON h.request_id = i.request_id WHERE i.account_id = $1 AND i.key = $2`,
    claim.accountId,
    claim.key,
  );
  if (before === undefined) throw new Error('An idempotency key was there and is gone.');
  // The same request again is a transaction that runs once more after its connection was lost.
  if (textColumn(before, 'request_id') === claim.requestId) return { kind: 'claimed' };
  const isForgotten = numberColumn(before, 'expires_at') <= claim.at && before['state'] !== 'open';
  const answer = isForgotten ? undefined : answerOf(before, claim);
  return answer ?? (yield* takeOver(before, claim, !isForgotten && before['state'] === 'expired'));
}

/** Undefined: its last attempt ended without a charge, so that the key is good for another one. */
function answerOf(before: Row, claim: Claim): Repeated | undefined {
  const requestId = textColumn(before, 'request_id');
  if (textColumn(before, 'fingerprint') !== claim.fingerprint) return { kind: 'repeated', state: 'mismatch', requestId };
  if (before['state'] === 'open') return { kind: 'repeated', state: 'running', requestId };
  if (before['state'] !== 'posted') return undefined;
  const result = before['result'] === null ? {} : { result: textColumn(before, 'result') };
  return { kind: 'repeated', state: 'done', requestId, ...result };
}

/**
 * Of two that try it at once one gets it. A key is paid for once: an attempt that expired can no longer be charged by a late
 * settlement when another one stands in its place.
 */
function* takeOver(before: Row, claim: Claim, supersedes: boolean): Operation<Repeated | Claimed> {
  const requestId = textColumn(before, 'request_id');
  const [taken] = yield* query(
    `UPDATE idempotency SET request_id = $4, fingerprint = $5, result = NULL, created_at = $6, expires_at = $7
     WHERE account_id = $1 AND key = $2 AND request_id = $3 RETURNING key`,
    claim.accountId,
    claim.key,
    requestId,
    claim.requestId,
    claim.fingerprint,
    BigInt(claim.at),
    BigInt(claim.expiresAt),
  );
  if (taken === undefined) return { kind: 'repeated', state: 'running', requestId };
  if (!supersedes) return { kind: 'claimed' };
  const [superseded] = yield* query(
    `UPDATE holds SET state = 'void' WHERE request_id = $1 AND state = 'expired' RETURNING request_id`,
    requestId,
  );
  if (superseded !== undefined) return { kind: 'claimed', supersededId: requestId };
  // It was charged after all, since it was looked at: whoever asks again finds that.
  yield* query('UPDATE idempotency SET request_id = $2 WHERE request_id = $1', claim.requestId, requestId);
  return { kind: 'repeated', state: 'running', requestId };
}

/** A request that was refused before it began does not use its key up. */
export function* unclaimKey(requestId: string, { supersededId }: Claimed): Operation<void> {
  yield* query('DELETE FROM idempotency WHERE request_id = $1', requestId);
  if (supersededId !== undefined) yield* query(`UPDATE holds SET state = 'expired' WHERE request_id = $1`, supersededId);
}

export function* keepResult(requestId: string, result: string | undefined): Operation<void> {
  if (result !== undefined) yield* query('UPDATE idempotency SET result = $2 WHERE request_id = $1', requestId, result);
}

/** Keys whose request still runs are kept. Gives how many were forgotten. */
export function* pruneKeys(input: { readonly at: number }): Operation<number> {
  const pruned = yield* query(
    `DELETE FROM idempotency WHERE expires_at <= $1
       AND NOT EXISTS (SELECT 1 FROM holds WHERE holds.request_id = idempotency.request_id AND holds.state = 'open')
     RETURNING key`,
    BigInt(input.at),
  );
  return pruned.length;
}
