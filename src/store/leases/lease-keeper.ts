import type { LeaseStore } from '../../ledger/lease.ts';
import type { LedgerStore } from '../../ledger/ledger-store.ts';
import type { Clock } from '../../model/ports.ts';
import type { Log } from '../../telemetry/log.ts';
import { LeasedLedgerStore } from './leased-ledger-store.ts';

export interface Leasing {
  readonly newLeaseId: () => string;
  /** From so many holds of one payer in a second on, this process decides its requests by itself. */
  readonly hotHoldsPerSecond: number;
}

export interface LeaseKeeperOptions extends Leasing {
  readonly ledger: LedgerStore;
  readonly leases: LeaseStore;
  readonly clock: Clock;
  readonly log: Log;
  /** Of this process as it is now. */
  readonly epochId: () => string;
  /** Asks the other processes to give back what they do not use of these accounts. Resolves when they had time to. */
  readonly recall: (accountIds: readonly string[]) => Promise<void>;
  /** The ids of leases of this process that a command beside the servers wants back. */
  readonly recalled: () => Promise<readonly string[]>;
}

const tidyEveryMs = 1_000;

/** The leases of one process: kept while they are used, given back when others ask or nobody does. */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  readonly #leased: LeasedLedgerStore;
  readonly #timer: NodeJS.Timeout;
  #epochId: string;

  constructor(options: LeaseKeeperOptions) {
    const { ledger, leases } = options;
    this.#options = options;
    this.#epochId = options.epochId();
    this.#leased = new LeasedLedgerStore(ledger, leases, options);
    this.#timer = setInterval(() => void this.#tidy(), tidyEveryMs).unref();
  }

  get ledger(): LedgerStore {
    return this.#leased.asStore();
  }

  /** What no request of this process needs: of these accounts, or of all. Never rejects. */
  async giveBack(accountIds?: readonly string[]): Promise<void> {
    await this.#warned(() => this.#leased.giveBack(accountIds));
  }

  /** Finishes what was asked for and gives everything back, so that nobody has to wait until this process is found dead. Never rejects. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#warned(() => this.#leased.close());
  }

  async #tidy(): Promise<void> {
    const epochId = this.#options.epochId();
    // This process was taken for dead and begins anew; what it had leased is released.
    if (epochId !== this.#epochId) this.#leased.forget();
    this.#epochId = epochId;
    await this.#warned(() => this.#leased.tidy());
  }

  async #warned(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.log.warn({ error }, 'leases could not be given back; they are when this process ends');
    }
  }
}
