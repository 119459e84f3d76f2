import type { Call } from '../sql/operations.ts';
import type { StoreFault } from './store-fault.ts';

/** What the writer thread is told once, at its start. */
export interface WorkerStart {
  readonly path: string;
  readonly role: SqliteRole;
  /** `read`: changes nothing, so its groups neither wait for those of others nor make them wait. */
  readonly access: 'write' | 'read';
  readonly epochId: string;
  /** Unix milliseconds. */
  readonly startedAt: number;
}

/**
 * `owner`: the server; one per file, and the only one that places holds. `guest`: a command beside it (keys, top-ups, looking),
 * or on its own.
 */
export type SqliteRole = 'owner' | 'guest';

export type WorkerRequest = { readonly kind: 'group'; readonly calls: readonly Call[] } | { readonly kind: 'close' };

export type WorkerReply =
  /** The number of holds of dead processes that were released. */
  | { readonly kind: 'opened'; readonly releasedHolds: number }
  | { readonly kind: 'refused'; readonly fault: StoreFault }
  /** In the order of the calls. */
  | { readonly kind: 'group'; readonly results: readonly WorkerResult[] };

export type WorkerResult =
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly fault: StoreFault };
