import type { Account, AccountChange } from '../../ledger/account.ts';
import { budgetPeriodEnd } from '../../ledger/budget-period.ts';
import { accountOf, findAccount, lockAccount, moveCredits, newRef } from './account-operations.ts';
import { bringUp } from './path-operations.ts';
import { query } from './statement.ts';
import type { Operation } from './statement.ts';

export function* changeAccount(change: AccountChange): Operation<Account | undefined> {
  const before = yield* findAccount({ accountId: change.id });
  if (before === undefined) return undefined;
  // The old terms hold for a period that is over.
  yield* bringUp([yield* lockAccount(change.id)], change.at);
  if (change.overdraft !== undefined) {
    // Never below what is used of it already: the table would refuse the row.
    yield* query(
      `UPDATE accounts SET overdraft = CASE WHEN spending_limit = 'none' OR credits + $2 - debits - pending >= 0 THEN $2
         ELSE debits + pending - credits END WHERE id = $1`,
      change.id,
      change.overdraft,
    );
  }
  if (change.lowBalance !== undefined) {
    yield* query('UPDATE accounts SET low_balance = $2, low_balance_told_at = NULL WHERE id = $1', change.id, change.lowBalance);
  }
  const locked = yield* accountOf(change.id);
  if (change.budget !== undefined && locked.budget !== undefined) {
    const { amount, period } = change.budget;
    const endsAt = budgetPeriodEnd(period, change.at);
    // What was spent in the running period stays spent: the period's credits go up or down by what the budget does.
    const unspent = locked.credits - locked.debits - locked.pending;
    const free = unspent > 0n ? unspent : 0n;
    const raised = amount - locked.budget.amount;
    const ref = yield* newRef(locked.id, `change@${change.at}`);
    yield* moveCredits(locked.id, raised < -free ? -free : raised, { kind: 'reset', ref, at: change.at });
    yield* query(
      'UPDATE accounts SET budget_amount = $2, budget_period = $3, budget_ends_at = $4 WHERE id = $1',
      change.id,
      amount,
      period,
      endsAt === undefined ? null : BigInt(endsAt),
    );
  }
  return yield* accountOf(change.id);
}
