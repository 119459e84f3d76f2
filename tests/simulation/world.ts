import type { Catalogue, Order } from '../../src/catalogue/catalogue.ts';
import { operatorModel } from '../../src/catalogue/operator-model.ts';
import { Admission } from '../../src/exchange/admission.ts';
import { createExchange } from '../../src/exchange/serve.ts';
import type { Exchange } from '../../src/exchange/serve.ts';
import { createLedger } from '../../src/ledger/create-ledger.ts';
import type { LedgerAlarm } from '../../src/ledger/create-ledger.ts';
import type { LedgerAdmin } from '../../src/ledger/ledger-admin.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import type { LedgerStore } from '../../src/ledger/ledger-store.ts';
import type { PriceList } from '../../src/model/money.ts';
import type { Clock, Provider } from '../../src/model/ports.ts';
import { createRouting } from '../../src/routing/routing.ts';
import { LeasedLedgerStore } from '../../src/store/leases/leased-ledger-store.ts';
import { createMemoryStore } from '../../src/store/memory/create-memory-store.ts';
import type { MemoryDatabase } from '../../src/store/memory/memory-database.ts';
import { sqlLeaseStore } from '../../src/store/sql/sql-store.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import type { Chance } from './chance.ts';
import { performOn } from '../ledger/stepped-stores.ts';
import { unreliableLeases, unreliableStore, type Trouble } from './unreliable-store.ts';
import { chanceHost } from './upstream.ts';
import type { UpstreamWork } from './upstream.ts';
import type { VirtualTime } from './virtual-time.ts';

/** A mistake that somebody might make, planted to see whether the simulation finds it. */
export interface Plant {
  readonly store?: (store: LedgerStore, database: MemoryDatabase) => LedgerStore;
  readonly ledger?: (ledger: Ledger & LedgerAdmin, store: LedgerStore, clock: Clock) => Ledger & LedgerAdmin;
  readonly provider?: (provider: Provider) => Provider;
}

const deadlines = { firstEventMs: 30_000, idleMs: 20_000, totalMs: 120_000 };

/** Prices change while requests run; each settles at those it was admitted under. A token costs a thousandth of a dollar. */
const model = operatorModel({ id: 'm', context: 1_000, output: 1_000 });
export const priceLists: readonly [PriceList, PriceList] = [
  { ...operatorModel({ id: 'm', prices: { 'input-text': '1000', 'output-text': '2000' } }).priceList, id: 'm@1' },
  {
    ...operatorModel({ id: 'm', prices: { 'input-text': '700', 'output-text': '3001', request: '0.001' } }).priceList,
    id: 'm@2',
  },
];

/** One start of the server, from its birth to its death. */
export interface ServerProcess {
  readonly exchange: Exchange;
  readonly ledger: Ledger & LedgerAdmin;
  readonly admission: Admission;
  readonly epochId: string;
  /** Rejects never; resolves when the process dies. */
  readonly death: Promise<'died'>;
  readonly isDead: boolean;
  /** It decides holds against leases, so that those which were not ended die with it and leave nothing behind. */
  readonly leases: boolean;
  /** What happens every second. */
  tidy(): Promise<void>;
  die(): void;
}

export interface WorldOptions {
  readonly chance: Chance;
  readonly time: VirtualTime;
  readonly database: MemoryDatabase;
  readonly plant: Plant;
}

/** Everything that the server stands in: its disk, its hosts, its clock, and what really happened there. */
export class World {
  readonly alarms: LedgerAlarm[] = [];
  readonly works: UpstreamWork[] = [];
  readonly #options: WorldOptions;
  readonly #providers: ReadonlyMap<string, Provider>;
  readonly #leases: boolean;
  #starts = 0;
  #leaseNumber = 1;
  #isHealed = false;
  #awayUntilTicks = 0;
  #wallOffsetMs = Date.UTC(2027, 0, 31, 23, 58);
  #prices = priceLists[0];

  constructor(options: WorldOptions) {
    this.#options = options;
    const { chance, time, plant } = options;
    this.#leases = chance.oneIn(2);
    const hosts = [
      { name: 'stops', cancellable: true },
      { name: 'goes-on', cancellable: false },
    ].map((host) => chanceHost({ ...host, chance, time, works: this.works }));
    this.#providers = new Map(hosts.map((host) => [host.name, plant.provider?.(host) ?? host]));
  }

  get clock(): Clock {
    const { time } = this.#options;
    return { now: () => this.#wallOffsetMs + Math.floor(time.ticks()), ticks: () => time.ticks() };
  }

  get prices(): PriceList {
    return this.#prices;
  }

  changePrices(): void {
    this.#prices = priceLists[1];
  }

  jumpClock(milliseconds: number): void {
    this.#wallOffsetMs += milliseconds;
  }

  cutStore(milliseconds: number): void {
    this.#awayUntilTicks = this.#options.time.ticks() + milliseconds;
  }

  /** From now on nothing fails any more. */
  heal(): void {
    this.#isHealed = true;
    this.#awayUntilTicks = 0;
  }

  /** The store as it is, without its troubles: for whoever looks at the books. */
  openStore(epochId: string): LedgerStore {
    return createMemoryStore({ clock: this.clock, epochId, database: this.#options.database }).ledger;
  }

  start(): ServerProcess {
    const { chance, time, plant, database } = this.#options;
    this.#starts += 1;
    const epochId = `boot_${this.#starts}`;
    const death = Promise.withResolvers<'died'>();
    let dead = false;
    const opened = this.openStore(epochId);
    const trouble: Trouble = {
      chance,
      time,
      isTroubled: () => !this.#isHealed,
      isDead: () => dead,
      isAway: () => time.ticks() < this.#awayUntilTicks,
    };
    const asked = unreliableStore(plant.store?.(opened, database) ?? opened, trouble);
    const leased = this.#leases ? this.#leased(asked, epochId, trouble) : undefined;
    const store = leased?.asStore() ?? asked;
    const made = createLedger(store, { clock: this.clock, onAlarm: (alarm) => void this.alarms.push(alarm) });
    const ledger = plant.ledger?.(made, store, this.clock) ?? made;
    const admission = new Admission({ maxInFlight: 5, maxInFlightPerKey: 4, maxQueued: 3, maxQueueMs: 4_000 });
    const share = (): number => chance.under(2 ** 32) / 2 ** 32;
    const exchange = createExchange({
      catalogue: this.#catalogue(),
      routing: createRouting({
        catalogue: this.#catalogue(),
        hosts: [...this.#providers.keys()].map((provider) => ({ provider, model: 'm', upstreamModel: 'theirs' })),
        local: () => undefined,
        ticks: () => this.clock.ticks(),
        chance: share,
      }),
      ledger,
      providers: this.#providers,
      admission,
      counter: { count: async (text) => text.length },
      deadlines,
      clock: this.clock,
      log: silentLog,
      whenShort: chance.pick(['refuse', 'clamp']),
      retries: { triesPerHost: chance.pick([1, 2]), budgetMs: 10_000, firstPauseMs: 200, longestPauseMs: 2_000 },
      chance: share,
    });
    return {
      exchange,
      ledger,
      admission,
      epochId,
      death: death.promise,
      get isDead() {
        return dead;
      },
      leases: this.#leases,
      tidy: async () => {
        await Promise.race([leased?.tidy().catch(() => undefined), death.promise]);
      },
      die: () => {
        dead = true;
        death.resolve('died');
      },
    };
  }

  /** Nobody else uses the database, as nobody does with a file. */
  #leased(store: LedgerStore, epochId: string, trouble: Trouble): LeasedLedgerStore {
    const { chance, database } = this.#options;
    const leases = sqlLeaseStore(performOn(database), () => epochId);
    return new LeasedLedgerStore(store, unreliableLeases(leases, trouble), {
      clock: this.clock,
      newLeaseId: () => `lse_${this.#leaseNumber++}`,
      epochId: () => epochId,
      hotHoldsPerSecond: chance.under(3),
      recall: async () => undefined,
      recalled: async () => [],
    });
  }

  #catalogue(): Catalogue {
    return {
      find: () => ({ model }),
      list: () => [model],
      resolve: (request): Order => ({ request, model, limits: model.limits, priceList: this.#prices, notices: [] }),
      priceList: () => this.#prices,
    };
  }
}
