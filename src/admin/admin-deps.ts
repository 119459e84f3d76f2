import type { KeyAdmin } from '../access/key-admin.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { MarkUp } from '../catalogue/mark-up.ts';
import type { HealthDeps } from '../http/health-routes.ts';
import type { LedgerAdmin } from '../ledger/ledger-admin.ts';
import type { LedgerRecords } from '../ledger/ledger-records.ts';
import type { Clock } from '../model/ports.ts';

/** What the operator looks after. */
export interface AdminDeps extends HealthDeps {
  readonly ledger: LedgerAdmin & LedgerRecords;
  readonly keys: KeyAdmin;
  readonly catalogue: Catalogue;
  readonly prices: OperatorPrices;
  /** Requests that run or wait. */
  readonly inFlight: () => number;
  readonly clock: Pick<Clock, 'now'>;
}

/** The operator's price file. */
export interface OperatorPrices {
  /** In force now. */
  markUps(): readonly MarkUp[];
  /** Reads the file anew; with a mistake in it, the prices before stay. */
  read(): PriceReading;
}

export type PriceReading =
  | { readonly kind: 'read' }
  /** Each with its file, line and column. */
  | { readonly kind: 'refused'; readonly problems: readonly string[] };
