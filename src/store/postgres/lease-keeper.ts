import { setTimeout as pause } from 'node:timers/promises';
import type { LeaseStore } from '../../ledger/lease.ts';
import type { LedgerStore } from '../../ledger/ledger-store.ts';
import type { Clock } from '../../model/ports.ts';
import type { Log } from '../../telemetry/log.ts';
import { LeasedLedgerStore } from '../leases/leased-ledger-store.ts';
import type { Heard, Notice } from './notices.ts';

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
  readonly epochId: () => string;
  readonly notify: (notice: Notice) => Promise<void>;
  readonly onNotice: (hear: (heard: Heard) => void) => void;
}

const tidyEveryMs = 1_000;
/** How long the others have to hear it and to give back. */
const recallTakesMs = 50;

/** The leases of one server among others on a database: kept while they are used, given back when others ask or nobody does. */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  readonly #leased: LeasedLedgerStore;
  readonly #timer: NodeJS.Timeout;
  readonly #recalls = new Map<string, Promise<void>>();
  #epochId: string;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
    this.#epochId = options.epochId();
    const { ledger, leases, clock, newLeaseId, hotHoldsPerSecond } = options;
    const recall = (accountIds: readonly string[]): Promise<void> => this.#recall(accountIds);
    this.#leased = new LeasedLedgerStore(ledger, leases, { clock, newLeaseId, hotHoldsPerSecond, recall });
    this.#timer = setInterval(() => void this.#tidy(), tidyEveryMs).unref();
    options.onNotice((heard) => {
      if (heard.kind === 'recall') void this.#giveBack(heard.payload.split('\n'));
    });
  }

  get ledger(): LedgerStore {
    return this.#leased.asStore();
  }

  /** Gives everything back, so that nobody has to wait until this process is found dead. Never rejects. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#giveBack();
  }

  /** Of many requests that find nothing, one asks for all of them. */
  #recall(accountIds: readonly string[]): Promise<void> {
    const payload = accountIds.join('\n');
    const running = this.#recalls.get(payload);
    if (running !== undefined) return running;
    const recall = this.#options
      .notify({ kind: 'recall', payload })
      .then(() => pause(recallTakesMs))
      .finally(() => this.#recalls.delete(payload));
    this.#recalls.set(payload, recall);
    return recall;
  }

  async #tidy(): Promise<void> {
    const epochId = this.#options.epochId();
    // This process was taken for dead and begins anew; what it had leased is released.
    if (epochId !== this.#epochId) this.#leased.forget();
    this.#epochId = epochId;
    try {
      await this.#leased.tidy();
    } catch (error) {
      this.#options.log.warn({ error }, 'leases could not be given back; they are when this process ends');
    }
  }

  async #giveBack(accountIds?: readonly string[]): Promise<void> {
    try {
      await this.#leased.giveBack(accountIds);
    } catch (error) {
      this.#options.log.warn({ error }, 'leases could not be given back; they are when this process ends');
    }
  }
}
