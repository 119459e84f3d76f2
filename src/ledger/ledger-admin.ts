import type { NanoUsd } from '../model/money.ts';
import type { Account, AccountLimit, Entry, EntryPage } from './ledger-store.ts';
import type { Balance } from './ledger.ts';
import type { UsageRecord } from './request-record.ts';

/** The ledger for those who look after it: accounts, credits and what was posted. Requests only ever see `Ledger`. */
export interface LedgerAdmin {
  /** Makes the account where there is none. Throws `conflict` where one exists under other terms. */
  openAccount(wish: AccountWish): Promise<Account>;
  /**
   * Adds credits. The same `ref` again changes nothing; for another account or amount it throws `conflict`.
   * Throws `not_found` for an unknown account, `invalid_request` for an amount that is not above 0.
   */
  topUp(accountId: string, amount: NanoUsd, ref: string): Promise<Balance>;
  entries(page: EntryPage): Promise<readonly Entry[]>;
  /** What a settled request used and cost; undefined where none was settled. */
  usageRecord(requestId: string): Promise<UsageRecord | undefined>;
  /**
   * Releases open holds whose expiry has passed and returns their request ids. A hold of a living request must therefore expire
   * later than the request's own deadline; where it did not, its settlement is still posted, as far as the balance reaches.
   */
  expireHolds(): Promise<readonly string[]>;
}

export interface AccountWish {
  readonly id: string;
  readonly limit: AccountLimit;
  /** How far below nothing a prepaid account may go. Absent: not at all. */
  readonly overdraft?: NanoUsd;
}
