import type { StoredKey } from '../../access/access.ts';
import { numberColumn, textColumn } from './row.ts';
import { query } from './statement.ts';
import type { Operation, Row } from './statement.ts';

const columns = 'id, name, account_id, hash, created_at, revoked_at';

/** False where the account does not exist. */
export function* insertKey(key: StoredKey): Operation<boolean> {
  const inserted = yield* query(
    `INSERT INTO api_keys (${columns})
     SELECT $1, $2, id, $4, $5, $6 FROM accounts WHERE id = $3
     RETURNING id`,
    key.id,
    key.name,
    key.accountId,
    key.hash,
    BigInt(key.createdAt),
    key.revokedAt === undefined ? null : BigInt(key.revokedAt),
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

function readKey(row: Row): StoredKey {
  return {
    id: textColumn(row, 'id'),
    name: textColumn(row, 'name'),
    accountId: textColumn(row, 'account_id'),
    hash: textColumn(row, 'hash'),
    createdAt: numberColumn(row, 'created_at'),
    ...(row['revoked_at'] === null ? {} : { revokedAt: numberColumn(row, 'revoked_at') }),
  };
}
