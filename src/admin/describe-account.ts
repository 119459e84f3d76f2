import type { Account } from '../ledger/account.ts';
import type { Grant } from '../ledger/grant.ts';
import type { JsonObject } from '../model/json.ts';
import { amountFields } from './amount-fields.ts';
import { availableNow, spendableNow } from './available-now.ts';
import { describeBudget } from './describe-budget.ts';
import { describeGrant } from './describe-grant.ts';
import { timeText } from './time-text.ts';

/** An account by itself: `available` is what it has left at `now` (Unix milliseconds), whatever those above it have. */
export function describeAccount(account: Account, now: number): JsonObject {
  const { id, limit, parentId, lowBalance } = account;
  return {
    id,
    limit,
    parent: parentId ?? null,
    created_at: timeText(account.createdAt),
    ...amountFields('available', availableNow(account, now)),
    ...amountFields('held', account.pending),
    ...amountFields('spent', account.debits),
    ...amountFields('credited', account.credits),
    ...amountFields('overdraft', account.overdraft),
    budget: describeBudget(account, now),
    ...amountFields('low_balance', lowBalance ?? null),
    low_balance_told_at: timeText(account.lowBalanceToldAt),
  };
}

export interface AccountInContext {
  readonly account: Account;
  /** The account and those above it, the root first. */
  readonly path: readonly Account[];
  readonly grants: readonly Grant[];
}

/** The same among its like: a request may cost no more than the tightest account of the path leaves, `spendable`. */
export function describeInContext({ account, path, grants }: AccountInContext, now: number): JsonObject {
  return {
    ...describeAccount(account, now),
    ...amountFields('spendable', spendableNow(path, now)),
    path: path.map((each) => ({ id: each.id, limit: each.limit, ...amountFields('available', availableNow(each, now)) })),
    grants: grants.filter(({ open }) => open).map(describeGrant),
  };
}
