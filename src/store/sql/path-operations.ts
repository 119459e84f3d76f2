import type { Account } from '../../ledger/account.ts';
import { availableOn } from '../../ledger/balance.ts';
import { budgetPeriodEnd } from '../../ledger/budget-period.ts';
import { accountIn, accountOf, lockAccount, moveCredits, newRef } from './account-operations.ts';
import { expireGrants } from './grant-operations.ts';
import { accountColumns } from './ledger-rows.ts';
import { query } from './statement.ts';
import type { Operation } from './statement.ts';

// Whatever moves money locks the accounts of one path from the root down, so that no two transactions wait for each other.

/** The path of a new hold, each account brought to what it is at `at`: budgets in their period, grants expired. */
export function* bringUp(found: readonly Account[], at: number): Operation<readonly Account[]> {
  const isDue = (time: number | undefined): boolean => time !== undefined && time <= at;
  if (!found.some(({ budgetEndsAt, grantsDueAt }) => isDue(budgetEndsAt) || isDue(grantsDueAt))) return found;
  const path: Account[] = [];
  for (const { id } of found) {
    let account = yield* lockAccount(id);
    if (isDue(account.budgetEndsAt)) account = yield* beginPeriod(account, at);
    if (isDue(account.grantsDueAt)) account = yield* expireGrants(account, at);
    path.push(account);
  }
  return path;
}

/** A budget's new period: its credits are whole again, however much was spent before. */
function* beginPeriod(account: Account, at: number): Operation<Account> {
  const { id, budget, budgetEndsAt, credits, debits, pending } = account;
  if (budget === undefined) return account;
  const endsAt = budgetPeriodEnd(budget.period, at);
  // Holds that are open across the change must fit, should the budget have been lowered meanwhile.
  const whole = budget.amount > pending ? budget.amount : pending;
  yield* moveCredits(id, whole - (credits - debits), { kind: 'reset', ref: yield* newRef(id, `period@${budgetEndsAt}`), at });
  yield* query('UPDATE accounts SET budget_ends_at = $2 WHERE id = $1', id, endsAt === undefined ? null : BigInt(endsAt));
  return yield* accountOf(id);
}

export type Reserved =
  | { readonly kind: 'reserved'; readonly path: readonly Account[] }
  | { readonly kind: 'short'; readonly shortId: string };

/** Sets the amount aside on every account of the path, or on none. */
export function* reserve(path: readonly Account[], amount: bigint): Operation<Reserved> {
  const reserved: Account[] = [];
  for (const { id } of path) {
    const [row] = yield* query(
      `UPDATE accounts SET pending = pending + $2
       WHERE id = $1 AND (spending_limit = 'none' OR credits + overdraft - debits - pending >= $2)
       RETURNING ${accountColumns}`,
      id,
      amount,
    );
    if (row === undefined) {
      for (const account of reserved) {
        yield* query('UPDATE accounts SET pending = pending - $2 WHERE id = $1', account.id, amount);
      }
      return { kind: 'short', shortId: id };
    }
    reserved.push(accountIn(row));
  }
  return { kind: 'reserved', path: reserved };
}

/** Sets aside what the tightest account of the path leaves, up to `most`; undefined where that is less than `least`. */
export function* reserveUpTo(
  path: readonly Account[],
  { most, least }: { readonly most: bigint; readonly least: bigint },
): Operation<{ readonly amount: bigint; readonly path: readonly Account[] } | undefined> {
  // The rows are locked before the amount is worked out: a sub-select beside the update would see an older snapshot.
  const locked: Account[] = [];
  for (const { id } of path) locked.push(yield* lockAccount(id));
  const available = availableOn(locked);
  const amount = available === null || available > most ? most : available;
  if (amount < least) return undefined;
  const reserved = yield* reserve(locked, amount);
  return reserved.kind === 'reserved' ? { amount, path: reserved.path } : undefined;
}

/** What a transfer does to each account of its path. */
export interface Move {
  /** No longer set aside. */
  readonly released: bigint;
  readonly debited: bigint;
  /** Given back in the same moment, where free tokens covered a part. */
  readonly credited: bigint;
}

export function* moveOn(path: readonly string[], { released, debited, credited }: Move): Operation<readonly Account[]> {
  const moved: Account[] = [];
  for (const id of path) {
    const [row] = yield* query(
      `UPDATE accounts SET pending = pending - $2, debits = debits + $3, credits = credits + $4
       WHERE id = $1 RETURNING ${accountColumns}`,
      id,
      released,
      debited,
      credited,
    );
    moved.push(accountIn(row));
  }
  return moved;
}
