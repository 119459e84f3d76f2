import { availableNow, spendableNow } from '../admin/available-now.ts';
import type { AccountInContext } from '../admin/describe-account.ts';
import type { Grant } from '../ledger/grant.ts';
import { usdText } from '../ledger/amount.ts';
import type { NanoUsd } from '../model/money.ts';
import { table } from './terminal.ts';

/** An account for a person, a line each. `now` in Unix milliseconds. */
export function accountText({ account, path, grants }: AccountInContext, now: number): readonly string[] {
  const { id, parentId, overdraft, budget, pending, debits, lowBalance } = account;
  const rows = [
    ['account', id],
    ['available', limitText(availableNow(account, now))],
    ...(parentId === undefined ? [] : [['below', path.map((each) => each.id).join(' > ')]]),
    ...(parentId === undefined ? [] : [['that all of them leave', limitText(spendableNow(path, now))]]),
    ...(budget === undefined ? [] : [['budget', `${usdText(budget.amount)}/${budget.period}`]]),
    ['held by requests in flight', usdText(pending)],
    ['spent', usdText(debits)],
    ...(overdraft === 0n ? [] : [['overdraft', usdText(overdraft)]]),
    ...(lowBalance === undefined ? [] : [['low below', usdText(lowBalance)]]),
  ];
  const [, ...lines] = table(['', ''], rows);
  const open = grants.filter((grant) => grant.open);
  if (open.length === 0) return lines;
  return [...lines, '', ...table(['grant', 'of', 'left', 'expires', 'renewed', 'models'], open.map(grantCells))];
}

function limitText(available: NanoUsd | null): string {
  return available === null ? 'no limit' : usdText(available);
}

function grantCells({ ref, gift, used, pending, expiresAt, renewEveryMs }: Grant): readonly string[] {
  const expires = new Date(expiresAt).toISOString();
  const renewed = renewEveryMs === undefined ? 'no' : 'yes';
  switch (gift.unit) {
    case 'usd':
      return [ref, usdText(gift.amount), usdText(gift.amount - used), expires, renewed, 'all'];
    case 'tokens': {
      const left = BigInt(gift.count) - used - pending;
      return [ref, `${gift.count} tokens`, `${left}`, expires, renewed, gift.models?.join(',') ?? 'all'];
    }
  }
}
