import { setTimeout as pause } from 'node:timers/promises';
import type { LeaseRecalls } from '../../ledger/lease.ts';
import type { LedgerStore } from '../../ledger/ledger-store.ts';

/** Servers look every second. */
const mostPauses = 30;
const pauseMs = 100;

/**
 * The ledger store of a command beside the servers. What takes credits or room away waits for what they lease and do not use, as
 * long as it takes a server that lives; of a dead one it is as the holds of a dead one are, held until others release them.
 */
export function recallingLedgerStore(store: LedgerStore, recalls: LeaseRecalls): LedgerStore {
  const collect = async (accountId: string): Promise<void> => {
    let wanted = await recalls.recall(accountId);
    for (let pauses = 0; wanted.length > 0 && pauses < mostPauses; pauses++) {
      await pause(pauseMs);
      wanted = await recalls.stillWanted(wanted);
    }
  };
  return {
    ...store,
    changeAccount: async (change) => {
      if (change.overdraft !== undefined || change.budget !== undefined) await collect(change.id);
      return store.changeAccount(change);
    },
    credit: async (credit) => {
      if (credit.amount < 0n) await collect(credit.accountId);
      return store.credit(credit);
    },
  };
}
