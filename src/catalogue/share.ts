import { decimalOf, decimalText, hundredth, product, type Decimal } from './decimal.ts';

/** A part of another price: `10%`, `125%`. */
export const sharePattern = /^\d{1,4}(\.\d{1,4})?%$/;

/** A discount as a factor: `0.5`, or `50%`. */
export const factorPattern = /^(\d(\.\d{1,6})?|\d{1,3}(\.\d{1,4})?%)$/;

/** Whether a factor lowers a price without giving it away: above 0 and at most 1. */
export function isDiscount(factor: string): boolean {
  const { digits, decimals } = factorOf(factor);
  return digits > 0n && digits <= 10n ** BigInt(decimals);
}

/**
 * That part of a price, exactly. Absent where it needs more than the 12 digits behind the point that a price may have: nobody
 * could write it into a price list, so nobody is charged it.
 */
export function shareOf(usd: string, factor: string): string | undefined {
  const text = decimalText(product(decimalOf(usd), factorOf(factor)));
  return mostDecimals.test(text) ? text : undefined;
}

const mostDecimals = /^\d+(\.\d{1,12})?$/;

function factorOf(text: string): Decimal {
  return text.endsWith('%') ? hundredth(decimalOf(text.slice(0, -1))) : decimalOf(text);
}
