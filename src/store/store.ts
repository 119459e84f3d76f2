import type { KeyStore } from '../access/access.ts';
import type { RateShare } from '../access/rate-sharing.ts';
import type { LedgerStore } from '../ledger/ledger-store.ts';
import type { SessionStore } from '../sessions/session-store.ts';

/** Everything flashmux keeps. Only main and the command line know which kind of store it is. */
export interface Store {
  readonly keys: KeyStore;
  readonly ledger: LedgerStore;
  readonly sessions: SessionStore;
  /**
   * Tells the id of each key that any process changes from now on, and undefined where changes may have been missed. Absent:
   * whatever changes here is looked up in time anyway.
   */
  readonly onKeyChange?: (hear: (keyId: string | undefined) => void) => void;
  /** Where processes tell each other what they count of a key. Absent: no other process serves the same keys. */
  readonly rates?: RateShare;
  /** Finishes what was asked for, refuses what comes after, and lets go of the data. Calling it again does nothing more. */
  close(): Promise<void>;
}
