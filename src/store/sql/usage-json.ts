import type { ChargeLine } from '../../model/money.ts';
import type { Usage } from '../../model/usage.ts';

// Usage and charge lines are kept as JSON text: they are read whole, by request, and never searched.

/** A figure that is no number (a host's NaN) is left out, which says "not told"; JSON would turn it into null. */
export function writeUsage(usage: Usage): string {
  return JSON.stringify(usage, (_, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? undefined : value));
}

export function writeLines(lines: readonly ChargeLine[]): string {
  return JSON.stringify(lines.map((line) => ({ ...line, amount: line.amount.toString() })));
}
