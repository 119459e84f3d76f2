import type { StoredKey } from '../../access/access.ts';
import type { Account, Entry, StoredHold } from '../../ledger/ledger-store.ts';
import type { RequestRecord } from '../../ledger/request-record.ts';

/** What a memory store keeps. Rows are replaced, never changed, so what was handed out stays as it was. */
export interface MemoryTables {
  readonly accounts: Map<string, Account>;
  readonly holds: Map<string, StoredHold>;
  readonly entries: Entry[];
  readonly records: Map<string, RequestRecord>;
  readonly keys: Map<string, StoredKey>;
}

export function emptyTables(): MemoryTables {
  return { accounts: new Map(), holds: new Map(), entries: [], records: new Map(), keys: new Map() };
}
