import type { Bill } from '../model/event.ts';
import type { NanoUsd } from '../model/money.ts';
import type { Usage } from '../model/usage.ts';
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
 * guard refuses comes back as an answer with a kind; an exception means that the store itself failed and nothing was written.
 */
export interface LedgerStore {
  /** Creates the account, or returns the one that has the id. */
  openAccount(account: NewAccount): Promise<Account>;
  findAccount(accountId: string): Promise<Account | undefined>;
  hold(hold: NewHold): Promise<HoldAnswer>;
  settle(settlement: NewSettlement): Promise<SettleAnswer>;
  void(release: NewVoid): Promise<VoidAnswer>;
  /** Ends the open holds whose expiry is not after `at`, by id. */
  expire(at: number): Promise<readonly string[]>;
  /** Adds credits. `ref` makes it happen once. */
  credit(credit: NewCredit): Promise<CreditAnswer>;
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

/** `none`: spends are recorded and never refused (the account of a machine's owner). `prepaid`: credits come first. */
export type AccountLimit = 'none' | 'prepaid';

export interface NewAccount {
  readonly id: string;
  readonly limit: AccountLimit;
  /** How far below nothing a prepaid account may go, from 0. */
  readonly overdraft: NanoUsd;
  /** Unix milliseconds. */
  readonly createdAt: number;
}

/** Every amount is from 0 up. A prepaid account always has credits + overdraft >= debits + pending. */
export interface Account extends NewAccount {
  readonly credits: NanoUsd;
  readonly debits: NanoUsd;
  /** The sum of its open holds. */
  readonly pending: NanoUsd;
}

export interface NewHold {
  readonly requestId: string;
  readonly accountId: string;
  readonly amount: NanoUsd;
  /** Unix milliseconds, as is `expiresAt`. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** `posted` and `void` are final. `expired`: nobody ended it in time, or its process died; a late settlement may still post it. */
export type HoldState = 'open' | 'posted' | 'void' | 'expired';

export interface StoredHold extends NewHold {
  readonly state: HoldState;
  /** The start of the process that placed it. */
  readonly epochId: string;
  /** What was charged; only where posted. */
  readonly charged?: NanoUsd;
  readonly endedAt?: number;
}

export type HoldAnswer =
  | { readonly kind: 'held'; readonly account: Account }
  /** The same hold was placed before and is open. */
  | { readonly kind: 'replayed'; readonly account: Account }
  | { readonly kind: 'short'; readonly account: Account }
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
}

export interface NewVoid extends HoldEnd {
  /** What the record will say; absent: no record is kept. */
  readonly record?: VoidRecord;
}

export type SettleAnswer =
  | { readonly kind: 'posted'; readonly charged: NanoUsd; readonly held: NanoUsd; readonly account: Account }
  /** The hold had expired, so its amount was free for others meanwhile: charged is what still fitted. */
  | { readonly kind: 'late'; readonly charged: NanoUsd; readonly held: NanoUsd; readonly account: Account }
  | EndedBefore;

export type VoidAnswer = { readonly kind: 'voided'; readonly account: Account } | EndedBefore;

/** Nothing was changed. */
export type EndedBefore =
  | { readonly kind: 'ended'; readonly state: Exclude<HoldState, 'open'>; readonly account: Account }
  | { readonly kind: 'no-hold' };

export interface NewCredit {
  readonly accountId: string;
  readonly kind: CreditKind;
  /** Above 0. */
  readonly amount: NanoUsd;
  readonly ref: string;
  /** Unix milliseconds. */
  readonly at: number;
}

export type CreditKind = 'topup';

export type CreditAnswer =
  | { readonly kind: 'credited'; readonly account: Account }
  | { readonly kind: 'replayed'; readonly account: Account }
  /** The ref was used before, for another account or amount. */
  | { readonly kind: 'taken'; readonly entry: Entry }
  | { readonly kind: 'no-account' };

/** One movement on an account; never edited. `ref` is the request's id, or the outside reference of a credit. */
export interface Entry {
  /** From 1, without gaps in a SQLite file. */
  readonly seq: number;
  readonly accountId: string;
  readonly kind: EntryKind;
  /** Above 0 for credits, below 0 for debits. */
  readonly amount: NanoUsd;
  readonly ref: string;
  /** Unix milliseconds. */
  readonly at: number;
}

/** `late`: a debit whose hold had expired. */
export type EntryKind = CreditKind | 'usage' | 'late';

export interface EntryPage {
  readonly accountId: string;
  /** Entries after this one; absent: from the first. */
  readonly afterSeq?: number;
  /** How many at most, from 1. */
  readonly limit: number;
}

export type { UsageRecord } from './request-record.ts';
