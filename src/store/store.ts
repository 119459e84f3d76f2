import type { KeyStore } from '../access/access.ts';
import type { LedgerStore } from '../ledger/ledger-store.ts';

/** Everything flashmux keeps. Only main and the command line know which kind of store it is. */
export interface Store {
  readonly keys: KeyStore;
  readonly ledger: LedgerStore;
  /** Finishes what was asked for, refuses what comes after, and lets go of the data. Calling it again does nothing more. */
  close(): Promise<void>;
}
