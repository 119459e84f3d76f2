import type { LeaseAnswer, LeaseEnd, LeaseSettled, LeaseStore } from '../../ledger/lease.ts';
import type { NewHold, Path } from '../../ledger/ledger-store.ts';
import type { Clock } from '../../model/ports.ts';

type Ending = LeaseEnd extends infer Each ? (Each extends LeaseEnd ? Omit<Each, 'held' | 'createdAt'> : never) : never;

interface Admitted {
  readonly amount: bigint;
  readonly createdAt: number;
}

interface Waiting {
  readonly end: LeaseEnd;
  readonly resolve: (ended: LeaseSettled) => void;
  readonly reject: (error: unknown) => void;
}

export interface Ended {
  readonly held: bigint;
  readonly ended: LeaseSettled;
}

/** Ends in one transaction; more would make the first of them wait longer than they save. */
const largestGroup = 200;

/** Credits that this process has set aside, the requests that were admitted against them, and what of them is unused. */
export class Lease {
  readonly id: string;
  readonly #leases: LeaseStore;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #admitted = new Map<string, Admitted>();
  #unused: bigint;
  #path: Path;
  #open = true;
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
    return !this.#open && this.#admitted.size === 0 && this.#returning === undefined;
  }

  /** The database has less than it will have: something is unused here, or on its way back. */
  get owes(): boolean {
    return this.unused > 0n || this.#returning !== undefined;
  }

  /** False where too little is unused. */
  admit({ requestId, amount, createdAt }: NewHold): boolean {
    if (!this.#open || this.#unused < amount) return false;
    this.#unused -= amount;
    this.#admitted.set(requestId, { amount, createdAt });
    return true;
  }

  /** Ends a request. Durable once it resolves; a request whose end failed is still admitted, and may be ended again. */
  async end(ending: Ending): Promise<Ended> {
    const admitted = this.#admitted.get(ending.requestId);
    if (admitted === undefined) throw new Error(`The request ${ending.requestId} was not admitted against the lease ${this.id}.`);
    const { amount: held, createdAt } = admitted;
    const ended = await new Promise<LeaseSettled>((resolve, reject) => {
      this.#waiting.push({ end: { ...ending, held, createdAt }, resolve, reject });
      this.#workSoon();
    });
    return { held, ended };
  }

  /** Lets go of what no request needs, and of the lease itself where none does. */
  giveBack(): Promise<void> {
    if (this.#returning !== undefined && this.#unused === 0n) return this.#returning;
    if (!this.#open || (this.#unused === 0n && this.#admitted.size > 0)) return Promise.resolve();
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
      if (path === undefined) this.#open = false;
      else this.#path = path;
      wanted?.resolve();
    } catch (error) {
      // Whether it went back is not known. It is not used again; should it still be there, it goes back when this process ends.
      this.#open = false;
      wanted?.reject(error);
    } finally {
      this.#returning = undefined;
    }
  }
}
