import type { Account, AccountPage, NewAccount } from '../../ledger/account.ts';
import { deepestPath } from '../../ledger/account.ts';
import { availableOf } from '../../ledger/balance.ts';
import { budgetPeriodEnd } from '../../ledger/budget-period.ts';
import type { Entry, EntryPage } from '../../ledger/entry.ts';
import type { CreditAnswer, NewCredit, OpenAnswer } from '../../ledger/ledger-store.ts';
import { accountColumns, entryColumns, readAccount, readEntry } from './ledger-rows.ts';
import { numberColumn } from './row.ts';
import { query } from './statement.ts';
import type { Operation, Row } from './statement.ts';

export function* openAccount(account: NewAccount): Operation<OpenAnswer> {
  if (account.parentId !== undefined) {
    const above = yield* findPath({ accountId: account.parentId });
    if (above.length === 0 || above.length >= deepestPath) return { kind: 'no-parent' };
  }
  const { budget } = account;
  const endsAt = budget === undefined ? undefined : budgetPeriodEnd(budget.period, account.createdAt);
  const [created] = yield* query(
    `INSERT INTO accounts (id, spending_limit, overdraft, created_at, parent_id, budget_amount, budget_period, budget_ends_at, credits)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (id) DO NOTHING RETURNING ${accountColumns}`,
    account.id,
    account.limit,
    account.overdraft,
    BigInt(account.createdAt),
    account.parentId ?? null,
    budget?.amount ?? null,
    budget?.period ?? null,
    endsAt === undefined ? null : BigInt(endsAt),
    budget?.amount ?? 0n,
  );
  if (created === undefined) return { kind: 'exists', account: yield* accountOf(account.id) };
  if (budget !== undefined && budget.amount > 0n) {
    yield* postEntry({ accountId: account.id, kind: 'reset', amount: budget.amount, ref: 'opening', at: account.createdAt });
  }
  return { kind: 'opened', account: readAccount(created) };
}

export function* findAccount(input: { readonly accountId: string }): Operation<Account | undefined> {
  const [row] = yield* query(`SELECT ${accountColumns} FROM accounts WHERE id = $1`, input.accountId);
  return row === undefined ? undefined : readAccount(row);
}

/** The account and those above it, the root first; empty where there is no such account. */
export function* findPath(input: { readonly accountId: string }): Operation<readonly Account[]> {
  const path: Account[] = [];
  let next: string | undefined = input.accountId;
  while (next !== undefined) {
    const account: Account | undefined = yield* findAccount({ accountId: next });
    if (account === undefined) return [];
    path.unshift(account);
    next = account.parentId;
  }
  return path;
}

/** An account that a foreign key says is there. */
export function* accountOf(accountId: string): Operation<Account> {
  const account = yield* findAccount({ accountId });
  if (account === undefined) throw new Error(`The account "${accountId}" is gone.`);
  return account;
}

export function* accountsOf(path: readonly string[]): Operation<readonly Account[]> {
  const accounts: Account[] = [];
  for (const id of path) accounts.push(yield* accountOf(id));
  return accounts;
}

export function accountIn(row: Row | undefined): Account {
  if (row === undefined) throw new Error('A transfer points to an account that is gone.');
  return readAccount(row);
}

/** An update that changes nothing takes the row's lock on every database, so that what is read here is still true below. */
export function* lockAccount(accountId: string): Operation<Account> {
  const [row] = yield* query(`UPDATE accounts SET pending = pending WHERE id = $1 RETURNING ${accountColumns}`, accountId);
  return accountIn(row);
}

export function* listAccounts({ afterId, parentId, limit }: AccountPage): Operation<readonly Account[]> {
  const rows =
    parentId === undefined
      ? yield* query(`SELECT ${accountColumns} FROM accounts WHERE id > $1 ORDER BY id LIMIT $2`, afterId ?? '', BigInt(limit))
      : yield* query(
          `SELECT ${accountColumns} FROM accounts WHERE parent_id = $3 AND id > $1 ORDER BY id LIMIT $2`,
          afterId ?? '',
          BigInt(limit),
          parentId,
        );
  return rows.map(readAccount);
}

/** Credits that come or go without being spent, and their entry. Nothing where the amount is 0. */
export function* moveCredits(
  accountId: string,
  amount: bigint,
  entry: Pick<Entry, 'kind' | 'ref' | 'at' | 'note'>,
): Operation<void> {
  if (amount === 0n) return;
  // Who was told that the balance is low is told anew, should it be low again after this.
  if (amount > 0n)
    yield* query('UPDATE accounts SET credits = credits + $2, low_balance_told_at = NULL WHERE id = $1', accountId, amount);
  else yield* query('UPDATE accounts SET debits = debits + $2 WHERE id = $1', accountId, -amount);
  yield* postEntry({ ...entry, accountId, amount });
}

export function* credit(wish: NewCredit): Operation<CreditAnswer> {
  const [before] = yield* query(
    `SELECT ${entryColumns} FROM entries WHERE ref = $1 AND kind = $2 ORDER BY seq LIMIT 1`,
    wish.ref,
    wish.kind,
  );
  if (before !== undefined) {
    const entry = readEntry(before);
    if (entry.accountId !== wish.accountId || entry.amount !== wish.amount) return { kind: 'taken', entry };
    return { kind: 'replayed', account: yield* accountOf(wish.accountId) };
  }
  const known = yield* findAccount(wish);
  if (known === undefined) return { kind: 'no-account' };
  const account = yield* lockAccount(wish.accountId);
  const available = availableOf(account);
  if (wish.amount < 0n && available !== null && available < -wish.amount) return { kind: 'short', account };
  yield* moveCredits(wish.accountId, wish.amount, wish);
  return { kind: 'credited', account: yield* accountOf(wish.accountId) };
}

/**
 * A ref that no other entry of the account has. Its own place in time would not do: two changes may fall into one millisecond, and
 * a clock that goes back lets a period begin twice. The account is locked.
 */
export function* newRef(accountId: string, name: string): Operation<string> {
  const [last] = yield* query('SELECT COALESCE(MAX(seq), 0) AS seq FROM entries WHERE account_id = $1', accountId);
  return `${name}#${last === undefined ? 0 : numberColumn(last, 'seq')}`;
}

/** Two of the same ref and kind cannot both be posted on an account: the table refuses the second, whatever went wrong before. */
export function* postEntry(entry: Omit<Entry, 'seq'>): Operation<void> {
  yield* query(
    'INSERT INTO entries (account_id, kind, amount, ref, note, posted_at) VALUES ($1, $2, $3, $4, $5, $6)',
    entry.accountId,
    entry.kind,
    entry.amount,
    entry.ref,
    entry.note ?? null,
    BigInt(entry.at),
  );
}

export function* listEntries(page: EntryPage): Operation<readonly Entry[]> {
  const rows = yield* query(
    `SELECT ${entryColumns} FROM entries WHERE account_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
    page.accountId,
    BigInt(page.afterSeq ?? 0),
    BigInt(page.limit),
  );
  return rows.map(readEntry);
}
