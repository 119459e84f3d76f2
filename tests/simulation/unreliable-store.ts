import type { LeaseStore } from '../../src/ledger/lease.ts';
import type { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { FlashmuxError } from '../../src/model/fault.ts';
import type { Chance } from './chance.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface Trouble {
  readonly chance: Chance;
  readonly time: VirtualTime;
  /** False: the store is healthy from now on. */
  isTroubled(): boolean;
  /** True from the moment at which the process that asks has died. */
  isDead(): boolean;
  /** True while the store cannot be reached. */
  isAway(): boolean;
}

/** A store that is slow, that fails before it commits, that commits and is not heard, and that never answers the dead. */
export function unreliableStore(store: LedgerStore, trouble: Trouble): LedgerStore {
  const ask = asking(trouble);
  return {
    ...store,
    hold: (hold) => ask(() => store.hold(hold)),
    settle: (settlement) => ask(() => store.settle(settlement)),
    void: (release) => ask(() => store.void(release)),
    overdue: (at) => ask(() => store.overdue(at)),
    expire: (requestIds, at) => ask(() => store.expire(requestIds, at)),
    findPath: (accountId) => ask(() => store.findPath(accountId)),
    pruneIdempotency: (at) => ask(() => store.pruneIdempotency(at)),
  };
}

export function unreliableLeases(leases: LeaseStore, trouble: Trouble): LeaseStore {
  const ask = asking(trouble);
  return {
    take: (lease) => ask(() => leases.take(lease)),
    end: (leaseId, ends) => ask(() => leases.end(leaseId, ends)),
    giveBack: (leaseId, needed, at) => ask(() => leases.giveBack(leaseId, needed, at)),
  };
}

function asking(trouble: Trouble): <Answer>(work: () => Promise<Answer>) => Promise<Answer> {
  const { chance, time } = trouble;
  return async (work) => {
    await time.sleep(latencyOf(trouble));
    if (trouble.isDead()) return silence();
    if (trouble.isAway() || (trouble.isTroubled() && chance.oneIn(20))) throw away();
    const answer = await work();
    if (trouble.isTroubled() && chance.oneIn(20)) throw away();
    await time.sleep(latencyOf(trouble));
    return trouble.isDead() ? silence() : answer;
  };
}

function latencyOf({ chance, isTroubled }: Trouble): number {
  return isTroubled() && chance.oneIn(15) ? chance.between(100, 3_000) : chance.under(4);
}

function silence(): Promise<never> {
  return new Promise(() => undefined);
}

function away(): FlashmuxError {
  return new FlashmuxError('overloaded', 'The store is away.', { retryAfterSeconds: 1 });
}
