import type { KeyStore } from '../../access/access.ts';
import type { LedgerStore } from '../../ledger/ledger-store.ts';
import { FlashmuxError } from '../../model/fault.ts';
import type { Perform } from './operations.ts';

/** The ports over named operations, the same for every SQL database. */
export function sqlKeyStore(perform: Perform): KeyStore {
  return {
    insert: async (key) => {
      const inserted = await perform({ name: 'key.insert', input: key });
      if (!inserted) throw new FlashmuxError('not_found', `No account "${key.accountId}".`, { param: 'accountId' });
    },
    find: (id) => perform({ name: 'key.find', input: { id } }),
    list: () => perform({ name: 'key.list', input: null }),
    revoke: (id, at) => perform({ name: 'key.revoke', input: { id, at } }),
  };
}

export function sqlLedgerStore(perform: Perform, epochId: string): LedgerStore {
  return {
    openAccount: (account) => perform({ name: 'account.open', input: account }),
    findAccount: (accountId) => perform({ name: 'account.find', input: { accountId } }),
    hold: (hold) => perform({ name: 'hold.place', input: { ...hold, epochId } }),
    settle: (settlement) => perform({ name: 'hold.settle', input: settlement }),
    void: (end) => perform({ name: 'hold.void', input: end }),
    expire: (at) => perform({ name: 'hold.expire', input: { at } }),
    credit: (credit) => perform({ name: 'account.credit', input: credit }),
    findHold: (requestId) => perform({ name: 'hold.find', input: { requestId } }),
    findUsageRecord: (requestId) => perform({ name: 'usage.find', input: { requestId } }),
    entries: (page) => perform({ name: 'entry.list', input: page }),
  };
}
