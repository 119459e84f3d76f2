import type { NanoUsd } from '../../model/money.ts';

/** Dollars as decimal text, without zeros at the end: `0.0006766`. The gateway's metadata tell costs so. */
export function usdText(amount: NanoUsd): string {
  const digits = amount.toString().padStart(10, '0');
  const fraction = digits.slice(-9).replace(/0+$/, '');
  return `${digits.slice(0, -9)}${fraction === '' ? '' : `.${fraction}`}`;
}
