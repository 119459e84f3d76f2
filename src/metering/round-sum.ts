import type { NanoUsd } from '../model/money.ts';
import { roundedDown, roundedUp, sumOf, type ExactAmount } from './exact-amount.ts';

/**
 * Rounds the sum of some amounts up to the quantum, once, and gives one amount for each of them that add up to it: each its whole
 * nano-dollars, and the last that costs anything carries besides what they leave over. A line of its own for the rest would be a
 * line that nobody used; this way each line but one is quantity x rate, and that one is never below it.
 */
export function roundSum(exact: readonly ExactAmount[], quantum: NanoUsd): readonly NanoUsd[] {
  const whole = exact.map((amount) => roundedDown(amount));
  const rest = whole.reduce((left, amount) => left - amount, roundedUp(sumOf(exact), quantum));
  const carrier = exact.findLastIndex(({ numerator }) => numerator > 0n);
  return whole.map((amount, index) => (index === carrier ? amount + rest : amount));
}
