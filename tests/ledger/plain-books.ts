import type { Account, AccountLimit, Budget, NewAccount } from '../../src/ledger/account.ts';
import type { Entry } from '../../src/ledger/entry.ts';
import type { Gift } from '../../src/ledger/grant.ts';
import type { HoldState } from '../../src/ledger/ledger-store.ts';
import type { RequestRecord } from '../../src/ledger/request-record.ts';
import { periodEnd } from './plain-period.ts';
import { compare, sum } from './plain-values.ts';

// What the plain model of the ledger remembers, as a clerk would: plain rows that change in place, and nothing that could be
// worked out from them. Every rule is written here once more, from the words of the rules and not from the SQL.

export interface PlainAccount {
  readonly id: string;
  readonly limit: AccountLimit;
  readonly createdAt: number;
  readonly parentId: string | undefined;
  overdraft: bigint;
  budget: Budget | undefined;
  budgetEndsAt: number | undefined;
  lowBalance: bigint | undefined;
  toldAt: number | undefined;
}

export interface PlainGrant {
  readonly ref: string;
  readonly accountId: string;
  readonly gift: Gift;
  readonly renewEveryMs: number | undefined;
  readonly note: string | undefined;
  readonly createdAt: number;
  expiresAt: number;
  used: bigint;
  pending: bigint;
  open: boolean;
  renewals: number;
}

export interface PlainHold {
  readonly requestId: string;
  readonly accountId: string;
  readonly path: readonly string[];
  readonly epochId: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  amount: bigint;
  reserved: bigint;
  state: HoldState;
  endedAt: number | undefined;
  charged: bigint | undefined;
  /** The part of the charge that free tokens paid. */
  given: bigint;
  refunded: bigint;
  cover: { readonly grant: PlainGrant; readonly tokens: bigint } | undefined;
}

export interface PlainKey {
  readonly fingerprint: string;
  readonly requestId: string;
  readonly expiresAt: number;
  result: string | undefined;
}

export class PlainBooks {
  readonly accounts = new Map<string, PlainAccount>();
  readonly grants = new Map<string, PlainGrant>();
  readonly holds = new Map<string, PlainHold>();
  /** By account and key. */
  readonly keys = new Map<string, PlainKey>();
  readonly records = new Map<string, RequestRecord>();
  readonly refundedRequests = new Map<string, string>();
  readonly entries: Entry[] = [];

  add(wish: NewAccount): void {
    const { id, limit, overdraft, createdAt, parentId, budget } = wish;
    const budgetEndsAt = budget === undefined ? undefined : periodEnd(budget.period, createdAt);
    const unsaid = { lowBalance: undefined, toldAt: undefined };
    this.accounts.set(id, { id, limit, overdraft, createdAt, parentId, budget, budgetEndsAt, ...unsaid });
    if (budget !== undefined) this.post(id, { kind: 'reset', amount: budget.amount, ref: 'opening', at: createdAt });
  }

  account(id: string): PlainAccount {
    const account = this.accounts.get(id);
    if (account === undefined) throw new Error(`The model has no account ${id}.`);
    return account;
  }

  /** The account and all above it, the root first. */
  path(id: string): readonly string[] {
    const account = this.accounts.get(id);
    if (account === undefined) return [];
    return account.parentId === undefined ? [id] : [...this.path(account.parentId), id];
  }

  /** Money that came, and money that went, are told apart by the sign of their entries only. */
  post(accountId: string, entry: Omit<Entry, 'seq' | 'accountId'>): void {
    if (entry.amount === 0n) return;
    const { note, ...facts } = entry;
    this.entries.push({ ...facts, seq: this.entries.length + 1, accountId, ...(note === undefined ? {} : { note }) });
  }

  /** What makes a low balance news again. */
  credit(accountId: string, entry: Omit<Entry, 'seq' | 'accountId'>): void {
    if (entry.amount > 0n) this.account(accountId).toldAt = undefined;
    this.post(accountId, entry);
  }

  credits(id: string): bigint {
    return sum(this.entries.filter((entry) => entry.accountId === id && entry.amount > 0n).map(({ amount }) => amount));
  }

  debits(id: string): bigint {
    return -sum(this.entries.filter((entry) => entry.accountId === id && entry.amount < 0n).map(({ amount }) => amount));
  }

  /** Set aside for holds that are open, of this account and of those below it. */
  pending(id: string): bigint {
    const taking = [...this.holds.values()].filter(({ state, path }) => state === 'open' && path.includes(id));
    return sum(taking.map(({ reserved }) => reserved));
  }

  /** Credits that nobody has a claim on; below nothing where an overdraft is used. */
  free(id: string): bigint {
    return this.credits(id) - this.debits(id) - this.pending(id);
  }

  /** Undefined: as much as one likes. */
  available(id: string): bigint | undefined {
    const { limit, overdraft } = this.account(id);
    return limit === 'none' ? undefined : this.free(id) + overdraft;
  }

  availableOn(path: readonly string[]): bigint | undefined {
    const limits = path.map((id) => this.available(id)).filter((amount) => amount !== undefined);
    return limits.reduce<bigint | undefined>(
      (least, amount) => (least === undefined || amount < least ? amount : least),
      undefined,
    );
  }

  openGrantsOf(id: string): readonly PlainGrant[] {
    return [...this.grants.values()].filter(({ accountId, open }) => accountId === id && open).toSorted(bySoonest);
  }

  end(hold: PlainHold, state: HoldState, at: number): void {
    hold.state = state;
    hold.endedAt = at;
  }

  /** An account as the store tells it. */
  told(id: string): Account {
    const { toldAt, parentId, budget, budgetEndsAt, lowBalance, limit, overdraft, createdAt } = this.account(id);
    const open = this.openGrantsOf(id);
    const due = open[0]?.expiresAt;
    return {
      id,
      limit,
      overdraft,
      createdAt,
      credits: this.credits(id),
      debits: this.debits(id),
      pending: this.pending(id),
      openGrants: open.filter(({ gift }) => gift.unit === 'usd').length,
      openTokenGrants: open.filter(({ gift }) => gift.unit === 'tokens').length,
      ...(parentId === undefined ? {} : { parentId }),
      ...(budget === undefined ? {} : { budget }),
      ...(budgetEndsAt === undefined ? {} : { budgetEndsAt }),
      ...(due === undefined ? {} : { grantsDueAt: due }),
      ...(lowBalance === undefined ? {} : { lowBalance }),
      ...(toldAt === undefined ? {} : { lowBalanceToldAt: toldAt }),
    };
  }

  toldAll(ids: readonly string[]): readonly Account[] {
    return ids.map((id) => this.told(id));
  }
}

function bySoonest(one: PlainGrant, other: PlainGrant): number {
  return one.expiresAt - other.expiresAt || compare(one.ref, other.ref);
}
