import { availableOn } from '../ledger/balance.ts';
import type { LedgerRecords } from '../ledger/ledger-records.ts';
import { admitCaller, type AdmitDeps } from './admit-caller.ts';
import { remainingCredits, type CreditDisplay } from './remaining-credits.ts';
import type { Route, Visit } from './route.ts';

export interface VisitDeps extends CreditDisplay, AdmitDeps {
  readonly records: Pick<LedgerRecords, 'path'>;
}

/** Has a route answer, once its caller was found to be one where it needs that. */
export async function visitRoute(route: Route, visit: Visit, deps: VisitDeps): Promise<void> {
  if (route.key === 'none') return route.answer(visit);
  const { incoming } = visit;
  const caller = await admitCaller(incoming, route, deps);
  const lookUpCredits = async (): Promise<void> => {
    incoming.remainingCredits = remainingCredits(availableOn(await deps.records.path(caller.budgetId ?? caller.accountId)), deps);
  };
  // Calls that generate learn it from the ledger on their way, without a question more.
  if (route.method === 'GET') await lookUpCredits();
  try {
    await route.answer({ ...visit, caller });
  } catch (fault) {
    // Unless they were refused before they came there: Segmind's pages (seeds 000 and 001) promise the header on every answer. A ledger that
    // cannot tell now must not take the place of the fault.
    if (incoming.remainingCredits === undefined && !incoming.gone) await lookUpCredits().catch(() => undefined);
    throw fault;
  }
}
