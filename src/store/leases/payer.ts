import type { Account } from '../../ledger/account.ts';
import type { Path } from '../../ledger/ledger-store.ts';
import { availableOn } from '../../ledger/balance.ts';
import type { Lease } from './lease.ts';

const idleAfterMs = 2_000;
const forgottenAfterMs = 60_000;
/** How long whoever wanted a lease back has to do what it was wanted for. */
const asideForMs = 2_000;
/** How long it is believed that nobody has anything to give back. */
const shortForMs = 200;
/** A lease is to last for about this long, so that a busy process asks the database a few times a second. */
const leaseLastsSeconds = 0.25;
/** Requests that run at once, of a payer that has just become busy. */
const fewestHolds = 8;
/** No process takes more than this part of what is there, so that the others find some too. */
const largestShare = 8n;

/** One account, or one budget below it, as a process sees it whose requests it pays. */
export class Payer {
  #leases: Lease[] = [];
  #current: Lease | undefined;
  #path: Path = [];
  #taking: { readonly amount: bigint; readonly lease: Promise<Lease | undefined> } | undefined;
  #short: { readonly amount: bigint; readonly until: number } | undefined;
  #asideUntil = Number.NEGATIVE_INFINITY;
  #second = Number.NEGATIVE_INFINITY;
  #holds = 0;
  #holdsBefore = 0;

  get leases(): readonly Lease[] {
    if (this.#leases.some(({ isOver }) => isOver)) this.#leases = this.#leases.filter(({ isOver }) => !isOver);
    return this.#leases;
  }

  /** As the database told it last; empty before it did. */
  get path(): Path {
    return this.#path;
  }

  /**
   * True where free tokens may pay, which are counted apart from money, and where a period or a grant is over, which the next hold
   * in the database brings up. `at`: as of the hold.
   */
  needsStore(at: number): boolean {
    return this.#path.some(
      ({ openTokenGrants, budgetEndsAt = Infinity, grantsDueAt = Infinity }) =>
        openTokenGrants > 0 || budgetEndsAt <= at || grantsDueAt <= at,
    );
  }

  learns(path: Path): void {
    this.#path = path;
  }

  learnsOf(account: Account): void {
    this.#path = this.#path.map((known) => (known.id === account.id ? account : known));
  }

  /** Counts a hold. Gives how many there were in this second or the one before, whichever had more. `now`: milliseconds. */
  counts(now: number): number {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#holdsBefore = second === this.#second + 1 ? this.#holds : 0;
      this.#holds = 0;
      this.#second = second;
    }
    this.#holds++;
    return Math.max(this.#holds, this.#holdsBefore);
  }

  /** Nobody asked for a while. */
  isIdle(now: number): boolean {
    return now - (this.#second + 1) * 1000 >= idleAfterMs;
  }

  isOver(now: number): boolean {
    return this.leases.length === 0 && now - this.#second * 1000 >= forgottenAfterMs;
  }

  /** Leases nothing for a while. `now`: milliseconds, as in `isAside`. */
  stepAside(now: number): void {
    this.#asideUntil = now + asideForMs;
  }

  isAside(now: number): boolean {
    return now < this.#asideUntil;
  }

  /** One as long as it lasts, so that its settlements come together; what is left of the others is not needed, and goes back. */
  leaseFor(amount: bigint): Lease | undefined {
    if (this.#current !== undefined && hasRoom(this.#current, amount)) return this.#current;
    this.#current = this.leases
      .filter((lease) => hasRoom(lease, amount))
      .toSorted(byRoom)
      .at(-1);
    return this.#current;
  }

  /** So much was not to be had a moment ago, although everybody was asked. `now`: milliseconds, as in `wasShort`. */
  isShort(amount: bigint, now: number): boolean {
    return this.#short !== undefined && amount >= this.#short.amount && now < this.#short.until;
  }

  wasShort(amount: bigint, now: number): void {
    this.#short = { amount, until: now + shortForMs };
  }

  /** Resolves once a lease that is being taken has come, or has not. */
  async rests(): Promise<void> {
    await this.#taking?.lease.catch(() => undefined);
  }

  /** Of many requests that find too little at once, one asks for more; the others wait for what it gets, or does not get. */
  async moreFor(amount: bigint, take: () => Promise<Lease | undefined>): Promise<Lease | undefined> {
    while (this.#taking !== undefined) {
      const { amount: taken, lease: taking } = this.#taking;
      const got = await taking.catch(() => undefined);
      const lease = this.leaseFor(amount);
      if (lease !== undefined) return lease;
      if (got === undefined && amount >= taken) return undefined;
    }
    const taking = take();
    this.#taking = { amount, lease: taking };
    try {
      const lease = await taking;
      if (lease !== undefined) this.#leases.push(lease);
      return lease;
    } finally {
      this.#taking = undefined;
    }
  }

  /** How much to ask for when a hold of `amount` finds too little. */
  wishedLease(amount: bigint): bigint {
    // How much there is is not known.
    if (this.#path.length === 0) return amount;
    const holds = Math.ceil(Math.max(this.#holds, this.#holdsBefore) * leaseLastsSeconds);
    const wished = amount * BigInt(Math.max(holds, fewestHolds));
    const available = availableOn(this.#path);
    const share = available === null ? wished : available / largestShare;
    const most = wished < share ? wished : share;
    return most > amount ? most : amount;
  }
}

function hasRoom(lease: Lease, amount: bigint): boolean {
  return lease.isOpen && lease.unused >= amount;
}

function byRoom(left: Lease, right: Lease): number {
  return left.unused < right.unused ? -1 : 1;
}
