import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createMemoryStore } from '../../src/store/memory/create-memory-store.ts';
import { emptyTables } from '../../src/store/memory/memory-tables.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { silentLog } from '../../src/telemetry/log.ts';

/** A store in a place of its own that can be opened again, as after a crash or a restart. */
export interface StorePlace {
  open(epochId: string): Promise<Store>;
  remove(): Promise<void>;
}

/** Every kind of store, for suites whose rules hold on all of them. */
export const storeKinds: readonly { readonly kind: string; readonly makePlace: () => Promise<StorePlace> }[] = [
  {
    kind: 'memory',
    makePlace: async () => {
      const tables = emptyTables();
      return {
        open: async (epochId) => createMemoryStore({ clock: testClock, epochId, tables }),
        remove: async () => undefined,
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
];

export const testClock = { now: () => 1_700_000_000_000 };
