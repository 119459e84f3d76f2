import type { KeyBudgets } from '../access/key-admin.ts';
import type { LedgerAdmin } from '../ledger/ledger-admin.ts';
import { FlashmuxError } from '../model/fault.ts';

/** The budgets of keys as accounts of the ledger: access and the ledger have never met. */
export function keyBudgets(ledger: Pick<LedgerAdmin, 'openAccount' | 'changeAccount'>): KeyBudgets {
  return {
    async set({ id, parentId, amountNanoUsd: amount, period }) {
      const budget = { amount, period };
      try {
        await ledger.openAccount({ id, limit: 'prepaid', parentId, budget });
      } catch (error) {
        // The account is there already, from a budget that is changed now or was taken away before.
        if (!FlashmuxError.is(error) || error.code !== 'conflict') throw error;
        await ledger.changeAccount({ id, budget });
      }
    },
  };
}
