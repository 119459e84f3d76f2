import { FlashmuxError } from '../model/fault.ts';
import type { NanoUsd } from '../model/money.ts';
import { usdText } from './amount.ts';
import type { Balance } from './ledger.ts';

export interface Shortage {
  /** What would have to be held for the request. */
  readonly needed: NanoUsd;
  readonly balance: Balance;
  /** True where a budget is used up, and not the account's credits. */
  readonly isBudget: boolean;
  /** What the request could ask for instead, in words. */
  readonly wouldFit?: string;
}

/** A hold that does not fit, with the figures of its message. */
export class InsufficientCredits extends FlashmuxError {
  readonly shortage: Shortage;

  constructor(shortage: Shortage) {
    const { needed, balance, isBudget, wouldFit } = shortage;
    const inFlight = balance.pending > 0n ? `, and ${usdText(balance.pending)} held by requests in flight` : '';
    const owner = isBudget ? 'the budget' : 'the account';
    const remedy = isBudget ? 'Raise the budget or wait for its next period' : 'Top up the account';
    super(
      'insufficient_credits',
      `This request can cost up to ${usdText(needed)}; ${owner} has ${usdText(balance.available ?? 0n)} available${inFlight}. ` +
        `${remedy}, or ask for less output${wouldFit === undefined ? ' (a lower max_tokens)' : `: ${wouldFit}`}.`,
    );
    this.shortage = shortage;
  }
}
