import { usdDecimal } from '../ledger/amount.ts';
import type { NanoUsd } from '../model/money.ts';

/** An amount as dollars and as whole nano-dollars, both as text: a number of JSON would lose digits. null: there is no limit. */
export function amountFields(name: string, amount: NanoUsd | null): Readonly<Record<string, string | null>> {
  return {
    [`${name}_usd`]: amount === null ? null : usdDecimal(amount),
    [`${name}_nano_usd`]: amount === null ? null : amount.toString(),
  };
}
