import type { KeyAdmin } from '../access/key-admin.ts';
import type { LedgerRecords } from '../ledger/ledger-records.ts';
import type { Clock } from '../model/ports.ts';
import type { CreditDisplay } from './remaining-credits.ts';

/** What the routes need through which a key looks at its own account. */
export interface LookUpDeps extends CreditDisplay {
  readonly records: LedgerRecords;
  readonly keys: Pick<KeyAdmin, 'find'>;
  readonly clock: Pick<Clock, 'now'>;
}
