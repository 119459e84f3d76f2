import type { BudgetPeriod } from '../../src/ledger/account.ts';

const hourMs = 3_600_000;

/** When the period that `at` lies in is over, found by walking from hour to hour until a midnight begins a new one. */
export function periodEnd(period: BudgetPeriod, at: number): number | undefined {
  if (period === 'total') return undefined;
  for (let hour = at - (at % hourMs) + hourMs; ; hour += hourMs) {
    const date = new Date(hour);
    if (date.getUTCHours() !== 0) continue;
    if (period === 'day') return hour;
    if (period === 'week' && date.getUTCDay() === 1) return hour;
    if (period === 'month' && date.getUTCDate() === 1) return hour;
  }
}
