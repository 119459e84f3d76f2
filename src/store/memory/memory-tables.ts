import type { StoredKey } from '../../access/access.ts';
import type { Account, Entry, StoredHold, UsageRecord } from '../../ledger/ledger-store.ts';

/** What a memory store keeps. Rows are replaced, never changed, so what was handed out stays as it was. */
export interface MemoryTables {
  readonly accounts: Map<string, Account>;
  readonly holds: Map<string, StoredHold>;
  readonly entries: Entry[];
  readonly usageRecords: Map<string, UsageRecord>;
  readonly keys: Map<string, StoredKey>;
}

export function emptyTables(): MemoryTables {
  return { accounts: new Map(), holds: new Map(), entries: [], usageRecords: new Map(), keys: new Map() };
}
