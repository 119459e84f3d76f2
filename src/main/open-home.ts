import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Access } from '../access/access.ts';
import { createAccess } from '../access/create-access.ts';
import type { KeyAdmin } from '../access/key-admin.ts';
import type { RateShare } from '../access/rate-sharing.ts';
import { createLedger, type LowBalance } from '../ledger/create-ledger.ts';
import type { LedgerAdmin } from '../ledger/ledger-admin.ts';
import type { LedgerRecords } from '../ledger/ledger-records.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { SessionStore } from '../sessions/session-store.ts';
import { createMemoryStore } from '../store/memory/create-memory-store.ts';
import { loadPepper } from '../store/pepper.ts';
import { openSqliteStore } from '../store/sqlite/open-sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { systemClock } from '../telemetry/clock.ts';
import { newId, newSeed } from '../telemetry/ids.ts';
import type { Log } from '../telemetry/log.ts';
import { keyBudgets } from './key-budgets.ts';

/** The account of a server with one user: it has no limit, and what it spends is recorded all the same. */
export const localAccountId = 'local';

/** Everything that is kept in the data folder: keys, accounts, what was spent. */
export interface Home {
  readonly access: Access & KeyAdmin;
  readonly ledger: Ledger & LedgerAdmin & LedgerRecords;
  /** What is kept of responses and conversations. */
  readonly sessions: SessionStore;
  /** Where processes tell each other what they count of a key. Absent: no other process serves the same keys. */
  readonly rates?: RateShare;
  close(): Promise<void>;
}

export interface HomeOptions {
  readonly folder: string;
  /** `owner`: a server. `guest`: a command beside it. `memory`: nothing is kept. */
  readonly role: 'owner' | 'guest' | 'memory';
  /** Absent: a SQLite file in the folder. */
  readonly database?: HomeDatabase;
  readonly log: Log;
  /** The data can no longer be trusted; the process should end. */
  readonly onFailure?: (error: Error) => void;
  /** Who is told of accounts that run low. Absent: nobody. */
  readonly lowBalance?: LowBalance;
}

/** PostgreSQL, which other servers use too. */
export interface HomeDatabase {
  readonly url: string;
  /** 64 hexadecimal digits. Absent: what the file in the folder says. */
  readonly pepper?: string;
  readonly connections: number;
  /** From so many holds of one payer in a second on, this process leases credits and decides by itself. */
  readonly leaseFromPerSecond: number;
}

/**
 * A lease costs what two holds do, to take it and to give it back, and lasts while its payer is busy: from here on it is cheaper,
 * and a request waits for the disk once. Below, commands beside the server see every credit where it is.
 */
const hotHoldsPerSecondOfFile = 4;

function random(count: number): Uint8Array {
  return randomBytes(count);
}

/** From 0 up to 1. */
function randomShare(): number {
  return newSeed() / 2 ** 31;
}

function newEpochId(): string {
  return newId('boot');
}

function pepperOf({ folder, role, database }: HomeOptions): Uint8Array {
  if (role === 'memory') return random(32);
  if (database?.pepper !== undefined) return Buffer.from(database.pepper, 'hex');
  return loadPepper(path.join(folder, 'pepper'), random);
}

async function openStore(options: HomeOptions, pepper: Uint8Array): Promise<Store> {
  const { folder, role, database, log, onFailure } = options;
  const clock = systemClock;
  if (role === 'memory') return createMemoryStore({ clock, epochId: newEpochId() });
  if (database !== undefined) {
    // Only where it is needed: the driver would make every command start later.
    const { openPostgresStore } = await import('../store/postgres/open-postgres-store.ts');
    const { url, connections, leaseFromPerSecond: hotHoldsPerSecond } = database;
    const leasing = { newLeaseId: () => newId('lse'), hotHoldsPerSecond };
    return openPostgresStore({ url, connections, pepper, role, log, clock, newEpochId, random: randomShare, leasing });
  }
  const failure = onFailure === undefined ? {} : { onFailure };
  const leasing = { newLeaseId: () => newId('lse'), hotHoldsPerSecond: hotHoldsPerSecondOfFile, ticks: () => clock.ticks() };
  return openSqliteStore({
    path: path.join(folder, 'flashmux.db'),
    log,
    clock,
    epochId: newEpochId(),
    role,
    leasing,
    ...failure,
  });
}

export async function openHome(options: HomeOptions): Promise<Home> {
  const { folder, role, log, lowBalance } = options;
  const clock = systemClock;
  if (role !== 'memory') mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pepper = pepperOf(options);
  const store = await openStore(options, pepper);
  const ledger = createLedger(store.ledger, {
    clock,
    onAlarm: ({ kind, requestId, accountId, ...details }) =>
      log.error({ kind, requestId, accountId, ...details }, 'ledger alarm'),
    ...(lowBalance === undefined ? {} : { lowBalance }),
  });
  await ledger.openAccount({ id: localAccountId, limit: 'none' });
  const access = createAccess({
    keys: store.keys,
    budgets: keyBudgets(ledger),
    pepper,
    clock,
    randomBytes: random,
    onTouchFailed: (keyId, error) => log.warn({ keyId, error }, 'the last use of a key could not be written'),
  });
  store.onKeyChange?.((keyId) => access.changedElsewhere(keyId));
  return {
    access,
    ledger,
    sessions: store.sessions,
    ...(store.rates === undefined ? {} : { rates: store.rates }),
    close: () => store.close(),
  };
}
