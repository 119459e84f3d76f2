import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NanoUsd } from '../../../src/model/money.ts';
import { openHome } from '../../../src/main/open-home.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { startFlashmux, stopFlashmux, type Ended, type FlashmuxProcess } from '../../cli/flashmux-process.ts';
import { ratesUsd } from './plan.ts';
import { ScriptedHost } from './scripted-host.ts';

/** Who pays: a prepaid account with a key. */
export interface Customer {
  readonly accountId: string;
  readonly key: string;
}

export interface PlaceOptions {
  /** One prepaid account each. */
  readonly balances: readonly NanoUsd[];
  /** Absent: a folder of its own, which goes with the place. */
  readonly home?: string;
  /** `postgres://...`; absent: SQLite. */
  readonly databaseUrl?: string;
  /** Settings over those of the place, by section. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Models of the place: two are sold by the token, one costs ten cents a call, one tells no usage. */
export type PlaceModel = 'cancelled' | 'drained' | 'dime' | 'silent';

/** A data folder or database with customers in it, a host that does what it is asked, and servers on them. */
export class Place {
  readonly home: string;
  readonly host: ScriptedHost;
  readonly customers: readonly Customer[];
  readonly #databaseUrl: string | undefined;
  readonly #ownsHome: boolean;
  readonly #servers = new Set<ServerProcess>();

  private constructor(home: string, host: ScriptedHost, customers: readonly Customer[], options: PlaceOptions) {
    this.home = home;
    this.host = host;
    this.customers = customers;
    this.#databaseUrl = options.databaseUrl;
    this.#ownsHome = options.home === undefined;
  }

  static async make(options: PlaceOptions): Promise<Place> {
    const home = options.home ?? (await mkdtemp(path.join(tmpdir(), 'flashmux-faults-')));
    const host = await ScriptedHost.start();
    await writeFile(path.join(home, 'prices.yaml'), JSON.stringify(priceFile));
    await writeFile(path.join(home, 'flashmux.yaml'), JSON.stringify({ ...settingsFor(host), ...options.settings }));
    return new Place(home, host, await openAccounts(home, options), options);
  }

  get dataFile(): string {
    return path.join(this.home, 'flashmux.db');
  }

  customer(index: number): Customer {
    const customer = this.customers[index % this.customers.length];
    if (customer === undefined) throw new Error('A place has a customer at least.');
    return customer;
  }

  /** Starts a server and waits until it listens. Rejects with what it said where it does not start. */
  async serve(environment: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
    const begunAt = performance.now();
    const process = startFlashmux(['serve'], { home: this.home, environment: { ...this.environment, ...environment } });
    const server = new ServerProcess(process, begunAt);
    this.#servers.add(server);
    await server.listens();
    return server;
  }

  get databaseKind(): 'sqlite' | 'postgres' {
    return this.#databaseUrl === undefined ? 'sqlite' : 'postgres';
  }

  /** What every command of this place is told. */
  get environment(): Readonly<Record<string, string>> {
    return this.#databaseUrl === undefined ? {} : { DATABASE_URL: this.#databaseUrl };
  }

  async remove(): Promise<void> {
    await Promise.all([...this.#servers].map((server) => server.kill()));
    await this.host.close();
    if (this.#ownsHome) await rm(this.home, { recursive: true, force: true });
  }
}

/** `flashmux serve` as a process of its own. */
export class ServerProcess {
  readonly #process: FlashmuxProcess;
  readonly #begunAt: number;
  #url = '';
  #startMs = 0;

  constructor(process: FlashmuxProcess, begunAt: number) {
    this.#process = process;
    this.#begunAt = begunAt;
  }

  get url(): string {
    return this.#url;
  }

  /** From the start of the process until it listened. */
  get startMs(): number {
    return this.#startMs;
  }

  get processId(): number {
    const { pid } = this.#process.child;
    if (pid === undefined) throw new Error('The process was not started.');
    return pid;
  }

  get hasEnded(): boolean {
    const { exitCode, signalCode } = this.#process.child;
    return exitCode !== null || signalCode !== null;
  }

  get ended(): Promise<Ended> {
    return this.#process.ended;
  }

  /** Standard error so far: the log, a JSON object a line. */
  log(): string {
    return this.#process.stderr();
  }

  async listens(): Promise<void> {
    this.#url = (await this.#process.sees(/listens on (\S+)/))[1] ?? '';
    this.#startMs = performance.now() - this.#begunAt;
  }

  async kill(): Promise<void> {
    this.#process.child.kill('SIGKILL');
    await this.#process.ended;
  }

  /** SIGTERM, and waits for the end. */
  async stop(): Promise<Ended> {
    return await stopFlashmux(this.#process);
  }
}

const from = '2026-01-01T00:00:00Z';
const byToken = { per_million_tokens: { 'input-text': ratesUsd.input, 'output-text': ratesUsd.output } };
const byCall = { per_million_tokens: { 'input-text': '0', 'output-text': '0' } };

const priceFile = {
  prices: [
    { model: 'cancelled', from, tiers: [byToken] },
    { model: 'drained', from, tiers: [byToken] },
    { model: 'silent', from, tiers: [byToken] },
    { model: 'dime', from, per_request: '0.10', tiers: [byCall] },
  ],
};

function settingsFor({ baseUrl: base_url }: ScriptedHost): Readonly<Record<string, unknown>> {
  return {
    engine: { enabled: false },
    admin: { enabled: false },
    log: { level: 'warn', format: 'json' },
    prices: { file: 'prices.yaml' },
    providers: [
      { name: 'stops', base_url, models: ['cancelled', 'silent', 'dime'], cancellable: true },
      { name: 'runs-on', base_url, models: ['drained'], cancellable: false },
    ],
    limits: { max_in_flight: 2_000, max_in_flight_per_key: 2_000 },
  };
}

async function openAccounts(folder: string, { balances, databaseUrl }: PlaceOptions): Promise<readonly Customer[]> {
  const database = databaseUrl === undefined ? {} : { database: { url: databaseUrl, connections: 2, leaseFromPerSecond: 50 } };
  const { ledger, access, close } = await openHome({ folder, role: 'guest', log: silentLog, ...database });
  try {
    const customers: Customer[] = [];
    for (const [index, balance] of balances.entries()) {
      const accountId = `customer-${index}`;
      await ledger.openAccount({ id: accountId, limit: 'prepaid' });
      await ledger.topUp(accountId, balance, `payment-${index}`);
      const { secret } = await access.create({ name: accountId, accountId });
      customers.push({ accountId, key: secret });
    }
    return customers;
  } finally {
    await close();
  }
}
