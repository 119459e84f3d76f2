import type { Bill } from '../model/event.ts';
import type { NanoUsd } from '../model/money.ts';
import { largestAmount } from './amount.ts';

/** What a bill charges against a hold, and what is wrong with the bill. */
export interface Charge {
  readonly cost: NanoUsd;
  readonly flaws: readonly ChargeFlaw[];
}

/** Each of these is a fault of ours or of a host's numbers. The caller never pays for it beyond the hold, and it is alarmed. */
export type ChargeFlaw = 'above-hold' | 'below-nothing' | 'lines-do-not-add-up';

/** A bill as a store can keep it: a sum that no price and no request can come to is cut to the largest amount there is. */
export function storable(bill: Bill): Bill {
  if (bill.total <= largestAmount) return bill;
  // Line after line until nothing of it is left, so that they add up to it still.
  let left = largestAmount;
  const lines = bill.lines.map((line) => {
    const amount = line.amount < left ? line.amount : left;
    left -= amount;
    return { ...line, amount };
  });
  return { ...bill, lines, total: largestAmount };
}

/**
 * A settlement happens on every way out of a request, so a bill that cannot be right must not make it fail: it is charged
 * within 0 and the held amount, and said.
 */
export function chargeOf(bill: Bill, held: NanoUsd): Charge {
  const flaws: ChargeFlaw[] = [];
  const sum = bill.lines.reduce((total, line) => total + line.amount, 0n);
  if (sum !== bill.total) flaws.push('lines-do-not-add-up');
  if (bill.total < 0n) flaws.push('below-nothing');
  if (bill.total > held) flaws.push('above-hold');
  const notNegative = bill.total < 0n ? 0n : bill.total;
  return { cost: notNegative > held ? held : notNegative, flaws };
}
