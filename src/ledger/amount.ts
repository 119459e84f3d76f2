import type { NanoUsd } from '../model/money.ts';

/** One billion dollars. No single amount is above it, so that no sum of a few can leave the 64 bits of a database integer. */
export const largestAmount: NanoUsd = 10n ** 18n;

/** Dollars for a reader: at least cents, and every further digit that is not zero. `$0.0018`, `$12.50`, `-$3.00`. */
export function usdText(amount: NanoUsd): string {
  const sign = amount < 0n ? '-' : '';
  const digits = (amount < 0n ? -amount : amount).toString().padStart(10, '0');
  const fraction = digits.slice(-9).replace(/0+$/, '').padEnd(2, '0');
  return `${sign}$${digits.slice(0, -9)}.${fraction}`;
}

/** The same for a program: `0.0018`, `12.50`, `-3.00`. */
export function usdDecimal(amount: NanoUsd): string {
  return usdText(amount).replace('$', '');
}

/** Reads what `usdDecimal` writes, and what people write: `12.5`, `-3`. Undefined for anything that is not whole nano-dollars. */
export function readUsdDecimal(text: string): NanoUsd | undefined {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d{1,18})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  if (whole === '') return undefined;
  const amount = BigInt(whole + fraction.padEnd(9, '0'));
  return sign === '-' ? -amount : amount;
}

const nanoInOneUsd = 1_000_000_000n;

/** Whole credits that an amount buys; a piece of a credit buys nothing. */
export function wholeCredits(amount: NanoUsd, creditsPerUsd: bigint): bigint {
  const credits = (amount * creditsPerUsd) / nanoInOneUsd;
  // Division goes towards zero, which would round a debt in the account's favour.
  return amount < 0n && credits * nanoInOneUsd !== amount * creditsPerUsd ? credits - 1n : credits;
}
