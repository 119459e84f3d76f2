import type { NanoUsd } from '../model/money.ts';
import type { Account } from './ledger-store.ts';
import type { Balance } from './ledger.ts';

export function balanceOf(account: Account): Balance {
  return { available: availableOf(account), spent: account.debits, pending: account.pending };
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

/** True where the account's limit leaves room for this much more. */
export function fits(account: Account, amount: NanoUsd): boolean {
  const available = availableOf(account);
  return available === null || available >= amount;
}

/** As much of a cost as the account can still pay: what a settlement after its hold's expiry charges. */
export function payable(account: Account, cost: NanoUsd): NanoUsd {
  const available = availableOf(account);
  return available === null || available >= cost ? cost : available;
}
