import type { NanoUsd } from '../model/money.ts';
import type { Account } from './account.ts';
import type { NewSettlement, NewVoid, Path } from './ledger-store.ts';

/** Credits that a process has set aside, to admit requests against them without asking the store. */
export interface NewLease {
  readonly leaseId: string;
  readonly accountId: string;
  /** As of a hold. */
  readonly budgetId?: string;
  readonly most: NanoUsd;
  /** Less than this is of no use. */
  readonly least: NanoUsd;
  /** Unix milliseconds. */
  readonly at: number;
}

export type LeaseAnswer =
  | { readonly kind: 'leased'; readonly amount: NanoUsd; readonly path: Path }
  | { readonly kind: 'short'; readonly path: Path }
  | { readonly kind: 'no-account' };

/** How a request ended that was admitted against a lease. */
export type LeaseEnd = {
  readonly requestId: string;
  readonly held: NanoUsd;
  /** Unix milliseconds, as is `at`. */
  readonly createdAt: number;
  readonly at: number;
} & (
  | { readonly kind: 'settle'; readonly settlement: NewSettlement }
  | { readonly kind: 'void'; readonly record?: NonNullable<NewVoid['record']> }
  /** Nobody ended it in time; a late settlement may still post it, as far as the balance reaches then. */
  | { readonly kind: 'expire' }
);

export interface LeaseSettled {
  readonly requestId: string;
  readonly kind: 'posted' | 'late' | 'voided' | 'expired' | 'replayed';
  readonly charged: NanoUsd;
  readonly path: readonly Account[];
}

/** Storage of leases. */
export interface LeaseStore {
  take(lease: NewLease): Promise<LeaseAnswer>;
  /** One transaction for all of them. */
  end(leaseId: string, ends: readonly LeaseEnd[]): Promise<readonly LeaseSettled[]>;
  /** Lowers the lease to what is `needed`; undefined: it ends. Gives undefined where it has ended. */
  giveBack(leaseId: string, needed: NanoUsd | undefined, at: number): Promise<Path | undefined>;
}

/** How a command beside the servers, which hears of nothing, asks for what they lease and do not use. */
export interface LeaseRecalls {
  /** Marks the leases on an account as wanted back. Gives their ids. */
  recall(accountId: string): Promise<readonly string[]>;
  /** Those of this process that somebody wants back. */
  recalled(): Promise<readonly string[]>;
  /** Of these, which have neither gone back nor ended. */
  stillWanted(leaseIds: readonly string[]): Promise<readonly string[]>;
}
