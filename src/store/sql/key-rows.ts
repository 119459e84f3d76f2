import type { PreviousSecret, StoredChanges, StoredKey } from '../../access/access.ts';
import { numberColumn, textColumn, textsColumn } from './row.ts';
import type { Row, SqlValue } from './statement.ts';

/** The columns of `api_keys`; null stands for what was not said. */
export const keyColumns = [
  'id',
  'name',
  'account_id',
  'hash',
  'created_at',
  'revoked_at',
  'expires_at',
  'allowed_models_json',
  'allowed_tools_json',
  'allowed_addresses_json',
  'previous_hash',
  'previous_until',
  'requests_per_minute',
  'tokens_per_minute',
  'max_in_flight',
  'budget_account_id',
  'last_used_at',
] as const;

type KeyColumn = (typeof keyColumns)[number];

/** In the order of the columns. */
export function keyValues(key: StoredKey): readonly SqlValue[] {
  const row: Readonly<Record<KeyColumn, SqlValue>> = {
    id: key.id,
    name: key.name,
    account_id: key.accountId,
    hash: key.hash,
    created_at: BigInt(key.createdAt),
    revoked_at: integer(key.revokedAt),
    expires_at: integer(key.expiresAt),
    allowed_models_json: list(key.allowedModels),
    allowed_tools_json: list(key.allowedTools),
    allowed_addresses_json: list(key.allowedAddresses),
    previous_hash: key.previous?.hash ?? null,
    previous_until: integer(key.previous?.until),
    requests_per_minute: integer(key.requestsPerMinute),
    tokens_per_minute: integer(key.tokensPerMinute),
    max_in_flight: integer(key.maxInFlight),
    budget_account_id: key.budgetId ?? null,
    last_used_at: integer(key.lastUsedAt),
  };
  return keyColumns.map((column) => row[column]);
}

/** The columns of what is said, with the values that they are to have. */
export function changedColumns(changes: StoredChanges): readonly (readonly [KeyColumn, SqlValue])[] {
  const { name, expiresAt, allowedModels, allowedTools, allowedAddresses } = changes;
  const { requestsPerMinute, tokensPerMinute, maxInFlight, budgetId } = changes;
  const changed: (readonly [KeyColumn, SqlValue])[] = [];
  if (name !== undefined) changed.push(['name', name]);
  if (expiresAt !== undefined) changed.push(['expires_at', integer(expiresAt)]);
  if (allowedModels !== undefined) changed.push(['allowed_models_json', list(allowedModels)]);
  if (allowedTools !== undefined) changed.push(['allowed_tools_json', list(allowedTools)]);
  if (allowedAddresses !== undefined) changed.push(['allowed_addresses_json', list(allowedAddresses)]);
  if (requestsPerMinute !== undefined) changed.push(['requests_per_minute', integer(requestsPerMinute)]);
  if (tokensPerMinute !== undefined) changed.push(['tokens_per_minute', integer(tokensPerMinute)]);
  if (maxInFlight !== undefined) changed.push(['max_in_flight', integer(maxInFlight)]);
  if (budgetId !== undefined) changed.push(['budget_account_id', budgetId]);
  return changed;
}

export function readKeyRow(row: Row): StoredKey {
  const said = (column: KeyColumn): boolean => row[column] !== null;
  return {
    id: textColumn(row, 'id'),
    name: textColumn(row, 'name'),
    accountId: textColumn(row, 'account_id'),
    hash: textColumn(row, 'hash'),
    createdAt: numberColumn(row, 'created_at'),
    ...(said('revoked_at') ? { revokedAt: numberColumn(row, 'revoked_at') } : {}),
    ...(said('expires_at') ? { expiresAt: numberColumn(row, 'expires_at') } : {}),
    ...(said('allowed_models_json') ? { allowedModels: textsColumn(row, 'allowed_models_json') } : {}),
    ...(said('allowed_tools_json') ? { allowedTools: textsColumn(row, 'allowed_tools_json') } : {}),
    ...(said('allowed_addresses_json') ? { allowedAddresses: textsColumn(row, 'allowed_addresses_json') } : {}),
    ...(said('previous_hash') ? { previous: previousSecret(row) } : {}),
    ...(said('requests_per_minute') ? { requestsPerMinute: numberColumn(row, 'requests_per_minute') } : {}),
    ...(said('tokens_per_minute') ? { tokensPerMinute: numberColumn(row, 'tokens_per_minute') } : {}),
    ...(said('max_in_flight') ? { maxInFlight: numberColumn(row, 'max_in_flight') } : {}),
    ...(said('budget_account_id') ? { budgetId: textColumn(row, 'budget_account_id') } : {}),
    ...(said('last_used_at') ? { lastUsedAt: numberColumn(row, 'last_used_at') } : {}),
  };
}

function previousSecret(row: Row): PreviousSecret {
  return { hash: textColumn(row, 'previous_hash'), until: numberColumn(row, 'previous_until') };
}

function list(value: readonly string[] | null | undefined): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

function integer(value: number | null | undefined): bigint | null {
  return value === undefined || value === null ? null : BigInt(value);
}
