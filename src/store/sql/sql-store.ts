import type { KeyStore } from '../../access/access.ts';
import type { LeaseRecalls, LeaseStore } from '../../ledger/lease.ts';
import type { LedgerStore } from '../../ledger/ledger-store.ts';
import { FlashmuxError } from '../../model/fault.ts';
import type { RequestRecord } from '../../ledger/request-record.ts';
import type { Perform } from './operations.ts';
import { readRecord } from './read-record.ts';
import type { Row } from './statement.ts';

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
    update: (id, changes) => perform({ name: 'key.update', input: { id, changes } }),
    touch: async (id, at) => void (await perform({ name: 'key.touch', input: { id, at } })),
  };
}

/** `epochId`: of this process, as it is now; a process that was given up for dead takes a new one. */
export function sqlLedgerStore(perform: Perform, epochId: () => string): LedgerStore {
  return {
    openAccount: (account) => perform({ name: 'account.open', input: account }),
    findAccount: (accountId) => perform({ name: 'account.find', input: { accountId } }),
    hold: (hold) => perform({ name: 'hold.place', input: { ...hold, epochId: epochId() } }),
    settle: (settlement) => perform({ name: 'hold.settle', input: settlement }),
    void: (release) => perform({ name: 'hold.void', input: release }),
    overdue: (at) => perform({ name: 'hold.overdue', input: { epochId: epochId(), at } }),
    expire: (requestIds, at) => perform({ name: 'hold.expire', input: { requestIds, at } }),
    changeAccount: (change) => perform({ name: 'account.change', input: change }),
    findPath: (accountId) => perform({ name: 'account.find-path', input: { accountId } }),
    accounts: (page) => perform({ name: 'account.list', input: page }),
    refund: (refund) => perform({ name: 'account.refund', input: refund }),
    grant: (grant) => perform({ name: 'account.grant', input: grant }),
    grants: (accountId) => perform({ name: 'grant.list', input: { accountId } }),
    pruneIdempotency: (at) => perform({ name: 'idempotency.prune', input: { at } }),
    tellLowBalance: (accountId, below, at) => perform({ name: 'account.tell-low', input: { accountId, below, at } }),
    untellLowBalance: async (accountId) => void (await perform({ name: 'account.untell-low', input: { accountId } })),
    credit: (credit) => perform({ name: 'account.credit', input: credit }),
    findHold: (requestId) => perform({ name: 'hold.find', input: { requestId } }),
    findRecord: async (requestId) => recordIn(await perform({ name: 'record.find', input: { requestId } })),
    findRecordOfAnswer: async (answerId) => recordIn(await perform({ name: 'record.find-answer', input: { answerId } })),
    records: async (page) => (await perform({ name: 'record.list', input: page })).map(readRecord),
    usage: (query) => perform({ name: 'usage.sum', input: query }),
    toolUsage: (span) => perform({ name: 'usage.sum-tools', input: span }),
    entries: (page) => perform({ name: 'entry.list', input: page }),
  };
}

function recordIn(row: Row | undefined): RequestRecord | undefined {
  return row === undefined ? undefined : readRecord(row);
}

export function sqlLeaseStore(perform: Perform, epochId: () => string): LeaseStore {
  return {
    take: (lease) => perform({ name: 'lease.take', input: { ...lease, epochId: epochId() } }),
    end: (leaseId, ends) => perform({ name: 'lease.end', input: { leaseId, ends, epochId: epochId() } }),
    giveBack: (leaseId, needed, at) =>
      perform({ name: 'lease.return', input: { leaseId, at, ...(needed === undefined ? {} : { needed }) } }),
  };
}

export function sqlLeaseRecalls(perform: Perform, epochId: () => string): LeaseRecalls {
  return {
    recall: (accountId) => perform({ name: 'lease.recall', input: { accountId } }),
    recalled: () => perform({ name: 'lease.recalled', input: { epochId: epochId() } }),
    stillWanted: async (leaseIds) => {
      const wanted = await perform({ name: 'lease.wanted', input: null });
      return leaseIds.filter((id) => wanted.includes(id));
    },
  };
}
