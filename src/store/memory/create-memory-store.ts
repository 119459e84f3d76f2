import type { Clock } from '../../model/ports.ts';
import type { Store } from '../store.ts';
import { memoryKeyStore } from './memory-key-store.ts';
import { MemoryLedgerStore } from './memory-ledger-store.ts';
import { emptyTables } from './memory-tables.ts';
import type { MemoryTables } from './memory-tables.ts';

export interface MemoryStoreOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly epochId: string;
  /** The tables of a store that "crashed", to open again. Absent: empty ones. */
  readonly tables?: MemoryTables;
}

/** A store that forgets everything with its process: for tests and demonstrations. */
export function createMemoryStore(options: MemoryStoreOptions): Store {
  const tables = options.tables ?? emptyTables();
  return {
    keys: memoryKeyStore(tables),
    ledger: new MemoryLedgerStore(tables, options.epochId, options.clock.now()),
    close: async () => undefined,
  };
}
