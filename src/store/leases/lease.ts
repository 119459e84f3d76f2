import type { LeaseAnswer, LeaseEnd, LeaseSettled, LeaseStore } from '../../ledger/lease.ts';
import type { NewHold, Path } from '../../ledger/ledger-store.ts';
import type { Clock } from '../../model/ports.ts';

/** How a request ends; what it was admitted with is known here. */
export type Ending = LeaseEnd extends infer Each ? (Each extends LeaseEnd ? Omit<Each, 'held' | 'createdAt'> : never) : never;

interface Waiting {
  readonly end: LeaseEnd;
  readonly resolve: (ended: LeaseSettled) => void;
  readonly reject: (error: unknown) => void;
}

/** Ends in one transaction; more would make the first of them wait longer than they save. */
const largestGroup = 200;

/** Credits that this process has set aside, the requests that were admitted against them, and what of them is unused. */
export class Lease {
  readonly id: string;
  readonly #leases: LeaseStore;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #admitted = new Map<string, NewHold>();
  #unused: bigint;
  #path: Path;
  #open = true;
  #isQuiet = false;
  /** A return failed: the database may have more of it than is known here, never less. */
  #isUnsure = false;
  #waiting: Waiting[] = [];
  #wantedBack: PromiseWithResolvers<void> | undefined;
  #returning: Promise<void> | undefined;
  #isWorking = false;

  constructor(
    lease: Extract<LeaseAnswer, { kind: 'leased' }> & { readonly leaseId: string },
    leases: LeaseStore,
    clock: Pick<Clock, 'now'>,
  ) {
    this.id = lease.leaseId;
    this.#leases = leases;
    this.#clock = clock;
    this.#unused = lease.amount;
    this.#path = lease.path;
  }

  /** As the database told it last. */
  get path(): Path {
    return this.#path;
  }

  get unused(): bigint {
    return this.#open ? this.#unused : 0n;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  get isOver(): boolean {
    return !this.#open && !this.#isUnsure && this.#admitted.size === 0 && this.#returning === undefined;
  }

  /** What was to go back may still be in the database: it is to be given back once more. */
  get isUnsure(): boolean {
    return this.#isUnsure;
  }

  /** The database has less than it will have: something is unused here, or on its way back. */
  get owes(): boolean {
    return this.unused > 0n || this.#returning !== undefined;
  }

  /** Nothing was admitted against it since this was asked before: it may be too small for what comes now. */
  isQuiet(): boolean {
    const wasQuiet = this.#isQuiet;
    this.#isQuiet = true;
    return wasQuiet;
  }

  /** False where too little is unused. */
  admit(wish: NewHold): boolean {
    if (!this.#open || this.#unused < wish.amount) return false;
    this.#unused -= wish.amount;
    this.#isQuiet = false;
    this.#admitted.set(wish.requestId, wish);
    return true;
  }

  /** Ends a request. Durable once it resolves; a request whose end failed is still admitted, and may be ended again. */
  end(ending: Ending): Promise<LeaseSettled> {
    return new Promise((resolve, reject) => {
      const admitted = this.#admitted.get(ending.requestId);
      if (admitted === undefined)
        throw new Error(`The request ${ending.requestId} was not admitted against the lease ${this.id}.`);
      const { amount: held, createdAt } = admitted;
      this.#waiting.push({ end: { ...ending, held, createdAt }, resolve, reject });
      this.#workSoon();
    });
  }

  /** Resolves once everything that was asked of it is done. */
  async rests(): Promise<void> {
    while (this.#isWorking) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Lets go of what no request needs, and of the lease itself where none does. */
  giveBack(): Promise<void> {
    if (this.#returning !== undefined && this.#unused === 0n) return this.#returning;
    const hasNothing = !this.#open || (this.#unused === 0n && this.#admitted.size > 0);
    if (hasNothing && !this.#isUnsure) return Promise.resolve();
    this.#wantedBack ??= Promise.withResolvers<void>();
    this.#workSoon();
    return this.#wantedBack.promise;
  }

  /** The database does not know it any more. Requests that were admitted against it are settled as far as the balance reaches. */
  forget(): void {
    this.#open = false;
  }

  /** Not at once: what ends in the same turn of the event loop belongs into one group. */
  #workSoon(): void {
    if (this.#isWorking) return;
    this.#isWorking = true;
    setImmediate(() => void this.#work());
  }

  /** One thing after the other, so that what is known here of the lease is what the database has. */
  async #work(): Promise<void> {
    while (this.#waiting.length > 0 || this.#wantedBack !== undefined) {
      if (this.#waiting.length > 0) await this.#endSome();
      else await this.#returnUnused();
    }
    this.#isWorking = false;
  }

  /** Never rejects: each end is told its own failure. */
  async #endSome(): Promise<void> {
    const group = this.#waiting.splice(0, largestGroup);
    try {
      const answers = await this.#leases.end(
        this.id,
        group.map(({ end }) => end),
      );
      for (const [position, waiting] of group.entries()) this.#ended(waiting, answers[position]);
    } catch (error) {
      for (const waiting of group) waiting.reject(error);
    }
  }

  #ended({ end, resolve, reject }: Waiting, answer: LeaseSettled | undefined): void {
    if (answer === undefined) {
      reject(new Error(`The lease ${this.id} gave no answer.`));
      return;
    }
    this.#path = answer.path;
    if (this.#admitted.delete(end.requestId)) this.#unused += end.held - answer.charged;
    // Its process was given up for dead, or it was too small: nothing may be admitted against it any more.
    if (answer.kind === 'late') this.#open = false;
    resolve(answer);
  }

  /** Never rejects: who wanted it is told. */
  async #returnUnused(): Promise<void> {
    const wanted = this.#wantedBack;
    this.#wantedBack = undefined;
    this.#returning = wanted?.promise;
    const needed = [...this.#admitted.values()].reduce((sum, { amount }) => sum + amount, 0n);
    const isAll = this.#admitted.size === 0;
    // Nothing is admitted against it while it is on its way back.
    this.#unused = 0n;
    if (isAll) this.#open = false;
    try {
      const path = await this.#leases.giveBack(this.id, isAll ? undefined : needed, this.#clock.now());
      this.#isUnsure = false;
      if (path === undefined) this.#open = false;
      else this.#path = path;
      wanted?.resolve();
    } catch (error) {
      this.#isUnsure = true;
      wanted?.reject(error);
    } finally {
      this.#returning = undefined;
    }
  }
}
