import type { NanoUsd, Rate } from '../model/money.ts';
import { requireCount } from './count.ts';
import { parseUsd } from './parse-usd.ts';

/** Nano-dollars before anything is rounded: `numerator / denominator`, both from 0, the denominator from 1. */
export interface ExactAmount {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const nanoInOneUsd = 1_000_000_000n;

export const nothing: ExactAmount = { numerator: 0n, denominator: 1n };

/** Quantity x rate. Throws RangeError for a quantity that is no count (a whole number from 0) and for a rate that is no price. */
export function exactAmount(quantity: number, rate: Rate): ExactAmount {
  requireCount(quantity);
  return times(quantity, unitPrice(rate));
}

/** So many units at this price. */
export function times(quantity: number, { numerator, denominator }: ExactAmount): ExactAmount {
  return { numerator: BigInt(quantity) * numerator, denominator };
}

/** A price list is the same object for as long as it is in force, so each of its rates is read once. */
const unitPrices = new WeakMap<Rate, ExactAmount>();

/** What one unit costs. Throws RangeError for a rate that is no price. */
export function unitPrice(rate: Rate): ExactAmount {
  const known = unitPrices.get(rate);
  if (known !== undefined) return known;
  if (!Number.isSafeInteger(rate.per) || rate.per < 1) throw new RangeError(`a rate for ${rate.per} units is no rate`);
  const { numerator, denominator } = parseUsd(rate.usd);
  const price = { numerator: numerator * nanoInOneUsd, denominator: BigInt(rate.per) * denominator };
  unitPrices.set(rate, price);
  return price;
}

export function sumOf(amounts: readonly ExactAmount[]): ExactAmount {
  return amounts.reduce(
    (sum, { numerator, denominator }) =>
      sum.denominator === denominator
        ? { numerator: sum.numerator + numerator, denominator }
        : {
            numerator: sum.numerator * denominator + numerator * sum.denominator,
            denominator: sum.denominator * denominator,
          },
    nothing,
  );
}

export function dearestOf(amounts: readonly ExactAmount[]): ExactAmount {
  return amounts.reduce(
    (most, amount) => (amount.numerator * most.denominator > most.numerator * amount.denominator ? amount : most),
    nothing,
  );
}

/** The least multiple of the quantum that covers the amount. Throws RangeError for a quantum below one nano-dollar. */
export function roundedUp({ numerator, denominator }: ExactAmount, quantum: NanoUsd): NanoUsd {
  if (quantum < 1n) throw new RangeError(`${quantum} nano-dollars is no quantum`);
  const divisor = denominator * quantum;
  return ((numerator + divisor - 1n) / divisor) * quantum;
}

/** The whole nano-dollars of an amount. */
export function roundedDown({ numerator, denominator }: ExactAmount): NanoUsd {
  return numerator / denominator;
}
