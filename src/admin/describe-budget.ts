import type { Account } from '../ledger/account.ts';
import type { JsonObject } from '../model/json.ts';
import { amountFields } from './amount-fields.ts';
import { availableNow, isPeriodOver } from './available-now.ts';
import { timeText } from './time-text.ts';

/** null for an account that is no budget. `now` in Unix milliseconds. */
export function describeBudget(account: Account | undefined, now: number): JsonObject | null {
  if (account?.budget === undefined) return null;
  const { amount, period } = account.budget;
  return {
    ...amountFields('amount', amount),
    period,
    ...amountFields('remaining', availableNow(account, now)),
    // The next period begins with the first call in it.
    resets_at: isPeriodOver(account, now) ? null : timeText(account.budgetEndsAt),
  };
}
