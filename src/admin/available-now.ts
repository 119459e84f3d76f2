import type { Account } from '../ledger/account.ts';
import { availableOf } from '../ledger/balance.ts';
import type { NanoUsd } from '../model/money.ts';

/**
 * What an account leaves at `now` (Unix milliseconds); null where it has no limit. The books show a budget's last period until the
 * first call of the next one; a reader wants to know what that call will find.
 */
export function availableNow(account: Account, now: number): NanoUsd | null {
  const { budget, overdraft, pending } = account;
  return budget !== undefined && isPeriodOver(account, now) ? budget.amount + overdraft - pending : availableOf(account);
}

/** The same for the tightest account of a path; null where none has a limit. */
export function spendableNow(path: readonly Account[], now: number): NanoUsd | null {
  const limits = path.map((account) => availableNow(account, now)).filter((available) => available !== null);
  return limits.reduce<NanoUsd | null>((least, available) => (least === null || available < least ? available : least), null);
}

export function isPeriodOver({ budgetEndsAt }: Account, now: number): boolean {
  return budgetEndsAt !== undefined && budgetEndsAt <= now;
}
