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
    rotate: (rotation) => perform({ name: 'key.rotate', input: rotation }),
    revoke: (id, at) => perform({ name: 'key.revoke', input: { id, at } }),
  };
}

export function sqlLedgerStore(perform: Perform, epochId: string): LedgerStore {
  return {
    openAccount: (account) => perform({ name: 'account.open', input: account }),
    findAccount: (accountId) => perform({ name: 'account.find', input: { accountId } }),
    hold: (hold) => perform({ name: 'hold.place', input: { ...hold, epochId } }),
    settle: (settlement) => perform({ name: 'hold.settle', input: settlement }),
    void: (release) => perform({ name: 'hold.void', input: release }),
    expire: (at) => perform({ name: 'hold.expire', input: { at } }),
    credit: (credit) => perform({ name: 'account.credit', input: credit }),
    findHold: (requestId) => perform({ name: 'hold.find', input: { requestId } }),
    findRecord: (requestId) => perform({ name: 'record.find', input: { requestId } }),
    findRecordOfAnswer: (answerId) => perform({ name: 'record.find-answer', input: { answerId } }),
    records: (page) => perform({ name: 'record.list', input: page }),
    usage: (query) => perform({ name: 'usage.sum', input: query }),
    toolUsage: (span) => perform({ name: 'usage.sum-tools', input: span }),
    entries: (page) => perform({ name: 'entry.list', input: page }),
  };
}
