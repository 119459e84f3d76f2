import type { NanoUsd, Rate } from '../model/money.ts';
import { parseUsd } from './parse-usd.ts';

const nanoInOneUsd = 1_000_000_000n;

/**
 * Prices one meter: quantity x rate, exact, rounded up once to a multiple of the quantum. Throws RangeError for a quantity that
 * is no count (a whole number from 0), for a rate that is no price, and for a quantum below one nano-dollar.
 */
export function lineAmount(quantity: number, rate: Rate, quantum: NanoUsd): NanoUsd {
  requireCount(quantity);
  if (!Number.isSafeInteger(rate.per) || rate.per < 1) throw new RangeError(`a rate for ${rate.per} units is no rate`);
  if (quantum < 1n) throw new RangeError(`${quantum} nano-dollars is no quantum`);
  const { numerator, denominator } = parseUsd(rate.usd);
  const dividend = BigInt(quantity) * numerator * nanoInOneUsd;
  const divisor = BigInt(rate.per) * denominator * quantum;
  return ((dividend + divisor - 1n) / divisor) * quantum;
}

/** Throws RangeError unless the value is a whole number from 0 that a double holds exactly. */
export function requireCount(value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is no count`);
}
