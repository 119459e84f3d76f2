import type { Account, AccountLimit, Budget, BudgetPeriod } from '../../ledger/account.ts';
import { entryKinds } from '../../ledger/entry.ts';
import type { Entry } from '../../ledger/entry.ts';
import type { Gift, Grant } from '../../ledger/grant.ts';
import type { HoldState, StoredHold } from '../../ledger/ledger-store.ts';
import { bigintColumn, numberColumn, textColumn, textsColumn, wordColumn } from './row.ts';
import type { Row } from './statement.ts';

export const accountColumns = `id, spending_limit, overdraft, credits, debits, pending, created_at, parent_id, budget_amount, budget_period,
  budget_ends_at, grants_due_at, open_grants, open_token_grants, low_balance, low_balance_told_at`;
export const holdColumns =
  'request_id, account_id, amount, reserved, path_json, state, epoch_id, created_at, expires_at, charged, ended_at';
export const entryColumns = 'seq, account_id, kind, amount, ref, note, posted_at';
export const grantColumns =
  'ref, account_id, unit, amount, used, pending, models_json, note, created_at, expires_at, renew_every_ms, renewals, is_open';

const limits: readonly AccountLimit[] = ['none', 'prepaid'];
const periods: readonly BudgetPeriod[] = ['day', 'week', 'month', 'total'];
const holdStates: readonly HoldState[] = ['open', 'posted', 'void', 'expired'];

export function readAccount(row: Row): Account {
  return {
    id: textColumn(row, 'id'),
    limit: wordColumn(row, 'spending_limit', limits),
    overdraft: bigintColumn(row, 'overdraft'),
    credits: bigintColumn(row, 'credits'),
    debits: bigintColumn(row, 'debits'),
    pending: bigintColumn(row, 'pending'),
    createdAt: numberColumn(row, 'created_at'),
    openGrants: numberColumn(row, 'open_grants'),
    openTokenGrants: numberColumn(row, 'open_token_grants'),
    ...(row['parent_id'] === null ? {} : { parentId: textColumn(row, 'parent_id') }),
    ...(row['budget_period'] === null ? {} : { budget: budgetOf(row) }),
    ...(row['budget_ends_at'] === null ? {} : { budgetEndsAt: numberColumn(row, 'budget_ends_at') }),
    ...(row['grants_due_at'] === null ? {} : { grantsDueAt: numberColumn(row, 'grants_due_at') }),
    ...(row['low_balance'] === null ? {} : { lowBalance: bigintColumn(row, 'low_balance') }),
    ...(row['low_balance_told_at'] === null ? {} : { lowBalanceToldAt: numberColumn(row, 'low_balance_told_at') }),
  };
}

function budgetOf(row: Row): Budget {
  return { amount: bigintColumn(row, 'budget_amount'), period: wordColumn(row, 'budget_period', periods) };
}

export function readHold(row: Row): StoredHold {
  return {
    requestId: textColumn(row, 'request_id'),
    accountId: textColumn(row, 'account_id'),
    amount: bigintColumn(row, 'amount'),
    reserved: bigintColumn(row, 'reserved'),
    path: pathOf(row),
    state: wordColumn(row, 'state', holdStates),
    epochId: textColumn(row, 'epoch_id'),
    createdAt: numberColumn(row, 'created_at'),
    expiresAt: numberColumn(row, 'expires_at'),
    ...(row['charged'] === null ? {} : { charged: bigintColumn(row, 'charged') }),
    ...(row['ended_at'] === null ? {} : { endedAt: numberColumn(row, 'ended_at') }),
  };
}

/** The accounts that a hold takes from, the root first. Most have one only, and say nothing. */
export function pathOf(row: Row): readonly string[] {
  if (row['path_json'] === null) return [textColumn(row, 'account_id')];
  return textsColumn(row, 'path_json');
}

export function readEntry(row: Row): Entry {
  return {
    seq: numberColumn(row, 'seq'),
    accountId: textColumn(row, 'account_id'),
    kind: wordColumn(row, 'kind', entryKinds),
    amount: bigintColumn(row, 'amount'),
    ref: textColumn(row, 'ref'),
    at: numberColumn(row, 'posted_at'),
    ...(row['note'] === null ? {} : { note: textColumn(row, 'note') }),
  };
}

export function readGrant(row: Row): Grant {
  return {
    ref: textColumn(row, 'ref'),
    accountId: textColumn(row, 'account_id'),
    gift: giftOf(row),
    used: bigintColumn(row, 'used'),
    pending: bigintColumn(row, 'pending'),
    createdAt: numberColumn(row, 'created_at'),
    expiresAt: numberColumn(row, 'expires_at'),
    open: bigintColumn(row, 'is_open') === 1n,
    ...(row['renew_every_ms'] === null ? {} : { renewEveryMs: numberColumn(row, 'renew_every_ms') }),
    ...(row['note'] === null ? {} : { note: textColumn(row, 'note') }),
  };
}

function giftOf(row: Row): Gift {
  if (wordColumn(row, 'unit', ['usd', 'tokens']) === 'usd') return { unit: 'usd', amount: bigintColumn(row, 'amount') };
  const models = row['models_json'] === null ? {} : { models: textsColumn(row, 'models_json') };
  return { unit: 'tokens', count: numberColumn(row, 'amount'), ...models };
}
