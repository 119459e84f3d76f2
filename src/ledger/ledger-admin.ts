import type { NanoUsd } from '../model/money.ts';
import type { Account, AccountChange, AccountLimit, AccountPage, Budget } from './account.ts';
import type { Entry, EntryPage } from './entry.ts';
import type { Grant, NewGrant } from './grant.ts';
import type { NewRefund } from './ledger-store.ts';
import type { Balance } from './ledger.ts';
import type { UsageRecord } from './request-record.ts';

/**
 * The ledger for those who look after it: accounts, credits and what was posted. Requests only ever see `Ledger`. Whatever has a
 * `ref` happens once: the same again changes nothing, another thing under the same ref throws `conflict`. Unknown accounts throw
 * `not_found`, values out of their range `invalid_request`.
 */
export interface LedgerAdmin {
  /** Makes the account where there is none. Throws `conflict` where one exists under other terms. */
  openAccount(wish: AccountWish): Promise<Account>;
  changeAccount(wish: Omit<AccountChange, 'at'>): Promise<Account>;
  /** By id. */
  accounts(page: AccountPage): Promise<readonly Account[]>;
  topUp(accountId: string, amount: NanoUsd, ref: string, note?: string): Promise<Balance>;
  /** Adds (above 0) or takes away (below 0); `note` says why. Throws `conflict` where less is there than is to be taken. */
  adjust(accountId: string, amount: NanoUsd, ref: string, note: string): Promise<Balance>;
  /** Gives a charge back, or a part of it. Returns how much. Throws `conflict` where less of it is left. */
  refund(wish: Omit<NewRefund, 'at'>): Promise<NanoUsd>;
  grant(wish: GrantWish): Promise<Balance>;
  /** Open ones first, by their expiry. */
  grants(accountId: string): Promise<readonly Grant[]>;
  entries(page: EntryPage): Promise<readonly Entry[]>;
  /** What a settled request used and cost; undefined where none was settled. */
  usageRecord(requestId: string): Promise<UsageRecord | undefined>;
  /**
   * Releases overdue holds that no running request of this process owns (its settlement could not be written), and returns their
   * request ids. Should one of them still be settled later, it is posted as far as the balance reaches.
   */
  expireHolds(): Promise<readonly string[]>;
  /** The owner could not be told that the balance is low: the next settlement that leaves a low one tells it again. */
  untellLowBalance(accountId: string): Promise<void>;
  /** Forgets idempotency keys whose time is over. Gives how many. */
  pruneIdempotency(): Promise<number>;
}

export interface AccountWish {
  /** 1 to 200 characters. */
  readonly id: string;
  readonly limit: AccountLimit;
  /** How far below nothing a prepaid account may go. Absent: not at all. */
  readonly overdraft?: NanoUsd;
  /** The account that pays as well for whatever this one spends. */
  readonly parentId?: string;
  readonly budget?: Budget;
}

export type GrantWish = Omit<NewGrant, 'at'>;
