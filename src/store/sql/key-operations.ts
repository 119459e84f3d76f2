import type { KeyRotation, StoredChanges, StoredKey } from '../../access/access.ts';
import { changedColumns, keyColumns, keyValues, readKeyRow } from './key-rows.ts';
import { query } from './statement.ts';
import type { Operation } from './statement.ts';

// Each of these may run again after it was committed, when the connection broke before the answer came: it finds its own work then,
// and answers as it did the first time.

/** False where the account does not exist. Throws for an id that another key has. */
export function* insertKey(key: StoredKey): Operation<boolean> {
  const values = keyValues(key);
  const places = keyColumns.map((column, index) => (column === 'account_id' ? 'id' : `$${index + 1}`));
  const account = `$${keyColumns.indexOf('account_id') + 1}`;
  const inserted = yield* query(
    `INSERT INTO api_keys (${keyColumns.join(', ')})
     SELECT ${places.join(', ')} FROM accounts WHERE id = ${account}
     ON CONFLICT (id) DO NOTHING RETURNING id`,
    ...values,
  );
  if (inserted.length === 1) return true;
  const before = yield* findKey(key);
  if (before === undefined) return false;
  if (before.hash === key.hash && before.createdAt === key.createdAt) return true;
  throw new Error(`Another key has the id ${key.id}.`);
}

export function* findKey(input: { readonly id: string }): Operation<StoredKey | undefined> {
  const [row] = yield* query(`SELECT ${keyColumns.join(', ')} FROM api_keys WHERE id = $1`, input.id);
  return row === undefined ? undefined : readKeyRow(row);
}

export function* listKeys(_: null): Operation<readonly StoredKey[]> {
  const rows = yield* query(`SELECT ${keyColumns.join(', ')} FROM api_keys ORDER BY created_at, id`);
  return rows.map(readKeyRow);
}

export function* revokeKey(input: { readonly id: string; readonly at: number }): Operation<boolean> {
  const revoked = yield* query(
    'UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND (revoked_at IS NULL OR revoked_at = $2) RETURNING id',
    input.id,
    BigInt(input.at),
  );
  return revoked.length === 1;
}

/** The secret that is replaced stays the same row's previous one, so that no moment has neither. */
export function* rotateKey(rotation: KeyRotation): Operation<boolean> {
  const rotated = yield* query(
    `UPDATE api_keys SET hash = $2,
       previous_hash = CASE WHEN hash = $2 THEN previous_hash ELSE hash END,
       previous_until = CASE WHEN hash = $2 THEN previous_until ELSE $3 END
     WHERE id = $1 AND revoked_at IS NULL RETURNING id`,
    rotation.id,
    rotation.hash,
    BigInt(rotation.previousUntil),
  );
  return rotated.length === 1;
}

/** Writes the columns that change and no others, so that two changes at once both come through. */
export function* updateKey({ id, changes }: { readonly id: string; readonly changes: StoredChanges }): Operation<boolean> {
  const changed = changedColumns(changes);
  const assignments = changed.map(([column], index) => `${column} = $${index + 2}`);
  const updated = yield* query(
    `UPDATE api_keys SET ${['id = id', ...assignments].join(', ')} WHERE id = $1 AND revoked_at IS NULL RETURNING id`,
    id,
    ...changed.map(([, value]) => value),
  );
  return updated.length === 1;
}

/** Of two processes that write at once the later time stays. */
export function* touchKey(input: { readonly id: string; readonly at: number }): Operation<null> {
  yield* query(
    'UPDATE api_keys SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)',
    input.id,
    BigInt(input.at),
  );
  return null;
}
