import type { Account } from '../../ledger/account.ts';
import type { Grant, NewGrant } from '../../ledger/grant.ts';
import type { GrantAnswer, HeldTokens } from '../../ledger/ledger-store.ts';
import { accountOf, findAccount, lockAccount, moveCredits } from './account-operations.ts';
import { grantColumns, readGrant } from './ledger-rows.ts';
import { bigintColumn, numberColumn, textColumn } from './row.ts';
import { query } from './statement.ts';
import type { Operation, Row } from './statement.ts';

export function* giveGrant(wish: NewGrant): Operation<GrantAnswer> {
  const before = yield* findGrant(wish.ref);
  if (before !== undefined) {
    if (!isSame(before, wish)) return { kind: 'taken', grant: before };
    return { kind: 'replayed', grant: before, account: yield* accountOf(wish.accountId) };
  }
  if ((yield* findAccount(wish)) === undefined) return { kind: 'no-account' };
  yield* lockAccount(wish.accountId);
  const { gift } = wish;
  const models = modelsOf(wish);
  yield* query(
    `INSERT INTO grants (ref, account_id, unit, amount, models_json, note, created_at, expires_at, renew_every_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    wish.ref,
    wish.accountId,
    gift.unit,
    sizeOf(wish),
    models === undefined ? null : JSON.stringify(models),
    wish.note ?? null,
    BigInt(wish.at),
    BigInt(wish.expiresAt),
    wish.renewEveryMs === undefined ? null : BigInt(wish.renewEveryMs),
  );
  if (gift.unit === 'usd') {
    yield* moveCredits(wish.accountId, gift.amount, { kind: 'promo', ref: periodRef(wish.ref, 0), at: wish.at });
  }
  yield* countGrants(wish.accountId);
  const grant = yield* findGrant(wish.ref);
  if (grant === undefined) throw new Error(`The grant ${wish.ref} was written and is gone.`);
  return { kind: 'granted', grant, account: yield* accountOf(wish.accountId) };
}

export function* listGrants(input: { readonly accountId: string }): Operation<readonly Grant[]> {
  const rows = yield* query(
    `SELECT ${grantColumns} FROM grants WHERE account_id = $1 ORDER BY is_open DESC, expires_at, ref`,
    input.accountId,
  );
  return rows.map(readGrant);
}

function* findGrant(ref: string): Operation<Grant | undefined> {
  const [row] = yield* query(`SELECT ${grantColumns} FROM grants WHERE ref = $1`, ref);
  return row === undefined ? undefined : readGrant(row);
}

/** Renewed or not: what was asked for at first. */
function isSame(grant: Grant, wish: NewGrant): boolean {
  return (
    grant.accountId === wish.accountId &&
    grant.gift.unit === wish.gift.unit &&
    sizeOf(grant) === sizeOf(wish) &&
    JSON.stringify(modelsOf(grant)) === JSON.stringify(modelsOf(wish)) &&
    grant.renewEveryMs === wish.renewEveryMs
  );
}

function modelsOf({ gift }: Pick<NewGrant, 'gift'>): readonly string[] | undefined {
  return gift.unit === 'tokens' ? gift.models : undefined;
}

function sizeOf({ gift }: Pick<NewGrant, 'gift'>): bigint {
  return gift.unit === 'usd' ? gift.amount : BigInt(gift.count);
}

/** Each period of a grant has entries of its own. */
function periodRef(ref: string, renewals: number): string {
  return `${ref}#${renewals}`;
}

/**
 * Ends the account's grants whose time is over, and begins the next period of those that renew. What open holds may still need of
 * the credits stays until they have ended, and leaves when somebody looks again. The account is locked.
 */
export function* expireGrants(account: Account, at: number): Operation<Account> {
  let current = account;
  const due = yield* query(
    `SELECT ${grantColumns} FROM grants WHERE account_id = $1 AND is_open = 1 AND expires_at <= $2 ORDER BY expires_at, ref`,
    account.id,
    BigInt(at),
  );
  for (const row of due) {
    const over = textColumn(row, 'unit') === 'usd' ? yield* takeRest(row, current, at) : bigintColumn(row, 'pending') === 0n;
    if (over) yield* closeOrRenew(row, at);
    current = yield* accountOf(account.id);
  }
  yield* countGrants(account.id);
  return yield* accountOf(account.id);
}

/** Takes the unspent credits of a grant away, as far as no open hold needs them. True where nothing of it is left. */
function* takeRest(row: Row, account: Account, at: number): Operation<boolean> {
  const ref = textColumn(row, 'ref');
  const used = bigintColumn(row, 'used');
  const rest = bigintColumn(row, 'amount') - used;
  const free = account.credits - account.debits - account.pending;
  const taken = free <= 0n ? 0n : free < rest ? free : rest;
  if (taken > 0n) {
    const periodOf = periodRef(ref, numberColumn(row, 'renewals'));
    yield* moveCredits(account.id, -taken, { kind: 'expiry', ref: `${periodOf}/${used}`, at });
    yield* query('UPDATE grants SET used = used + $2 WHERE ref = $1', ref, taken);
  }
  // Without open holds, what is missing was taken by an adjustment: there is nothing left to wait for.
  return taken === rest || account.pending === 0n;
}

function* closeOrRenew(row: Row, at: number): Operation<void> {
  const ref = textColumn(row, 'ref');
  if (row['renew_every_ms'] === null) {
    yield* query('UPDATE grants SET is_open = 0 WHERE ref = $1', ref);
    return;
  }
  const every = numberColumn(row, 'renew_every_ms');
  const expiredAt = numberColumn(row, 'expires_at');
  // Periods that nobody looked at are skipped: they would have expired unspent.
  // money: counts periods of time
  const periods = Math.floor((at - expiredAt) / every) + 1;
  const renewals = numberColumn(row, 'renewals') + 1;
  yield* query(
    'UPDATE grants SET used = 0, expires_at = $2, renewals = $3 WHERE ref = $1',
    ref,
    BigInt(expiredAt + periods * every),
    BigInt(renewals),
  );
  if (textColumn(row, 'unit') === 'usd') {
    const entry = { kind: 'promo', ref: periodRef(ref, renewals), at } as const;
    yield* moveCredits(textColumn(row, 'account_id'), bigintColumn(row, 'amount'), entry);
  }
}

/**
 * A charge is taken from the grants that expire soonest, so that paid credits last longest. The account is locked. Gives it as it is
 * afterwards.
 */
export function* spendGrants(account: Account, charged: bigint): Operation<Account> {
  if (account.openGrants === 0 || charged === 0n) return account;
  const rows = yield* query(
    `SELECT ref, amount, used FROM grants WHERE account_id = $1 AND is_open = 1 AND unit = 'usd' AND used < amount
     ORDER BY expires_at, ref`,
    account.id,
  );
  let left = charged;
  for (const row of rows) {
    if (left === 0n) break;
    const rest = bigintColumn(row, 'amount') - bigintColumn(row, 'used');
    const used = rest < left ? rest : left;
    left -= used;
    yield* query(
      `UPDATE grants SET used = used + $2, is_open = CASE WHEN used + $2 = amount AND renew_every_ms IS NULL THEN 0 ELSE 1 END
       WHERE ref = $1`,
      textColumn(row, 'ref'),
      used,
    );
  }
  yield* countGrants(account.id);
  return yield* accountOf(account.id);
}

/** The grant that covers the tokens of a hold, with them set aside in it; undefined where none has enough left. */
export function* coverTokens(path: readonly Account[], tokens: HeldTokens, at: number): Operation<string | undefined> {
  for (const account of path) {
    if (account.openTokenGrants === 0) continue;
    const rows = yield* query(
      `SELECT ${grantColumns} FROM grants
       WHERE account_id = $1 AND is_open = 1 AND unit = 'tokens' AND expires_at > $2 AND amount - used - pending >= $3
       ORDER BY expires_at, ref`,
      account.id,
      BigInt(at),
      BigInt(tokens.count),
    );
    for (const { ref, gift } of rows.map(readGrant)) {
      if (gift.unit === 'tokens' && gift.models !== undefined && !gift.models.includes(tokens.model)) continue;
      const [covered] = yield* query(
        'UPDATE grants SET pending = pending + $2 WHERE ref = $1 AND used + pending + $2 <= amount RETURNING ref',
        ref,
        BigInt(tokens.count),
      );
      if (covered !== undefined) return ref;
    }
  }
  return undefined;
}

/** Ends what `coverTokens` set aside; `used` of it is gone. */
export function* releaseTokens(ref: string, held: bigint, used: bigint): Operation<void> {
  yield* query('UPDATE grants SET pending = pending - $2, used = used + $3 WHERE ref = $1', ref, held, used);
}

function* countGrants(accountId: string): Operation<void> {
  const open = 'FROM grants WHERE account_id = $1 AND is_open = 1';
  yield* query(
    `UPDATE accounts SET
       grants_due_at = (SELECT MIN(expires_at) ${open}),
       open_grants = (SELECT COUNT(*) ${open} AND unit = 'usd'),
       open_token_grants = (SELECT COUNT(*) ${open} AND unit = 'tokens')
     WHERE id = $1`,
    accountId,
  );
}
