import type { LeaseAnswer, LeaseEnd, LeaseSettled, LeaseStore, NewLease } from '../../src/ledger/lease.ts';
import type { Path } from '../../src/ledger/ledger-store.ts';
import type { PlainBooks, PlainHold } from './plain-books.ts';
import { bringUp, charge } from './plain-grants.ts';
import { least } from './plain-values.ts';

/** The same for leases: holds of a process, from which it admits requests by itself and which their charges make smaller. */
export class PlainLeases implements LeaseStore {
  readonly #books: PlainBooks;
  readonly #epochId: string;

  constructor(books: PlainBooks, epochId: string) {
    this.#books = books;
    this.#epochId = epochId;
  }

  async take({ leaseId, accountId, budgetId, most, least: fewest, at }: NewLease): Promise<LeaseAnswer> {
    const books = this.#books;
    const path = books.path(budgetId ?? accountId);
    const before = books.holds.get(leaseId);
    if (before?.state === 'open') return { kind: 'leased', amount: before.amount, path: books.toldAll(before.path) };
    if (before !== undefined) throw new Error(`The lease ${leaseId} has ended.`);
    if (!path.includes(accountId)) return { kind: 'no-account' };
    bringUp(books, path, at);
    const amount = least(most, books.availableOn(path) ?? most);
    if (amount < fewest) return { kind: 'short', path: books.toldAll(path) };
    this.#write({ requestId: leaseId, accountId, path, createdAt: at, expiresAt: Number.MAX_SAFE_INTEGER, amount });
    return { kind: 'leased', amount, path: books.toldAll(path) };
  }

  async end(leaseId: string, ends: readonly LeaseEnd[]): Promise<readonly LeaseSettled[]> {
    const lease = this.#books.holds.get(leaseId);
    if (lease === undefined) throw new Error(`There is no lease ${leaseId}.`);
    const answers = ends.map((end) => this.#end(lease, end));
    return answers.map((answer) => ({ ...answer, path: this.#books.toldAll(lease.path) }));
  }

  #end(lease: PlainHold, end: LeaseEnd): Omit<LeaseSettled, 'path'> {
    const books = this.#books;
    const { requestId, at, createdAt } = end;
    const before = books.holds.get(requestId);
    if (before !== undefined) return { requestId, kind: 'replayed', charged: before.charged ?? 0n };
    const { accountId, path } = lease;
    const hold = this.#write({ requestId, accountId, path, createdAt, expiresAt: createdAt, amount: end.held });
    hold.reserved = 0n;
    books.end(hold, ({ settle: 'posted', void: 'void', expire: 'expired' } as const)[end.kind], at);
    if (end.kind === 'expire') return { requestId, kind: 'expired', charged: 0n };
    if (end.kind === 'void') {
      if (end.record !== undefined) books.records.set(requestId, { requestId, accountId, charged: 0n, at, ...end.record });
      return { requestId, kind: 'voided', charged: 0n };
    }
    const { outcome, bill, usage, call, cost } = end.settlement;
    const owed = least(cost, end.held);
    const isCovered = lease.state === 'open' && owed <= lease.amount;
    if (isCovered) {
      lease.amount -= owed;
      lease.reserved -= owed;
    }
    // Where nothing is set aside for it any more, it gets what is left.
    const charged = isCovered ? owed : least(owed, books.availableOn(path) ?? owed);
    charge(books, hold, { charged, given: 0n, kind: isCovered ? 'usage' : 'late', at });
    books.records.set(requestId, {
      requestId,
      accountId,
      outcome,
      charged,
      at,
      bill,
      usage,
      ...(call === undefined ? {} : { call }),
    });
    return { requestId, kind: isCovered ? 'posted' : 'late', charged };
  }

  async giveBack(leaseId: string, needed: bigint | undefined, at: number): Promise<Path | undefined> {
    const lease = this.#books.holds.get(leaseId);
    if (lease?.state !== 'open') return undefined;
    if (needed === undefined) {
      this.#books.end(lease, 'void', at);
    } else if (needed < lease.amount) {
      lease.amount = needed;
      lease.reserved = needed;
    }
    return this.#books.toldAll(lease.path);
  }

  #write(told: Pick<PlainHold, 'requestId' | 'accountId' | 'path' | 'createdAt' | 'expiresAt' | 'amount'>): PlainHold {
    const unended = { endedAt: undefined, charged: undefined, given: 0n, refunded: 0n, cover: undefined };
    const hold: PlainHold = { ...told, reserved: told.amount, state: 'open', epochId: this.#epochId, ...unended };
    this.#books.holds.set(hold.requestId, hold);
    return hold;
  }
}
