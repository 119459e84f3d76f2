import { FlashmuxError } from '../model/fault.ts';
import type { NanoUsd } from '../model/money.ts';
import { usdText } from './amount.ts';
import type { Balance } from './ledger.ts';

/** A hold that does not fit, with the figures of its message. */
export class InsufficientCredits extends FlashmuxError {
  /** The worst case of the request. */
  readonly needed: NanoUsd;
  readonly balance: Balance;

  constructor(needed: NanoUsd, balance: Balance) {
    const inFlight = balance.pending > 0n ? `, and ${usdText(balance.pending)} held by requests in flight` : '';
    super(
      'insufficient_credits',
      `This request can cost up to ${usdText(needed)}; the account has ${usdText(balance.available ?? 0n)} available${inFlight}. ` +
        'Top up the account, or ask for less output (a lower max_tokens).',
    );
    this.needed = needed;
    this.balance = balance;
  }
}
