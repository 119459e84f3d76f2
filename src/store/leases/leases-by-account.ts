import type { Account } from '../../ledger/account.ts';
import type { Lease } from './lease.ts';

/** The leases of this process by the accounts that they take from: whoever asks for one account does not walk all of them. */
export class LeasesByAccount {
  readonly #leases = new Map<string, Lease[]>();

  add(lease: Lease): void {
    for (const { id } of lease.path) {
      const known = this.#leases.get(id);
      if (known === undefined) this.#leases.set(id, [lease]);
      else known.push(lease);
    }
  }

  /** Those that take from one of the accounts. */
  on(accountIds: readonly string[]): readonly Lease[] {
    return [...new Set(accountIds.flatMap((id) => this.#leases.get(id) ?? []))];
  }

  /** What this process has leased and not used is no request's; only for the others it counts as held. */
  without(account: Account): Account {
    const leases = this.#leases.get(account.id);
    if (leases === undefined) return account;
    let unused = 0n;
    for (const lease of leases) unused += lease.unused;
    return unused === 0n ? account : { ...account, pending: account.pending > unused ? account.pending - unused : 0n };
  }

  /** Forgets those that are over. */
  tidy(): void {
    for (const [id, leases] of this.#leases) {
      const left = leases.filter(({ isOver }) => !isOver);
      if (left.length === 0) this.#leases.delete(id);
      else if (left.length < leases.length) this.#leases.set(id, left);
    }
  }
}
