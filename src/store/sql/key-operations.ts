import { z } from 'zod';
import type { KeyRotation, PreviousSecret, StoredKey } from '../../access/access.ts';
import { numberColumn, textColumn } from './row.ts';
import { query } from './statement.ts';
import type { Operation, Row } from './statement.ts';

const columns =
  'id, name, account_id, hash, created_at, revoked_at, expires_at, allowed_models_json, previous_hash, previous_until, requests_per_minute, max_in_flight';

/** False where the account does not exist. */
export function* insertKey(key: StoredKey): Operation<boolean> {
  const inserted = yield* query(
    `INSERT INTO api_keys (${columns})
     SELECT $1, $2, id, $4, $5, $6, $7, $8, $9, $10, $11, $12 FROM accounts WHERE id = $3
     RETURNING id`,
    key.id,
    key.name,
    key.accountId,
    key.hash,
    BigInt(key.createdAt),
    integerOrNull(key.revokedAt),
    integerOrNull(key.expiresAt),
    key.allowedModels === undefined ? null : JSON.stringify(key.allowedModels),
    key.previous?.hash ?? null,
    integerOrNull(key.previous?.until),
    integerOrNull(key.requestsPerMinute),
    integerOrNull(key.maxInFlight),
  );
  return inserted.length === 1;
}

export function* findKey(input: { readonly id: string }): Operation<StoredKey | undefined> {
  const [row] = yield* query(`SELECT ${columns} FROM api_keys WHERE id = $1`, input.id);
  return row === undefined ? undefined : readKey(row);
}

export function* listKeys(_: null): Operation<readonly StoredKey[]> {
  const rows = yield* query(`SELECT ${columns} FROM api_keys ORDER BY created_at, id`);
  return rows.map(readKey);
}

export function* revokeKey(input: { readonly id: string; readonly at: number }): Operation<boolean> {
  const revoked = yield* query(
    'UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING id',
    input.id,
    BigInt(input.at),
  );
  return revoked.length === 1;
}

/** The secret that is replaced stays the same row's previous one, so that no moment has neither. */
export function* rotateKey(rotation: KeyRotation): Operation<boolean> {
  const rotated = yield* query(
    `UPDATE api_keys SET previous_hash = hash, previous_until = $3, hash = $2
     WHERE id = $1 AND revoked_at IS NULL RETURNING id`,
    rotation.id,
    rotation.hash,
    BigInt(rotation.previousUntil),
  );
  return rotated.length === 1;
}

function readKey(row: Row): StoredKey {
  return {
    id: textColumn(row, 'id'),
    name: textColumn(row, 'name'),
    accountId: textColumn(row, 'account_id'),
    hash: textColumn(row, 'hash'),
    createdAt: numberColumn(row, 'created_at'),
    ...(row['revoked_at'] === null ? {} : { revokedAt: numberColumn(row, 'revoked_at') }),
    ...(row['expires_at'] === null ? {} : { expiresAt: numberColumn(row, 'expires_at') }),
    ...(row['allowed_models_json'] === null ? {} : { allowedModels: modelsColumn(row) }),
    ...(row['previous_hash'] === null ? {} : { previous: previousSecret(row) }),
    ...(row['requests_per_minute'] === null ? {} : { requestsPerMinute: numberColumn(row, 'requests_per_minute') }),
    ...(row['max_in_flight'] === null ? {} : { maxInFlight: numberColumn(row, 'max_in_flight') }),
  };
}

function previousSecret(row: Row): PreviousSecret {
  return { hash: textColumn(row, 'previous_hash'), until: numberColumn(row, 'previous_until') };
}

const models = z.array(z.string());

function modelsColumn(row: Row): readonly string[] {
  return models.parse(JSON.parse(textColumn(row, 'allowed_models_json')));
}

function integerOrNull(value: number | undefined): bigint | null {
  return value === undefined ? null : BigInt(value);
}
