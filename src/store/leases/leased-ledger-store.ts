import type { Account } from '../../ledger/account.ts';
import type { LeaseSettled, LeaseStore } from '../../ledger/lease.ts';
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
import { Lease, type Ending } from './lease.ts';
import { LeasesByAccount } from './leases-by-account.ts';
import { Payer } from './payer.ts';

export interface LeaseOptions {
  readonly clock: Clock;
  readonly newLeaseId: () => string;
  /** Of this process as it is now. */
  readonly epochId: () => string;
  /** From so many holds of one payer in a second on, its requests are decided here. */
  readonly hotHoldsPerSecond: number;
  /** Asks the other processes to give back what they do not use of these accounts. Resolves when they had time to. */
  readonly recall: (accountIds: readonly string[]) => Promise<void>;
  /** The ids of leases of this process that a command beside the servers wants back. */
  readonly recalled: () => Promise<readonly string[]>;
}

/** A request that runs, and what it was admitted against. */
interface Admission {
  readonly wish: NewHold;
  readonly lease: Lease;
  readonly payer: Payer;
}

/**
 * A ledger store that asks its database once a request in place of twice. Each hold of a busy account would be a transaction that
 * waits for the disk, and for the one row of that account, so the process takes a lease on some of its credits and decides holds
 * against the lease by itself; settlements go to the database together, durable before they are told. What is leased counts as
 * held, so that nothing is ever sold twice.
 */
export class LeasedLedgerStore {
  readonly #store: LedgerStore;
  readonly #leases: LeaseStore;
  readonly #options: LeaseOptions;
  readonly #payers = new Map<string, Payer>();
  readonly #byAccount = new LeasesByAccount();
  /** By request id. */
  readonly #admitted = new Map<string, Admission>();
  /** Leases that may have been taken although nobody heard of it. */
  readonly #unheard = new Set<string>();
  /** Open holds that the database knows. */
  readonly #heldThere = new Set<string>();
  /** How often credits came here from the database or went back. */
  #moves = 0;
  #isClosed = false;
  /** The database failed an end, and has not held anything since: who cannot be settled there is refused before it begins. */
  #isTroubled = false;

  constructor(store: LedgerStore, leases: LeaseStore, options: LeaseOptions) {
    this.#store = store;
    this.#leases = leases;
    this.#options = options;
  }

  /** The port: everything but holds and their ends goes straight to the database. */
  asStore(): LedgerStore {
    const store = this.#store;
    const told = (account: Account): Account => this.#byAccount.without(account);
    return {
      ...store,
      hold: (wish) => this.#hold(wish),
      settle: (settlement) => this.#settle(settlement),
      void: (release) => this.#void(release),
      overdue: async (at) => [...(await store.overdue(at)), ...this.#overdue(at)].toSorted(),
      expire: (requestIds, at) => this.#expire(requestIds, at),
      findAccount: async (accountId) => {
        const account = await store.findAccount(accountId);
        return account === undefined ? undefined : told(account);
      },
      findPath: async (accountId) => (await store.findPath(accountId)).map(told),
      accounts: async (page) => (await store.accounts(page)).map(told),
      changeAccount: async (change) => {
        // It lowers a limit as far as nothing is set aside: what no request needs must not stand in its way.
        await this.#collect([change.id]);
        const account = await store.changeAccount(change);
        return account === undefined ? undefined : told(account);
      },
      credit: async (credit) => {
        if (credit.amount < 0n) await this.#collect([credit.accountId]);
        const answer = await store.credit(credit);
        return 'account' in answer ? { ...answer, account: told(answer.account) } : answer;
      },
      grant: async (grant) => {
        const answer = await store.grant(grant);
        if (!('account' in answer)) return answer;
        // It may be of tokens, and pay for the next request.
        for (const payer of this.#payers.values()) payer.learnsOf(answer.account);
        return { ...answer, account: told(answer.account) };
      },
      refund: async (refund) => {
        const answer = await store.refund(refund);
        return 'path' in answer ? { ...answer, path: answer.path.map(told) } : answer;
      },
    };
  }

  /** Gives back what no request of this process needs: of these accounts, or of all. */
  async giveBack(accountIds?: readonly string[]): Promise<void> {
    const leases = accountIds === undefined ? this.#allLeases() : this.#byAccount.on(accountIds);
    await Promise.all(leases.map((lease) => this.#return(lease)));
  }

  /** To be called every second or so: leases that nobody uses or that somebody wants go back, and payers that nobody is are forgotten. */
  async tidy(): Promise<void> {
    const now = this.#options.clock.ticks();
    const recalled = this.#allLeases().length === 0 ? [] : await this.#options.recalled();
    const unused = [...this.#payers.values()].flatMap((payer) => {
      if (payer.leases.some(({ id }) => recalled.includes(id))) payer.stepAside(now);
      const goesBack = payer.isIdle(now) || payer.isAside(now);
      return payer.leases.filter((lease) => lease.isQuiet() || lease.isUnsure || goesBack);
    });
    await Promise.all([...unused.map((lease) => this.#return(lease)), this.#returnUnheard()]);
    for (const [id, payer] of this.#payers) if (payer.isOver(now)) this.#payers.delete(id);
    this.#byAccount.tidy();
  }

  /** Admits nothing more, gives everything back, and resolves once everything that was asked before is done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const leases = this.#allLeases();
    try {
      await Promise.all([this.giveBack(), this.#returnUnheard()]);
    } finally {
      await Promise.all(leases.map((lease) => lease.rests()));
    }
  }

  /** The others gave this process up for dead, and with it what it had leased: nothing more is admitted against that. */
  forget(): void {
    for (const payer of this.#payers.values()) for (const lease of payer.leases) lease.forget();
  }

  async #returnUnheard(): Promise<void> {
    for (const leaseId of this.#unheard) {
      await this.#leases.giveBack(leaseId, undefined, this.#options.clock.now());
      this.#unheard.delete(leaseId);
    }
  }

  #allLeases(): readonly Lease[] {
    return [...this.#payers.values()].flatMap(({ leases }) => leases);
  }

  /** Nothing of these accounts is to be leased by anybody without need. */
  async #collect(accountIds: readonly string[]): Promise<void> {
    await Promise.all([this.#options.recall(accountIds), this.giveBack(accountIds)]);
  }

  async #return(lease: Lease): Promise<void> {
    const owed = lease.owes;
    await lease.giveBack();
    if (owed) this.#moves++;
  }

  async #hold(wish: NewHold): Promise<HoldAnswer> {
    const before = this.#admitted.get(wish.requestId);
    if (before !== undefined) return this.#heldBefore(wish, before);
    const payer = this.#payerOf(wish);
    const now = this.#options.clock.ticks();
    const isHot = payer.counts(now) >= this.#options.hotHoldsPerSecond && !payer.isAside(now);
    // A key must be known to all processes.
    const isTheirs = wish.idempotency !== undefined || this.#heldThere.has(wish.requestId);
    const mayLease = isHot && !this.#isTroubled && !this.#isClosed;
    if (!mayLease || isTheirs || payer.needsStore(wish.createdAt)) return await this.#holdLast(wish, payer, 'database');
    if (payer.isShort(wish.amount, now)) return await this.#holdLast(wish, payer, 'anywhere');
    for (let tries = 0; tries < mostTries; tries++) {
      const lease = payer.leaseFor(wish.amount) ?? (await payer.moreFor(wish.amount, () => this.#take(wish, payer)));
      if (payer.needsStore(wish.createdAt)) return await this.#holdLast(wish, payer, 'database');
      if (lease !== undefined) {
        const held = this.#admit(wish, lease, payer);
        if (held !== undefined) return held;
        continue;
      }
      // Somebody else may have what is missing, and not need it.
      await this.#collect(payer.path.map(({ id }) => id));
    }
    payer.wasShort(wish.amount, this.#options.clock.ticks());
    return await this.#holdLast(wish, payer, 'anywhere');
  }

  #admit(wish: NewHold, lease: Lease | undefined, payer: Payer): HoldAnswer | undefined {
    if (lease?.admit(wish) !== true) return undefined;
    this.#admitted.set(wish.requestId, { wish, lease, payer });
    return { kind: 'held', path: this.#pathOf(lease) };
  }

  #heldBefore({ accountId, amount }: NewHold, { wish, lease }: Admission): HoldAnswer {
    if (accountId === wish.accountId && amount === wish.amount) return { kind: 'replayed', path: this.#pathOf(lease) };
    const epochId = this.#options.epochId();
    const path = lease.path.map(({ id }) => id);
    return { kind: 'taken', hold: { ...wish, reserved: wish.amount, path, state: 'open', epochId } };
  }

  /**
   * The database has the last word, and what it lacks must not lie in this process: leased for another request meanwhile, in
   * pieces that are too small, or on its way back.
   */
  async #holdLast(wish: NewHold, payer: Payer, where: 'database' | 'anywhere'): Promise<HoldAnswer> {
    for (let tries = 1; ; tries++) {
      const movesBefore = this.#moves;
      const answer = await this.#holdThere(wish, payer);
      if (answer.kind !== 'short' || tries >= mostLastTries) return answer;
      const accountIds = answer.path.map(({ id }) => id);
      await Promise.all([...this.#payers.values()].map((each) => each.rests()));
      const held = this.#admit(wish, where === 'anywhere' ? payer.leaseFor(wish.amount) : undefined, payer);
      if (held !== undefined) return held;
      if (this.#byAccount.on(accountIds).some((lease) => lease.owes)) await this.giveBack(accountIds);
      else if (this.#moves === movesBefore) return answer;
    }
  }

  async #holdThere(wish: NewHold, payer: Payer): Promise<HoldAnswer> {
    const answer = await this.#store.hold(wish);
    this.#isTroubled = false;
    if (answer.kind === 'held') this.#heldThere.add(wish.requestId);
    if (!('path' in answer)) return answer;
    payer.learns(answer.path);
    return { ...answer, path: this.#told(answer.path) };
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
      this.#unheard.add(leaseId);
      await this.#returnUnheard().catch(() => undefined);
      throw error;
    });
    if (answer.kind !== 'leased') {
      if (answer.kind === 'short') payer.learns(answer.path);
      return undefined;
    }
    payer.learns(answer.path);
    this.#moves++;
    const lease = new Lease({ ...answer, leaseId }, this.#leases, clock);
    this.#byAccount.add(lease);
    return lease;
  }

  async #settle(settlement: NewSettlement): Promise<SettleAnswer> {
    const { requestId, at } = settlement;
    const admission = this.#admitted.get(requestId);
    if (admission !== undefined) {
      const { kind, charged } = await this.#end(admission, { kind: 'settle', requestId, at, settlement });
      const { lease, wish } = admission;
      if (kind === 'posted' || kind === 'late') return { kind, charged, held: wish.amount, path: this.#pathOf(lease) };
    }
    // Here too where it was ended before: the database tells how.
    const answer = await this.#store.settle(settlement);
    this.#heldThere.delete(requestId);
    return 'path' in answer ? { ...answer, path: this.#told(answer.path) } : answer;
  }

  async #void(release: NewVoid): Promise<VoidAnswer> {
    const { requestId, at, record } = release;
    const admission = this.#admitted.get(requestId);
    if (admission !== undefined) {
      const { kind } = await this.#end(admission, { kind: 'void', requestId, at, ...(record === undefined ? {} : { record }) });
      if (kind === 'voided') return { kind, path: this.#pathOf(admission.lease) };
    }
    const answer = await this.#store.void(release);
    this.#heldThere.delete(requestId);
    return 'path' in answer ? { ...answer, path: this.#told(answer.path) } : answer;
  }

  #overdue(at: number): readonly string[] {
    return [...this.#admitted.values()].filter(({ wish }) => wish.expiresAt <= at).map(({ wish }) => wish.requestId);
  }

  async #expire(requestIds: readonly string[], at: number): Promise<readonly string[]> {
    const leases = new Set(requestIds.flatMap((requestId) => this.#admitted.get(requestId)?.lease ?? []));
    const expired = await Promise.all(
      requestIds.map(async (requestId) => {
        const admission = this.#admitted.get(requestId);
        return admission === undefined ? 'elsewhere' : (await this.#end(admission, { kind: 'expire', requestId, at })).kind;
      }),
    );
    // What has expired is for whoever comes next, here or elsewhere.
    await Promise.all([...leases].map((lease) => this.#return(lease)));
    const elsewhere = requestIds.filter((_, position) => expired[position] === 'elsewhere');
    for (const requestId of elsewhere) this.#heldThere.delete(requestId);
    const here = requestIds.filter((_, position) => expired[position] === 'expired');
    return [...here, ...(elsewhere.length === 0 ? [] : await this.#store.expire(elsewhere, at))].toSorted();
  }

  /** It stays admitted where this fails. */
  async #end({ lease, payer }: Admission, ending: Ending): Promise<LeaseSettled> {
    const ended = await lease.end(ending).catch((error: unknown) => {
      this.#isTroubled = true;
      throw error;
    });
    this.#admitted.delete(ending.requestId);
    // Grants and budgets that somebody gave or changed meanwhile.
    payer.learns(ended.path);
    return ended;
  }

  #payerOf({ accountId, budgetId }: NewHold): Payer {
    // The length tells where the first id ends, whatever the two are.
    const id = `${accountId.length} ${accountId}${budgetId ?? ''}`;
    const known = this.#payers.get(id);
    if (known !== undefined) return known;
    const payer = new Payer();
    this.#payers.set(id, payer);
    return payer;
  }

  #pathOf(lease: Lease): Path {
    return this.#told(lease.path);
  }

  #told(path: Path): Path {
    return path.map((account) => this.#byAccount.without(account));
  }
}

/** Of a request that finds too little leased: to take more, and to take once more after the others gave back. */
const mostTries = 3;
/** Of a request that the database has too little for, while others of this process lease and give back. */
const mostLastTries = 20;
