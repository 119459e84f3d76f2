import type { Account, AccountChange, AccountPage, NewAccount } from '../../src/ledger/account.ts';
import { deepestPath } from '../../src/ledger/account.ts';
import type { Entry, EntryPage } from '../../src/ledger/entry.ts';
import type { Grant, NewGrant } from '../../src/ledger/grant.ts';
import type { Repeated } from '../../src/ledger/idempotency.ts';
import type {
  CreditAnswer,
  EndedBefore,
  GrantAnswer,
  HoldAnswer,
  LedgerStore,
  NewCredit,
  NewHold,
  NewRefund,
  NewSettlement,
  NewVoid,
  OpenAnswer,
  RefundAnswer,
  SettleAnswer,
  StoredHold,
  VoidAnswer,
} from '../../src/ledger/ledger-store.ts';
import type { RecordPage, RequestRecord, ToolSum, UsageQuery, UsageSpan, UsageSum } from '../../src/ledger/request-record.ts';
import type { PlainBooks, PlainGrant, PlainHold } from './plain-books.ts';
import { bringUp, charge, coverOf } from './plain-grants.ts';
import { periodEnd } from './plain-period.ts';
import { pageOf, toolSums, usageSums } from './plain-records.ts';
import { compare, least } from './plain-values.ts';

/** The rules of the ledger without a database: what every store is measured against. Each method is a transaction by itself. */
export class PlainLedger implements LedgerStore {
  readonly #books: PlainBooks;
  readonly #epochId: string;

  /** A process starts; it alone is alive, so that the holds of every other end. */
  constructor(books: PlainBooks, epochId: string, startedAt: number) {
    this.#books = books;
    this.#epochId = epochId;
    for (const hold of books.holds.values()) {
      if (hold.state === 'open' && hold.epochId !== epochId) this.#release(hold, 'expired', startedAt);
    }
  }

  async openAccount(wish: NewAccount): Promise<OpenAnswer> {
    const books = this.#books;
    if (wish.parentId !== undefined) {
      const above = books.path(wish.parentId);
      if (above.length === 0 || above.length >= deepestPath) return { kind: 'no-parent' };
    }
    if (books.accounts.has(wish.id)) return { kind: 'exists', account: books.told(wish.id) };
    books.add(wish);
    return { kind: 'opened', account: books.told(wish.id) };
  }

  async changeAccount({ id, overdraft, budget, lowBalance, at }: AccountChange): Promise<Account | undefined> {
    const books = this.#books;
    const account = books.accounts.get(id);
    if (account === undefined) return undefined;
    // The old terms hold for a period that is over.
    bringUp(books, [id], at);
    if (overdraft !== undefined) {
      const used = account.limit === 'none' ? 0n : -books.free(id);
      account.overdraft = overdraft > used ? overdraft : used;
    }
    if (lowBalance !== undefined) {
      account.lowBalance = lowBalance ?? undefined;
      account.toldAt = undefined;
    }
    if (budget !== undefined && account.budget !== undefined) {
      const free = books.free(id);
      const raised = budget.amount - account.budget.amount;
      // What is spent or held stays so: a lower budget takes what is free, at most.
      const moved = raised >= 0n ? raised : -least(-raised, free > 0n ? free : 0n);
      books.credit(id, { kind: 'reset', amount: moved, ref: `change@${at}`, at });
      account.budget = budget;
      account.budgetEndsAt = periodEnd(budget.period, at);
    }
    return books.told(id);
  }

  async findAccount(id: string): Promise<Account | undefined> {
    return this.#books.accounts.has(id) ? this.#books.told(id) : undefined;
  }

  async findPath(id: string): Promise<readonly Account[]> {
    return this.#books.toldAll(this.#books.path(id));
  }

  async accounts({ afterId, parentId, limit }: AccountPage): Promise<readonly Account[]> {
    const all = [...this.#books.accounts.values()].toSorted((one, other) => compare(one.id, other.id));
    const wanted = all.filter(
      ({ id, parentId: above }) => id > (afterId ?? '') && (parentId === undefined || above === parentId),
    );
    return wanted.slice(0, limit).map(({ id }) => this.#books.told(id));
  }

  async hold(wish: NewHold): Promise<HoldAnswer> {
    const books = this.#books;
    const { requestId, accountId, amount, tokens, createdAt: at } = wish;
    const path = books.path(wish.budgetId ?? accountId);
    if (!path.includes(accountId)) return { kind: 'no-account' };
    const repeated = this.#repeated(wish);
    if (repeated !== undefined) return repeated;
    bringUp(books, path, at);

    const before = books.holds.get(requestId);
    if (before !== undefined) {
      this.#claimKey(wish);
      const isSame = before.state === 'open' && before.accountId === accountId && before.amount === amount;
      return isSame ? { kind: 'replayed', path: books.toldAll(before.path) } : { kind: 'taken', hold: tellHold(before) };
    }
    const grant = tokens === undefined ? undefined : coverOf(books, path, tokens, at);
    const reserved = grant === undefined || tokens === undefined ? amount : amount - tokens.amount;
    const shortId = path.find((id) => (books.available(id) ?? reserved) < reserved);
    if (shortId !== undefined) {
      // What never began does not use its key up.
      if (wish.idempotency !== undefined) books.keys.delete(keyOf(accountId, wish.idempotency.key));
      return { kind: 'short', shortId, needed: reserved, path: books.toldAll(path) };
    }
    const cover = grant === undefined || tokens === undefined ? undefined : { grant, tokens: BigInt(tokens.count) };
    if (cover !== undefined) cover.grant.pending += cover.tokens;
    this.#claimKey(wish);
    const { createdAt, expiresAt } = wish;
    const unended = { endedAt: undefined, charged: undefined, given: 0n, refunded: 0n };
    const owner = { requestId, accountId, path, epochId: this.#epochId, createdAt, expiresAt };
    books.holds.set(requestId, { ...owner, amount, reserved, state: 'open', cover, ...unended });
    return { kind: 'held', path: books.toldAll(path) };
  }

  /** One request a key: another one waits for it, is given its result, or takes its place where it ended without a charge. */
  #repeated({ requestId, accountId, idempotency, createdAt }: NewHold): Repeated | undefined {
    if (idempotency === undefined) return undefined;
    const before = this.#books.keys.get(keyOf(accountId, idempotency.key));
    if (before === undefined || before.requestId === requestId) return undefined;
    const state = this.#books.holds.get(before.requestId)?.state;
    if (before.expiresAt <= createdAt && state !== 'open') return undefined;
    const repeated = { kind: 'repeated', requestId: before.requestId } as const;
    if (before.fingerprint !== idempotency.fingerprint) return { ...repeated, state: 'mismatch' };
    if (state === 'open') return { ...repeated, state: 'running' };
    if (state !== 'posted') return undefined;
    return { ...repeated, state: 'done', ...(before.result === undefined ? {} : { result: before.result }) };
  }

  #claimKey({ requestId, accountId, idempotency, createdAt }: NewHold): void {
    if (idempotency === undefined) return;
    const { keys, holds } = this.#books;
    const { key, fingerprint, expiresAt } = idempotency;
    const before = keys.get(keyOf(accountId, key));
    if (before?.requestId === requestId) return;
    // The key is paid for once: an attempt that expired may not be charged later on, now that another stands in its place.
    const superseded = before === undefined || before.expiresAt <= createdAt ? undefined : holds.get(before.requestId);
    if (superseded?.state === 'expired') superseded.state = 'void';
    keys.set(keyOf(accountId, key), { fingerprint, requestId, expiresAt, result: undefined });
  }

  async settle(settlement: NewSettlement): Promise<SettleAnswer> {
    const { requestId, at, cost, tokens } = settlement;
    const books = this.#books;
    const hold = books.holds.get(requestId);
    if (hold === undefined || hold.state === 'posted' || hold.state === 'void') return this.#endedBefore(requestId);
    const { path, amount: held, reserved, cover } = hold;
    const owed = least(cost, held);
    if (hold.state === 'expired') {
      // Its credits were free for others meanwhile: what is left of them is what it gets.
      const charged = least(owed, books.availableOn(path) ?? owed);
      books.end(hold, 'posted', at);
      charge(books, hold, { charged, given: 0n, kind: 'late', at });
      this.#record(settlement, hold);
      return { kind: 'late', charged, held, path: books.toldAll(path) };
    }
    const covered = tokens?.amount ?? 0n;
    const charged = cover === undefined ? owed : least(owed, reserved + covered);
    if (cover !== undefined) {
      cover.grant.pending -= cover.tokens;
      cover.grant.used += least(BigInt(tokens?.count ?? 0), cover.tokens);
    }
    books.end(hold, 'posted', at);
    charge(books, hold, { charged, given: cover === undefined ? 0n : least(covered, charged), kind: 'usage', at });
    this.#record(settlement, hold);
    return { kind: 'posted', charged, held, path: books.toldAll(path) };
  }

  #record({ requestId, at, bill, usage, outcome, call, result }: NewSettlement, { accountId, charged = 0n }: PlainHold): void {
    const facts = call === undefined ? {} : { call };
    this.#books.records.set(requestId, { requestId, accountId, outcome, charged, at, bill, usage, ...facts });
    if (result === undefined) return;
    for (const key of this.#books.keys.values()) if (key.requestId === requestId) key.result = result;
  }

  async void({ requestId, at, record }: NewVoid): Promise<VoidAnswer> {
    const books = this.#books;
    const hold = books.holds.get(requestId);
    if (hold?.state !== 'open') return this.#endedBefore(requestId);
    this.#release(hold, 'void', at);
    const { accountId, path } = hold;
    if (record !== undefined) books.records.set(requestId, { requestId, accountId, charged: 0n, at, ...record });
    return { kind: 'voided', path: books.toldAll(path) };
  }

  async overdue(at: number): Promise<readonly string[]> {
    const own = [...this.#books.holds.values()].filter(({ state, epochId }) => state === 'open' && epochId === this.#epochId);
    return own
      .filter(({ expiresAt }) => expiresAt <= at)
      .map(({ requestId }) => requestId)
      .toSorted(compare);
  }

  async expire(requestIds: readonly string[], at: number): Promise<readonly string[]> {
    const open = [...this.#books.holds.values()].filter(
      ({ requestId, state }) => state === 'open' && requestIds.includes(requestId),
    );
    for (const hold of open) this.#release(hold, 'expired', at);
    return open.map(({ requestId }) => requestId).toSorted(compare);
  }

  async credit({ accountId, kind, amount, ref, note, at }: NewCredit): Promise<CreditAnswer> {
    const books = this.#books;
    const entry = books.entries.find((each) => each.ref === ref && each.kind === kind);
    if (entry !== undefined) {
      if (entry.accountId !== accountId || entry.amount !== amount) return { kind: 'taken', entry };
      return { kind: 'replayed', account: books.told(accountId) };
    }
    if (!books.accounts.has(accountId)) return { kind: 'no-account' };
    if (amount < 0n && (books.available(accountId) ?? -amount) < -amount)
      return { kind: 'short', account: books.told(accountId) };
    books.credit(accountId, { kind, amount, ref, at, ...(note === undefined ? {} : { note }) });
    return { kind: 'credited', account: books.told(accountId) };
  }

  async refund({ requestId, amount, ref, note, at }: NewRefund): Promise<RefundAnswer> {
    const books = this.#books;
    const hold = books.holds.get(requestId);
    const entry = books.entries.find((each) => each.ref === ref && each.kind === 'refund');
    if (entry !== undefined) {
      const isSame = books.refundedRequests.get(ref) === requestId && (amount ?? entry.amount) === entry.amount;
      if (!isSame) return { kind: 'taken', entry };
      return { kind: 'replayed', amount: entry.amount, path: books.toldAll(hold?.path ?? []) };
    }
    if (hold?.state !== 'posted') return { kind: 'no-charge' };
    // What free tokens paid for was no money.
    const left = (hold.charged ?? 0n) - hold.given - hold.refunded;
    const given = amount ?? left;
    if (given > left || given === 0n) return { kind: 'too-much', left };
    hold.refunded += given;
    books.refundedRequests.set(ref, requestId);
    const why = note === undefined ? `of ${requestId}` : `of ${requestId}: ${note}`;
    for (const id of hold.path) books.credit(id, { kind: 'refund', amount: given, ref, note: why, at });
    return { kind: 'refunded', amount: given, path: books.toldAll(hold.path) };
  }

  async grant({ ref, accountId, gift, expiresAt, renewEveryMs, note, at }: NewGrant): Promise<GrantAnswer> {
    const books = this.#books;
    const before = books.grants.get(ref);
    if (before !== undefined) {
      const isSame = before.accountId === accountId && before.renewEveryMs === renewEveryMs && isSameGift(before.gift, gift);
      if (!isSame) return { kind: 'taken', grant: tellGrant(before) };
      return { kind: 'replayed', grant: tellGrant(before), account: books.told(accountId) };
    }
    if (!books.accounts.has(accountId)) return { kind: 'no-account' };
    const unused = { used: 0n, pending: 0n, open: true, renewals: 0 };
    const grant = { ref, accountId, gift, renewEveryMs, note, createdAt: at, expiresAt, ...unused };
    books.grants.set(ref, grant);
    if (gift.unit === 'usd') books.credit(accountId, { kind: 'promo', amount: gift.amount, ref: `${ref}#0`, at });
    return { kind: 'granted', grant: tellGrant(grant), account: books.told(accountId) };
  }

  async grants(accountId: string): Promise<readonly Grant[]> {
    const closed = [...this.#books.grants.values()].filter((grant) => grant.accountId === accountId && !grant.open);
    const bySoonest = closed.toSorted((one, other) => one.expiresAt - other.expiresAt || compare(one.ref, other.ref));
    return [...this.#books.openGrantsOf(accountId), ...bySoonest].map(tellGrant);
  }

  async pruneIdempotency(at: number): Promise<number> {
    const { keys, holds } = this.#books;
    const over = [...keys].filter(([, { expiresAt, requestId }]) => expiresAt <= at && holds.get(requestId)?.state !== 'open');
    for (const [key] of over) keys.delete(key);
    return over.length;
  }

  async tellLowBalance(accountId: string, below: bigint, at: number): Promise<boolean> {
    const account = this.#books.account(accountId);
    const available = this.#books.available(accountId);
    // The same moment again is the same call, whose answer was lost.
    if (account.toldAt !== undefined) return account.toldAt === at;
    if (available === undefined || available + this.#books.pending(accountId) >= below) return false;
    account.toldAt = at;
    return true;
  }

  async untellLowBalance(accountId: string): Promise<void> {
    const account = this.#books.accounts.get(accountId);
    if (account !== undefined) account.toldAt = undefined;
  }

  async findHold(requestId: string): Promise<StoredHold | undefined> {
    const hold = this.#books.holds.get(requestId);
    return hold && tellHold(hold);
  }

  async findRecord(requestId: string): Promise<RequestRecord | undefined> {
    return this.#books.records.get(requestId);
  }

  async findRecordOfAnswer(answerId: string): Promise<RequestRecord | undefined> {
    return this.#books.records.values().find(({ call }) => call?.answerId === answerId);
  }

  async records(page: RecordPage): Promise<readonly RequestRecord[]> {
    return pageOf(this.#books.records.values(), page);
  }

  async usage(query: UsageQuery): Promise<readonly UsageSum[]> {
    return usageSums(this.#books.records.values(), query);
  }

  async toolUsage(span: UsageSpan): Promise<readonly ToolSum[]> {
    return toolSums(this.#books.records.values(), span);
  }

  async entries({ accountId, afterSeq = 0, limit }: EntryPage): Promise<readonly Entry[]> {
    return this.#books.entries.filter((entry) => entry.accountId === accountId && entry.seq > afterSeq).slice(0, limit);
  }

  #release(hold: PlainHold, state: 'void' | 'expired', at: number): void {
    this.#books.end(hold, state, at);
    if (hold.cover !== undefined) hold.cover.grant.pending -= hold.cover.tokens;
  }

  #endedBefore(requestId: string): EndedBefore {
    const hold = this.#books.holds.get(requestId);
    if (hold === undefined) return { kind: 'no-hold' };
    const { state, charged, path } = hold;
    if (state === 'open') throw new Error(`The model refused to end the hold of ${requestId}, which is open.`);
    return { kind: 'ended', state, ...(charged === undefined ? {} : { charged }), path: this.#books.toldAll(path) };
  }
}

export interface Money {
  readonly accounts: readonly Account[];
  readonly holds: readonly StoredHold[];
  readonly grants: readonly Grant[];
  readonly entries: readonly Entry[];
}

/** All of it, by id; the entries as they were posted. */
export function moneyOf(books: PlainBooks): Money {
  return {
    accounts: books.toldAll([...books.accounts.keys()].toSorted(compare)),
    holds: [...books.holds.values()].toSorted((one, other) => compare(one.requestId, other.requestId)).map(tellHold),
    grants: [...books.grants.values()].toSorted((one, other) => compare(one.ref, other.ref)).map(tellGrant),
    entries: books.entries,
  };
}

function keyOf(accountId: string, key: string): string {
  return JSON.stringify([accountId, key]);
}

function isSameGift(one: Grant['gift'], other: Grant['gift']): boolean {
  return JSON.stringify(one, writeAmount) === JSON.stringify(other, writeAmount);
}

function writeAmount(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}

function tellHold(hold: PlainHold): StoredHold {
  const { requestId, accountId, path, epochId, createdAt, expiresAt, amount, reserved, state, charged, endedAt } = hold;
  return {
    requestId,
    accountId,
    path,
    epochId,
    createdAt,
    expiresAt,
    amount,
    reserved,
    state,
    ...(charged === undefined ? {} : { charged }),
    ...(endedAt === undefined ? {} : { endedAt }),
  };
}

function tellGrant({ ref, accountId, gift, used, pending, createdAt, expiresAt, open, renewEveryMs, note }: PlainGrant): Grant {
  return {
    ref,
    accountId,
    gift,
    used,
    pending,
    createdAt,
    expiresAt,
    open,
    ...(renewEveryMs === undefined ? {} : { renewEveryMs }),
    ...(note === undefined ? {} : { note }),
  };
}
