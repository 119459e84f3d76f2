import { FlashmuxError } from '../model/fault.ts';
import { largestAmount, usdText } from './amount.ts';
import { balanceOf } from './balance.ts';
import type { Repeated } from './idempotency.ts';
import { InsufficientCredits } from './insufficient-credits.ts';
import { noAccount } from './ledger-faults.ts';
import type { HoldAnswer } from './ledger-store.ts';
import type { AnsweredBefore, HoldWish, PlacedHold } from './ledger.ts';

export function checkHold(wish: HoldWish): void {
  if (wish.amount < 0n) throw new RangeError(`A hold cannot be negative: ${wish.amount} nano-USD for ${wish.requestId}.`);
  if (wish.tokens !== undefined && (wish.tokens.amount < 0n || wish.tokens.amount > wish.amount)) {
    throw new RangeError(`The tokens of ${wish.requestId} cost ${wish.tokens.amount} nano-USD of a hold of ${wish.amount}.`);
  }
  if (wish.amount <= largestAmount) return;
  throw new FlashmuxError(
    'invalid_request',
    `This request can cost up to ${usdText(wish.amount)}; a single request is limited to ${usdText(largestAmount)}. Ask for less output.`,
  );
}

export function heldOrThrow(wish: HoldWish, answer: HoldAnswer): PlacedHold {
  switch (answer.kind) {
    case 'held':
    case 'replayed': {
      const { requestId, accountId, budgetId, amount } = wish;
      const balance = balanceOf(answer.path, accountId);
      return { kind: 'placed', requestId, accountId, amount, balance, ...(budgetId === undefined ? {} : { budgetId }) };
    }
    case 'short':
      throw new InsufficientCredits({
        needed: answer.needed,
        balance: balanceOf(answer.path, wish.accountId),
        isBudget: answer.path.some(({ id, budget }) => id === answer.shortId && budget !== undefined),
      });
    case 'repeated':
      throw new Error(`The hold of ${wish.requestId} had no idempotency key, and was found repeated.`);
    case 'taken':
      throw new FlashmuxError(
        'conflict',
        `The request id "${wish.requestId}" was used before, by a request that is ${answer.hold.state}.`,
      );
    case 'no-account':
      throw noAccount(wish.accountId);
  }
}

/** Throws `invalid_request` for a key that is empty, too long, or holds what no header should. */
export function checkKey(key: string): void {
  if (/^[\x20-\x7e]{1,255}$/.test(key)) return;
  throw new FlashmuxError('invalid_request', 'An Idempotency-Key is 1 to 255 printable ASCII characters.', {
    param: 'idempotency-key',
  });
}

export function answeredOrThrow(repeated: Repeated): AnsweredBefore {
  const { requestId } = repeated;
  switch (repeated.state) {
    case 'done':
      return { kind: 'answered-before', requestId, ...(repeated.result === undefined ? {} : { result: repeated.result }) };
    case 'running':
      throw new FlashmuxError(
        'still_running',
        `A request with this Idempotency-Key is still running (${requestId}). Send it again later for its answer.`,
        { param: 'idempotency-key', retryAfterSeconds: 1 },
      );
    case 'mismatch':
      throw new FlashmuxError(
        'idempotency_mismatch',
        `This Idempotency-Key was used for another request (${requestId}). A key stands for one request: give this one a new key.`,
        { param: 'idempotency-key' },
      );
  }
}
