import type { Account } from '../../ledger/account.ts';
import type { LeaseStore } from '../../ledger/lease.ts';
import type {
  HoldAnswer,
  LedgerStore,
  NewHold,
  NewSettlement,
  NewVoid,
  Path,
  SettleAnswer,
  VoidAnswer,
} from '../../ledger/ledger-store.ts';
import type { Clock } from '../../model/ports.ts';
import { Lease } from './lease.ts';
import { Payer } from './payer.ts';

export interface LeaseOptions {
  readonly clock: Clock;
  readonly newLeaseId: () => string;
  /** From so many holds of one payer in a second on, its requests are decided here. */
  readonly hotHoldsPerSecond: number;
  /** Asks the other processes to give back what they do not use of these accounts. Resolves when they had time to. */
  readonly recall: (accountIds: readonly string[]) => Promise<void>;
}

/**
 * A ledger store of a process that shares its database. Each hold of a busy account would wait for the one row of that account,
 * so the process takes a lease on some of its credits and decides holds against the lease by itself; settlements go to the
 * database together, durable before they are told. What is leased counts as held, so that nothing is ever sold twice.
 */
export class LeasedLedgerStore {
  readonly #store: LedgerStore;
  readonly #leases: LeaseStore;
  readonly #options: LeaseOptions;
  readonly #payers = new Map<string, Payer>();
  /** The lease that each running request was admitted against. */
  readonly #admitted = new Map<string, Lease>();
  /** How often credits came here from the database or went back. */
  #moves = 0;

  constructor(store: LedgerStore, leases: LeaseStore, options: LeaseOptions) {
    this.#store = store;
    this.#leases = leases;
    this.#options = options;
  }

  /** The port: everything but holds and their ends goes straight to the database. */
  asStore(): LedgerStore {
    const store = this.#store;
    return {
      ...store,
      hold: (wish) => this.#hold(wish),
      settle: (settlement) => this.#settle(settlement),
      void: (release) => this.#void(release),
      findAccount: async (accountId) => {
        const account = await store.findAccount(accountId);
        return account === undefined ? undefined : this.#withoutOwn(account);
      },
      findPath: async (accountId) => (await store.findPath(accountId)).map((account) => this.#withoutOwn(account)),
    };
  }

  /** Gives back what no request of this process needs: of these accounts, or of all. */
  async giveBack(accountIds?: readonly string[]): Promise<void> {
    await Promise.all(this.#leasesOn(accountIds).map((lease) => this.#return(lease)));
  }

  /** To be called every second or so: leases that nobody uses go back, and payers that nobody is are forgotten. */
  async tidy(): Promise<void> {
    const now = this.#options.clock.ticks();
    const idle = [...this.#payers.values()].filter((payer) => payer.isIdle(now));
    await Promise.all(idle.flatMap((payer) => payer.leases.map((lease) => this.#return(lease))));
    for (const [id, payer] of this.#payers) if (payer.isOver(now)) this.#payers.delete(id);
  }

  /** The others gave this process up for dead, and with it what it had leased: nothing more is admitted against that. */
  forget(): void {
    for (const payer of this.#payers.values()) for (const lease of payer.leases) lease.forget();
  }

  #leasesOn(accountIds: readonly string[] | undefined): readonly Lease[] {
    const isMeant = ({ path }: Lease): boolean => accountIds === undefined || path.some(({ id }) => accountIds.includes(id));
    return [...this.#payers.values()].flatMap((payer) => payer.leases).filter(isMeant);
  }

  async #return(lease: Lease): Promise<void> {
    const owed = lease.owes;
    await lease.giveBack();
    if (owed) this.#moves++;
  }

  async #hold(wish: NewHold): Promise<HoldAnswer> {
    const payer = this.#payerOf(wish);
    const now = this.#options.clock.ticks();
    const isHot = payer.counts(now) >= this.#options.hotHoldsPerSecond;
    // A key that must be known to all processes, and tokens that are counted apart from money, are the database's business.
    if (!isHot || wish.idempotency !== undefined || payer.hasTokenGrants) return await this.#holdThere(wish, payer);
    if (payer.isShort(wish.amount, now)) return await this.#holdLast(wish, payer);
    for (let tries = 0; tries < mostTries; tries++) {
      const lease = payer.leaseFor(wish.amount) ?? (await payer.moreFor(wish.amount, () => this.#take(wish, payer)));
      if (lease !== undefined) {
        const held = this.#admit(wish, lease);
        if (held !== undefined) return held;
        continue;
      }
      // Somebody else may have what is missing, and not need it.
      const accountIds = payer.path.map(({ id }) => id);
      await Promise.all([this.#options.recall(accountIds), this.giveBack(accountIds)]);
    }
    payer.wasShort(wish.amount, this.#options.clock.ticks());
    return await this.#holdLast(wish, payer);
  }

  #admit(wish: NewHold, lease: Lease | undefined): HoldAnswer | undefined {
    if (lease?.admit(wish) !== true) return undefined;
    this.#admitted.set(wish.requestId, lease);
    return { kind: 'held', path: this.#pathOf(lease) };
  }

  /**
   * The database has the last word, and what it lacks must not lie in this process: leased for another request meanwhile, in
   * pieces that are too small, or on its way back.
   */
  async #holdLast(wish: NewHold, payer: Payer): Promise<HoldAnswer> {
    for (let tries = 1; ; tries++) {
      const movesBefore = this.#moves;
      const answer = await this.#holdThere(wish, payer);
      if (answer.kind !== 'short' || tries >= mostLastTries) return answer;
      const accountIds = answer.path.map(({ id }) => id);
      await Promise.all([...this.#payers.values()].map((each) => each.rests()));
      const held = this.#admit(wish, payer.leaseFor(wish.amount));
      if (held !== undefined) return held;
      if (this.#leasesOn(accountIds).some((lease) => lease.owes)) await this.giveBack(accountIds);
      else if (this.#moves === movesBefore) return answer;
    }
  }

  async #holdThere(wish: NewHold, payer: Payer): Promise<HoldAnswer> {
    const answer = await this.#store.hold(wish);
    if (!('path' in answer)) return answer;
    payer.learns(answer.path);
    return { ...answer, path: answer.path.map((account) => this.#withoutOwn(account)) };
  }

  async #take(wish: NewHold, payer: Payer): Promise<Lease | undefined> {
    const { clock, newLeaseId } = this.#options;
    const { accountId, budgetId, amount } = wish;
    const leaseId = newLeaseId();
    const wished = {
      leaseId,
      accountId,
      ...(budgetId === undefined ? {} : { budgetId }),
      least: amount,
      most: payer.wishedLease(amount),
      at: clock.now(),
    };
    const answer = await this.#leases.take(wished).catch(async (error: unknown) => {
      // Whether it was taken is not known; what was, goes back, or does when this process ends.
      await this.#leases.giveBack(leaseId, undefined, clock.now()).catch(() => undefined);
      throw error;
    });
    if (answer.kind !== 'leased') {
      if (answer.kind === 'short') payer.learns(answer.path);
      return undefined;
    }
    payer.learns(answer.path);
    this.#moves++;
    return new Lease({ ...answer, leaseId }, this.#leases, clock);
  }

  async #settle(settlement: NewSettlement): Promise<SettleAnswer> {
    const lease = this.#admitted.get(settlement.requestId);
    if (lease === undefined) return await this.#store.settle(settlement);
    const { held, ended } = await lease.end({ kind: 'settle', requestId: settlement.requestId, at: settlement.at, settlement });
    this.#admitted.delete(settlement.requestId);
    const path = this.#pathOf(lease);
    switch (ended.kind) {
      case 'posted':
      case 'late':
        return { kind: ended.kind, charged: ended.charged, held, path };
      case 'replayed':
      case 'voided':
        return { kind: 'ended', state: 'posted', charged: ended.charged, path };
    }
  }

  async #void(release: NewVoid): Promise<VoidAnswer> {
    const { requestId, at, record } = release;
    const lease = this.#admitted.get(requestId);
    if (lease === undefined) return await this.#store.void(release);
    await lease.end({ kind: 'void', requestId, at, ...(record === undefined ? {} : { record }) });
    this.#admitted.delete(requestId);
    return { kind: 'voided', path: this.#pathOf(lease) };
  }

  #payerOf({ accountId, budgetId }: NewHold): Payer {
    const id = JSON.stringify([accountId, budgetId ?? null]);
    const known = this.#payers.get(id);
    if (known !== undefined) return known;
    const payer = new Payer();
    this.#payers.set(id, payer);
    return payer;
  }

  #pathOf(lease: Lease): Path {
    return lease.path.map((account) => this.#withoutOwn(account));
  }

  /** What this process has leased and not used is no request's; only for the others it counts as held. */
  #withoutOwn(account: Account): Account {
    let unused = 0n;
    for (const payer of this.#payers.values()) {
      for (const lease of payer.leases) if (lease.path.some(({ id }) => id === account.id)) unused += lease.unused;
    }
    return unused === 0n ? account : { ...account, pending: account.pending > unused ? account.pending - unused : 0n };
  }
}

/** Of a request that finds too little leased: to take more, and to take once more after the others gave back. */
const mostTries = 3;
/** Of a request that the database has too little for, while others of this process lease and give back. */
const mostLastTries = 20;
