import { availableOf } from '../../ledger/balance.ts';
import { lockAccount } from './account-operations.ts';
import { query } from './statement.ts';
import type { Operation } from './statement.ts';

/** True for the one who is to tell the owner that the balance is low: it was not told yet, and it is low still. */
export function* tellLowBalance(input: {
  readonly accountId: string;
  readonly below: bigint;
  readonly at: number;
}): Operation<boolean> {
  const account = yield* lockAccount(input.accountId);
  const available = availableOf(account);
  // The same moment again is this very call, whose answer was lost.
  if (account.lowBalanceToldAt !== undefined) return account.lowBalanceToldAt === input.at;
  if (available === null || available + account.pending >= input.below) return false;
  yield* query('UPDATE accounts SET low_balance_told_at = $2 WHERE id = $1', input.accountId, BigInt(input.at));
  return true;
}

/** The next settlement that leaves a low balance tells it again. */
export function* untellLowBalance(input: { readonly accountId: string }): Operation<null> {
  yield* query('UPDATE accounts SET low_balance_told_at = NULL WHERE id = $1', input.accountId);
  return null;
}
