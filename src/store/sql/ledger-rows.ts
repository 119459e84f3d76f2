import type { Account, AccountLimit, Entry, EntryKind, HoldState, StoredHold } from '../../ledger/ledger-store.ts';
import { bigintColumn, numberColumn, textColumn, wordColumn } from './row.ts';
import type { Row } from './statement.ts';

export const accountColumns = 'id, spending_limit, overdraft, credits, debits, pending, created_at';
export const holdColumns = 'request_id, account_id, amount, state, epoch_id, created_at, expires_at, charged, ended_at';
export const entryColumns = 'seq, account_id, kind, amount, ref, posted_at';

const limits: readonly AccountLimit[] = ['none', 'prepaid'];
const holdStates: readonly HoldState[] = ['open', 'posted', 'void', 'expired'];
const entryKinds: readonly EntryKind[] = ['topup', 'usage', 'late'];

export function readAccount(row: Row): Account {
  return {
    id: textColumn(row, 'id'),
    limit: wordColumn(row, 'spending_limit', limits),
    overdraft: bigintColumn(row, 'overdraft'),
    credits: bigintColumn(row, 'credits'),
    debits: bigintColumn(row, 'debits'),
    pending: bigintColumn(row, 'pending'),
    createdAt: numberColumn(row, 'created_at'),
  };
}

export function readHold(row: Row): StoredHold {
  return {
    requestId: textColumn(row, 'request_id'),
    accountId: textColumn(row, 'account_id'),
    amount: bigintColumn(row, 'amount'),
    state: wordColumn(row, 'state', holdStates),
    epochId: textColumn(row, 'epoch_id'),
    createdAt: numberColumn(row, 'created_at'),
    expiresAt: numberColumn(row, 'expires_at'),
    ...(row['charged'] === null ? {} : { charged: bigintColumn(row, 'charged') }),
    ...(row['ended_at'] === null ? {} : { endedAt: numberColumn(row, 'ended_at') }),
  };
}

export function readEntry(row: Row): Entry {
  return {
    seq: numberColumn(row, 'seq'),
    accountId: textColumn(row, 'account_id'),
    kind: wordColumn(row, 'kind', entryKinds),
    amount: bigintColumn(row, 'amount'),
    ref: textColumn(row, 'ref'),
    at: numberColumn(row, 'posted_at'),
  };
}
