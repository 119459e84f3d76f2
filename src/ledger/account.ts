import type { NanoUsd } from '../model/money.ts';

/** `none`: spends are recorded and never refused (the account of a machine's owner). `prepaid`: credits come first. */
export type AccountLimit = 'none' | 'prepaid';

/** A budget's periods begin at midnight, on Mondays and on the first of a month, in UTC. `total` never begins anew. */
export type BudgetPeriod = 'day' | 'week' | 'month' | 'total';

export interface Budget {
  /** What may be spent in a period, from 0. */
  readonly amount: NanoUsd;
  readonly period: BudgetPeriod;
}

export interface NewAccount {
  readonly id: string;
  readonly limit: AccountLimit;
  /** How far below nothing a prepaid account may go, from 0. */
  readonly overdraft: NanoUsd;
  /** Unix milliseconds. */
  readonly createdAt: number;
  /** The account that pays as well for whatever this one spends: the customer above a team. It never changes. */
  readonly parentId?: string;
  /** Makes it a budget: a prepaid account whose credits come anew with each period, and are no money. */
  readonly budget?: Budget;
}

/** Every amount is from 0 up. A prepaid account always has credits + overdraft >= debits + pending. */
export interface Account extends NewAccount {
  readonly credits: NanoUsd;
  readonly debits: NanoUsd;
  /** What its open holds, and those of the accounts below it, have set aside. */
  readonly pending: NanoUsd;
  /** When the running period of its budget is over; absent where it never is. */
  readonly budgetEndsAt?: number;
  /** When the first of its open grants expires; absent without one. */
  readonly grantsDueAt?: number;
  /** Open grants of dollars, and of tokens. */
  readonly openGrants: number;
  readonly openTokenGrants: number;
  /** Below which the owner is told; absent: never. */
  readonly lowBalance?: NanoUsd;
  /** When the owner was last told that the balance is low; absent once it is not low any more. */
  readonly lowBalanceToldAt?: number;
}

/** What is absent stays as it is. */
export interface AccountChange {
  readonly id: string;
  readonly overdraft?: NanoUsd;
  /** Of a budget account only; the running period is brought to it at once, as far as open holds let it. */
  readonly budget?: Budget;
  /** null: the owner is not told any more. */
  readonly lowBalance?: NanoUsd | null;
  /** Unix milliseconds. */
  readonly at: number;
}

export interface AccountPage {
  /** Accounts after this id; absent: from the first. */
  readonly afterId?: string;
  /** Only those right below this one. */
  readonly parentId?: string;
  /** How many at most, from 1. */
  readonly limit: number;
}

/** Accounts above each other, the leaf included. */
export const deepestPath = 5;
