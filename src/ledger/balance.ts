import type { NanoUsd } from '../model/money.ts';
import type { Account } from './account.ts';
import type { Balance } from './ledger.ts';

/** Of the account `accountId` on the path; what can still be held is what the tightest account of the path leaves. */
export function balanceOf(path: readonly Account[], accountId: string): Balance {
  const account = path.find(({ id }) => id === accountId);
  if (account === undefined) throw new Error(`The account "${accountId}" is not on its own path.`);
  return { available: availableOn(path), spent: account.debits, pending: account.pending };
}

/** What every account of the path leaves; null where none has a limit. */
export function availableOn(path: readonly Account[]): NanoUsd | null {
  let least: NanoUsd | null = null;
  for (const account of path) {
    const available = availableOf(account);
    if (available !== null && (least === null || available < least)) least = available;
  }
  return least;
}

/** What can still be held; null for an account without a limit. */
export function availableOf(account: Account): NanoUsd | null {
  switch (account.limit) {
    case 'none':
      return null;
    case 'prepaid':
      return account.credits + account.overdraft - account.debits - account.pending;
  }
}

/** As much of a cost as the accounts can still pay: what a settlement after its hold's expiry charges. */
export function payable(path: readonly Account[], cost: NanoUsd): NanoUsd {
  const available = availableOn(path);
  return available === null || available >= cost ? cost : available;
}
