import { fits, payable } from '../../ledger/balance.ts';
import type {
  Account,
  CreditAnswer,
  EndedBefore,
  Entry,
  HoldAnswer,
  HoldEnd,
  LedgerStore,
  NewAccount,
  NewCredit,
  NewHold,
  NewSettlement,
  NewVoid,
  SettleAnswer,
  StoredHold,
  VoidAnswer,
} from '../../ledger/ledger-store.ts';
import type { NanoUsd } from '../../model/money.ts';
import { pageOf, toolSums, usageSums } from './memory-records.ts';
import type { MemoryTables } from './memory-tables.ts';

/**
 * The ledger's rules without a database: for tests, and the plain reading of what the SQL does. Each method runs in one turn of
 * the event loop, so it is a transaction by itself.
 */
export class MemoryLedgerStore implements LedgerStore {
  readonly #tables: MemoryTables;
  readonly #epochId: string;

  /** Releases the holds of every other epoch: their process is gone. */
  constructor(tables: MemoryTables, epochId: string, startedAt: number) {
    this.#tables = tables;
    this.#epochId = epochId;
    this.#release((hold) => hold.epochId !== epochId || hold.expiresAt <= startedAt, startedAt);
  }

  async openAccount(wish: NewAccount): Promise<Account> {
    const { accounts } = this.#tables;
    const account = accounts.get(wish.id) ?? { ...wish, credits: 0n, debits: 0n, pending: 0n };
    accounts.set(wish.id, account);
    return account;
  }

  async findAccount(accountId: string): Promise<Account | undefined> {
    return this.#tables.accounts.get(accountId);
  }

  async hold(wish: NewHold): Promise<HoldAnswer> {
    const { accounts, holds } = this.#tables;
    const before = holds.get(wish.requestId);
    if (before !== undefined) {
      const same = before.state === 'open' && before.accountId === wish.accountId && before.amount === wish.amount;
      return same ? { kind: 'replayed', account: this.#account(wish.accountId) } : { kind: 'taken', hold: before };
    }
    const account = accounts.get(wish.accountId);
    if (account === undefined) return { kind: 'no-account' };
    if (!fits(account, wish.amount)) return { kind: 'short', account };
    holds.set(wish.requestId, { ...wish, state: 'open', epochId: this.#epochId });
    return { kind: 'held', account: this.#change(account, { pending: account.pending + wish.amount }) };
  }

  async settle(settlement: NewSettlement): Promise<SettleAnswer> {
    const hold = this.#tables.holds.get(settlement.requestId);
    if (hold === undefined || hold.state === 'posted' || hold.state === 'void') return this.#endedBefore(settlement);
    const account = this.#account(hold.accountId);
    const cost = settlement.cost < hold.amount ? settlement.cost : hold.amount;
    const isLate = hold.state === 'expired';
    const charged = isLate ? payable(account, cost) : cost;
    const pending = isLate ? account.pending : account.pending - hold.amount;

    const paid = this.#change(account, { pending, debits: account.debits + charged });
    this.#endHold(hold, settlement.at, { state: 'posted', charged });
    this.#record(settlement, account.id, charged, isLate ? 'late' : 'usage');
    return { kind: isLate ? 'late' : 'posted', charged, held: hold.amount, account: paid };
  }

  async void(end: NewVoid): Promise<VoidAnswer> {
    const hold = this.#tables.holds.get(end.requestId);
    if (hold?.state !== 'open') return this.#endedBefore(end);
    const account = this.#account(hold.accountId);
    this.#endHold(hold, end.at, { state: 'void' });
    const { requestId, at, record } = end;
    if (record !== undefined) {
      this.#tables.records.set(requestId, { requestId, accountId: account.id, charged: 0n, at, ...record });
    }
    return { kind: 'voided', account: this.#change(account, { pending: account.pending - hold.amount }) };
  }

  async expire(at: number): Promise<readonly string[]> {
    return this.#release((hold) => hold.expiresAt <= at, at);
  }

  async credit(wish: NewCredit): Promise<CreditAnswer> {
    const entry = this.#tables.entries.find(({ ref, kind }) => ref === wish.ref && kind === wish.kind);
    if (entry !== undefined) {
      if (entry.accountId !== wish.accountId || entry.amount !== wish.amount) return { kind: 'taken', entry };
      return { kind: 'replayed', account: this.#account(wish.accountId) };
    }
    const account = this.#tables.accounts.get(wish.accountId);
    if (account === undefined) return { kind: 'no-account' };
    this.#post(wish);
    return { kind: 'credited', account: this.#change(account, { credits: account.credits + wish.amount }) };
  }

  async findHold(requestId: string): ReturnType<LedgerStore['findHold']> {
    return this.#tables.holds.get(requestId);
  }

  async findRecord(requestId: string): ReturnType<LedgerStore['findRecord']> {
    return this.#tables.records.get(requestId);
  }

  async findRecordOfAnswer(answerId: string): ReturnType<LedgerStore['findRecordOfAnswer']> {
    return this.#tables.records.values().find(({ call }) => call?.answerId === answerId);
  }

  async records(page: Parameters<LedgerStore['records']>[0]): ReturnType<LedgerStore['records']> {
    return pageOf(this.#tables.records.values(), page);
  }

  async usage(query: Parameters<LedgerStore['usage']>[0]): ReturnType<LedgerStore['usage']> {
    return usageSums(this.#tables.records.values(), query);
  }

  async toolUsage(span: Parameters<LedgerStore['toolUsage']>[0]): ReturnType<LedgerStore['toolUsage']> {
    return toolSums(this.#tables.records.values(), span);
  }

  async entries(page: Parameters<LedgerStore['entries']>[0]): Promise<readonly Entry[]> {
    const after = page.afterSeq ?? 0;
    return this.#tables.entries.filter(({ accountId, seq }) => accountId === page.accountId && seq > after).slice(0, page.limit);
  }

  #release(isDue: (hold: StoredHold) => boolean, at: number): readonly string[] {
    const due = [...this.#tables.holds.values()].filter((hold) => hold.state === 'open' && isDue(hold));
    for (const hold of due) {
      this.#endHold(hold, at, { state: 'expired' });
      const account = this.#account(hold.accountId);
      this.#change(account, { pending: account.pending - hold.amount });
    }
    return due.map((hold) => hold.requestId).toSorted();
  }

  #endHold(hold: StoredHold, at: number, end: Pick<StoredHold, 'state' | 'charged'>): void {
    this.#tables.holds.set(hold.requestId, { ...hold, ...end, endedAt: at });
  }

  #record(settlement: NewSettlement, accountId: string, charged: NanoUsd, kind: 'usage' | 'late'): void {
    const { requestId, at, outcome, bill, usage, call } = settlement;
    if (charged > 0n) this.#post({ accountId, kind, amount: -charged, ref: requestId, at });
    const facts = call === undefined ? {} : { call };
    this.#tables.records.set(requestId, { requestId, accountId, outcome, bill, usage, charged, at, ...facts });
  }

  #post(entry: Omit<Entry, 'seq'>): void {
    const { accountId, kind, amount, ref, at } = entry;
    const { entries } = this.#tables;
    entries.push({ seq: entries.length + 1, accountId, kind, amount, ref, at });
  }

  #change(account: Account, change: Partial<Account>): Account {
    const changed = { ...account, ...change };
    this.#tables.accounts.set(account.id, changed);
    return changed;
  }

  #endedBefore(end: HoldEnd): EndedBefore {
    const hold = this.#tables.holds.get(end.requestId);
    if (hold === undefined) return { kind: 'no-hold' };
    if (hold.state === 'open') throw new Error(`The hold of ${end.requestId} is open, yet its end was refused.`);
    return { kind: 'ended', state: hold.state, account: this.#account(hold.accountId) };
  }

  #account(accountId: string): Account {
    const account = this.#tables.accounts.get(accountId);
    if (account === undefined) throw new Error(`The account "${accountId}" is gone.`);
    return account;
  }
}
