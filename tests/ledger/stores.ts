import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createMemoryStore } from '../../src/store/memory/create-memory-store.ts';
import { openMemoryDatabase } from '../../src/store/memory/memory-database.ts';
import { openOn } from '../../src/store/postgres/open-postgres-store.test-support.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { makeDatabase } from '../support/postgres/database.ts';

/** A store in a place of its own that can be opened again, as after a crash or a restart. */
export interface StorePlace {
  open(epochId: string): Promise<Store>;
  remove(): Promise<void>;
}

interface StoreKind {
  readonly kind: string;
  /** It decides holds by itself, so that an id which was used before is found when its second request ends. */
  readonly leases?: true;
  readonly makePlace: () => Promise<StorePlace>;
}

/** Every kind of store, for suites whose rules hold on all of them. */
export const storeKinds: readonly StoreKind[] = [
  {
    kind: 'memory',
    makePlace: async () => {
      const database = openMemoryDatabase();
      return {
        open: async (epochId) => createMemoryStore({ clock: testClock, epochId, database }),
        remove: async () => database.close(),
      };
    },
  },
  {
    kind: 'sqlite',
    makePlace: async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'flashmux-store-'));
      return {
        open: (epochId) => openSqliteStore({ path: path.join(folder, 'flashmux.db'), log: silentLog, clock: testClock, epochId }),
        remove: () => rm(folder, { recursive: true }),
      };
    },
  },
  {
    kind: 'sqlite with leases',
    leases: true,
    makePlace: async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'flashmux-store-'));
      let leases = 0;
      const leasing = { newLeaseId: () => `lse_${++leases}`, hotHoldsPerSecond: 0, ticks: () => testClock.ticks() };
      const file = path.join(folder, 'flashmux.db');
      return {
        open: (epochId) => openSqliteStore({ path: file, log: silentLog, clock: testClock, epochId, leasing }),
        remove: () => rm(folder, { recursive: true }),
      };
    },
  },
  {
    kind: 'postgres',
    makePlace: async () => {
      const database = await makeDatabase();
      return { open: (epochId) => openOn(database, { epochId, clock: testClock }), remove: () => database.drop() };
    },
  },
];

export const testClock = { now: () => 1_700_000_000_000, ticks: () => performance.now() };
