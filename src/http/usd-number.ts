import { usdDecimal } from '../ledger/amount.ts';
import type { NanoUsd } from '../model/money.ts';

/** Dollars as a JSON number, for clients that read one: the shortest text that reads back as the same 9 decimals. */
export function usdNumber(amount: NanoUsd): number {
  return Number(usdDecimal(amount));
}
