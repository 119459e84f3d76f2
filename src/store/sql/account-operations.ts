import type { Account, CreditAnswer, Entry, EntryPage, NewAccount, NewCredit } from '../../ledger/ledger-store.ts';
import { accountColumns, entryColumns, readAccount, readEntry } from './ledger-rows.ts';
import { query } from './statement.ts';
import type { Operation } from './statement.ts';

export function* openAccount(account: NewAccount): Operation<Account> {
  const [created] = yield* query(
    `INSERT INTO accounts (id, spending_limit, overdraft, created_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (id) DO NOTHING RETURNING ${accountColumns}`,
    account.id,
    account.limit,
    account.overdraft,
    BigInt(account.createdAt),
  );
  return created === undefined ? yield* accountOf(account.id) : readAccount(created);
}

export function* findAccount(input: { readonly accountId: string }): Operation<Account | undefined> {
  const [row] = yield* query(`SELECT ${accountColumns} FROM accounts WHERE id = $1`, input.accountId);
  return row === undefined ? undefined : readAccount(row);
}

/** An account that a foreign key says is there. */
export function* accountOf(accountId: string): Operation<Account> {
  const account = yield* findAccount({ accountId });
  if (account === undefined) throw new Error(`The account "${accountId}" is gone.`);
  return account;
}

export function* credit(wish: NewCredit): Operation<CreditAnswer> {
  const [before] = yield* query(`SELECT ${entryColumns} FROM entries WHERE ref = $1 AND kind = $2`, wish.ref, wish.kind);
  if (before !== undefined) {
    const entry = readEntry(before);
    if (entry.accountId !== wish.accountId || entry.amount !== wish.amount) return { kind: 'taken', entry };
    return { kind: 'replayed', account: yield* accountOf(wish.accountId) };
  }
  const [raised] = yield* query(
    `UPDATE accounts SET credits = credits + $2 WHERE id = $1 RETURNING ${accountColumns}`,
    wish.accountId,
    wish.amount,
  );
  if (raised === undefined) return { kind: 'no-account' };
  yield* postEntry(wish);
  return { kind: 'credited', account: readAccount(raised) };
}

/** Two of the same ref and kind cannot both be posted: the table refuses the second, whatever went wrong before. */
export function* postEntry(entry: Omit<Entry, 'seq'>): Operation<void> {
  yield* query(
    'INSERT INTO entries (account_id, kind, amount, ref, posted_at) VALUES ($1, $2, $3, $4, $5)',
    entry.accountId,
    entry.kind,
    entry.amount,
    entry.ref,
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
