import type { Bill } from '../model/event.ts';
import type { NanoUsd } from '../model/money.ts';
import type { Usage } from '../model/usage.ts';
import type { Account, AccountChange, AccountPage, NewAccount } from './account.ts';
import type { Entry, EntryPage } from './entry.ts';
import type { Grant, NewGrant } from './grant.ts';
import type { Idempotency, Repeated } from './idempotency.ts';
import type { VoidRecord } from './ledger.ts';
import type {
  CallFacts,
  Outcome,
  RecordPage,
  RequestRecord,
  ToolSum,
  UsageQuery,
  UsageSpan,
  UsageSum,
} from './request-record.ts';

/**
 * Storage of accounts, holds and entries, implemented by store/. Every method is one transaction, durable once it returns; its
 * guards stand inside that transaction, so that concurrent callers cannot overrun a balance between a check and a write. What a
 * guard refuses comes back as an answer with a kind; an exception means that the store itself failed, and that nobody knows whether
 * it was written.
 */
export interface LedgerStore {
  /** Creates the account, or returns the one that has the id. */
  openAccount(account: NewAccount): Promise<OpenAnswer>;
  /** Undefined where there is no such account. */
  changeAccount(change: AccountChange): Promise<Account | undefined>;
  findAccount(accountId: string): Promise<Account | undefined>;
  /** The account and those above it, the root first; empty where there is no such account. */
  findPath(accountId: string): Promise<readonly Account[]>;
  /** By id. */
  accounts(page: AccountPage): Promise<readonly Account[]>;
  hold(hold: NewHold): Promise<HoldAnswer>;
  settle(settlement: NewSettlement): Promise<SettleAnswer>;
  void(release: NewVoid): Promise<VoidAnswer>;
  /** The open holds of this process whose expiry is not after `at`. */
  overdue(at: number): Promise<readonly string[]>;
  /** Ends these holds where they are open still. Gives those that it ended, by id. */
  expire(requestIds: readonly string[], at: number): Promise<readonly string[]>;
  /** Adds credits, or takes them away (`adjust`). `ref` makes it happen once. */
  credit(credit: NewCredit): Promise<CreditAnswer>;
  /** Gives back what a request was charged, or a part of it. `ref` makes it happen once. */
  refund(refund: NewRefund): Promise<RefundAnswer>;
  /** `ref` makes it happen once. */
  grant(grant: NewGrant): Promise<GrantAnswer>;
  /** Those of one account, the soonest expiry first, closed ones last. */
  grants(accountId: string): Promise<readonly Grant[]>;
  /** Forgets idempotency keys whose time is over. Gives how many. */
  pruneIdempotency(at: number): Promise<number>;
  /** True for one caller each time that the balance (open holds not counted) is below the mark; credits make it true again. */
  tellLowBalance(accountId: string, below: NanoUsd, at: number): Promise<boolean>;
  /** Takes that back: the owner could not be told. */
  untellLowBalance(accountId: string): Promise<void>;
  /** A request that was admitted against a lease has none before it ends. */
  findHold(requestId: string): Promise<StoredHold | undefined>;
  findRecord(requestId: string): Promise<RequestRecord | undefined>;
  findRecordOfAnswer(answerId: string): Promise<RequestRecord | undefined>;
  /** The newest first. */
  records(page: RecordPage): Promise<readonly RequestRecord[]>;
  /** By the text of the group, what has none first. */
  usage(query: UsageQuery): Promise<readonly UsageSum[]>;
  /** By the name of the tool. */
  toolUsage(span: UsageSpan): Promise<readonly ToolSum[]>;
  /** In the order in which they were posted. */
  entries(page: EntryPage): Promise<readonly Entry[]>;
}

export type OpenAnswer =
  | { readonly kind: 'opened'; readonly account: Account }
  | { readonly kind: 'exists'; readonly account: Account }
  /** The parent is missing, or there are too many above it already. */
  | { readonly kind: 'no-parent' };

export interface NewHold {
  readonly requestId: string;
  /** Who pays; records and look-ups are by this account. */
  readonly accountId: string;
  /** An account below it whose budget the hold takes from as well: that of an API key. */
  readonly budgetId?: string;
  readonly amount: NanoUsd;
  /** The part of it that free tokens may cover. */
  readonly tokens?: HeldTokens;
  readonly idempotency?: Idempotency;
  /** Unix milliseconds, as is `expiresAt`. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

export interface HeldTokens {
  /** The most tokens that the request can use, in and out. */
  readonly count: number;
  /** What they would cost; at most the amount of the hold. */
  readonly amount: NanoUsd;
  /** As the catalogue calls the model. */
  readonly model: string;
}

/** `posted` and `void` are final. `expired`: nobody ended it in time, or its process died; a late settlement may still post it. */
export type HoldState = 'open' | 'posted' | 'void' | 'expired';

export interface StoredHold extends Omit<NewHold, 'tokens' | 'idempotency' | 'budgetId'> {
  /** What the accounts have set aside for it: less than its amount where free tokens cover a part. */
  readonly reserved: NanoUsd;
  /** The accounts that it takes from, the root first. */
  readonly path: readonly string[];
  readonly state: HoldState;
  /** The start of the process that placed it. */
  readonly epochId: string;
  /** What was charged; only where posted. */
  readonly charged?: NanoUsd;
  readonly endedAt?: number;
}

/** Every account that a transfer moved, the root first. */
export type Path = readonly Account[];

export type HoldAnswer =
  | { readonly kind: 'held'; readonly path: Path }
  /** The same hold was placed before and is open. */
  | { readonly kind: 'replayed'; readonly path: Path }
  /** `needed` does not fit into the account `shortId` of the path. */
  | { readonly kind: 'short'; readonly shortId: string; readonly needed: NanoUsd; readonly path: Path }
  /** Its idempotency key was used before; nothing was held. */
  | Repeated
  /** The request id was used before, for another hold or one that has ended. */
  | { readonly kind: 'taken'; readonly hold: StoredHold }
  | { readonly kind: 'no-account' };

export interface HoldEnd {
  readonly requestId: string;
  /** Unix milliseconds. */
  readonly at: number;
}

export interface NewSettlement extends HoldEnd {
  /** What to charge; the store posts at most the held amount. */
  readonly cost: NanoUsd;
  readonly bill: Bill;
  readonly usage: Usage;
  readonly outcome: Outcome;
  readonly call?: CallFacts;
  /** What the request used of the tokens that its hold told. */
  readonly tokens?: Pick<HeldTokens, 'count' | 'amount'>;
  /** Kept under the idempotency key of the hold, for whoever sends it again. */
  readonly result?: string;
}

export interface NewVoid extends HoldEnd {
  /** What the record will say; absent: no record is kept. */
  readonly record?: VoidRecord;
}

export type SettleAnswer =
  | { readonly kind: 'posted'; readonly charged: NanoUsd; readonly held: NanoUsd; readonly path: Path }
  /** The hold had expired, so its amount was free for others meanwhile: charged is what still fitted. */
  | { readonly kind: 'late'; readonly charged: NanoUsd; readonly held: NanoUsd; readonly path: Path }
  | EndedBefore;

export type VoidAnswer = { readonly kind: 'voided'; readonly path: Path } | EndedBefore;

/** Nothing was changed. */
export type EndedBefore =
  | { readonly kind: 'ended'; readonly state: Exclude<HoldState, 'open'>; readonly charged?: NanoUsd; readonly path: Path }
  | { readonly kind: 'no-hold' };

export interface NewCredit {
  readonly accountId: string;
  readonly kind: CreditKind;
  /** Above 0; below it too for `adjust`. */
  readonly amount: NanoUsd;
  readonly ref: string;
  /** For those who read the ledger. */
  readonly note?: string;
  /** Unix milliseconds. */
  readonly at: number;
}

export type CreditKind = 'topup' | 'adjust';

export type CreditAnswer =
  | { readonly kind: 'credited'; readonly account: Account }
  | { readonly kind: 'replayed'; readonly account: Account }
  /** The ref was used before, for another account or amount. */
  | { readonly kind: 'taken'; readonly entry: Entry }
  /** An adjustment below what can be taken away. */
  | { readonly kind: 'short'; readonly account: Account }
  | { readonly kind: 'no-account' };

export interface NewRefund {
  readonly requestId: string;
  /** Above 0; absent: all that was not given back yet. */
  readonly amount?: NanoUsd;
  readonly ref: string;
  readonly note?: string;
  /** Unix milliseconds. */
  readonly at: number;
}

export type RefundAnswer =
  | { readonly kind: 'refunded' | 'replayed'; readonly amount: NanoUsd; readonly path: Path }
  | { readonly kind: 'taken'; readonly entry: Entry }
  /** More than is left of the charge, or nothing is left. */
  | { readonly kind: 'too-much'; readonly left: NanoUsd }
  | { readonly kind: 'no-charge' };

export type GrantAnswer =
  | { readonly kind: 'granted' | 'replayed'; readonly grant: Grant; readonly account: Account }
  | { readonly kind: 'taken'; readonly grant: Grant }
  | { readonly kind: 'no-account' };
