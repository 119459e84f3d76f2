import type { BudgetPeriod } from './account.ts';

/** When the period that `at` lies in is over, both Unix milliseconds; undefined where it never is. */
export function budgetPeriodEnd(period: BudgetPeriod, at: number): number | undefined {
  const day = new Date(at);
  const [year, month, date] = [day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate()];
  switch (period) {
    case 'day':
      return Date.UTC(year, month, date + 1);
    case 'week':
      // Monday is 1 and Sunday 0, which ends the week that began six days before.
      return Date.UTC(year, month, date + 8 - (day.getUTCDay() || 7));
    case 'month':
      return Date.UTC(year, month + 1, 1);
    case 'total':
      return undefined;
  }
}
