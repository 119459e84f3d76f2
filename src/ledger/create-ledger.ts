import type { NanoUsd } from '../model/money.ts';
import type { Clock } from '../model/ports.ts';
import type { Account } from './account.ts';
import { availableOf, balanceOf } from './balance.ts';
import { chargeOf, storable } from './charge.ts';
import type { ChargeFlaw } from './charge.ts';
import { accountOrThrow, createLedgerAdmin } from './create-ledger-admin.ts';
import { answeredOrThrow, checkHold, checkKey, heldOrThrow } from './check-hold.ts';
import { noAccount } from './ledger-faults.ts';
import type { LedgerAdmin } from './ledger-admin.ts';
import type { LedgerRecords } from './ledger-records.ts';
import type { HoldState, LedgerStore, Path } from './ledger-store.ts';
import { OwnedHolds } from './owned-holds.ts';
import type { Balance, Hold, Ledger, Settled, Settlement, VoidRecord } from './ledger.ts';

export interface LedgerOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** Told what should never happen. It is called after the money is safe, and must not throw. */
  readonly onAlarm: (alarm: LedgerAlarm) => void;
  readonly lowBalance?: LowBalance;
}

export interface LowBalance {
  /** For accounts that have no mark of their own; absent: those are never told. */
  readonly below?: NanoUsd;
  /** Told once for each time that a settlement leaves less than the mark. It must not throw. */
  readonly onLow: (account: Account, available: NanoUsd) => void;
}

/** Something is wrong in flashmux or in a host's figures; the books are right nevertheless. */
export type LedgerAlarm =
  | ({ readonly kind: 'bill'; readonly flaw: ChargeFlaw; readonly billed: NanoUsd; readonly held: NanoUsd } & AlarmPlace)
  /** The hold had expired before its settlement; `lost` is what the account could no longer pay. */
  | ({ readonly kind: 'late-settlement'; readonly charged: NanoUsd; readonly lost: NanoUsd } & AlarmPlace)
  /** A released request was settled, or a settled one released: the second changed nothing. */
  | ({ readonly kind: 'ended-twice'; readonly state: HoldState; readonly attempted: 'settle' | 'void' } & AlarmPlace);

interface AlarmPlace {
  readonly requestId: string;
  readonly accountId: string;
}

/** The rules of the ledger over a store. */
export function createLedger(store: LedgerStore, options: LedgerOptions): Ledger & LedgerAdmin & LedgerRecords {
  const { clock } = options;
  const owned = new OwnedHolds();
  return {
    ...createLedgerAdmin(store, clock),
    hold: async (wish) => {
      checkHold(wish);
      return owned.place(wish.requestId, async () => heldOrThrow(wish, await store.hold({ ...wish, createdAt: clock.now() })));
    },
    holdOnce: async (wish, idempotency) => {
      checkHold(wish);
      checkKey(idempotency.key);
      return owned.place(wish.requestId, async () => {
        const answer = await store.hold({ ...wish, idempotency, createdAt: clock.now() });
        return answer.kind === 'repeated' ? answeredOrThrow(answer) : heldOrThrow(wish, answer);
      });
    },
    settle: (hold, settlement) => owned.end(hold.requestId, () => settle(store, options, hold, settlement)),
    void: (hold, record) => owned.end(hold.requestId, () => release(store, options, hold, record)),
    balance: async (accountId, budgetId) => balanceOf(await pathOrThrow(store, budgetId ?? accountId), accountId),
    account: async (accountId) => accountOrThrow(accountId, await store.findAccount(accountId)),
    path: (accountId) => pathOrThrow(store, accountId),
    expireHolds: async () => {
      const at = clock.now();
      const ownerless = owned.ownerless(await store.overdue(at));
      return ownerless.length === 0 ? [] : await store.expire(ownerless, at);
    },
    requestRecord: (requestId) => store.findRecord(requestId),
    answerRecord: (answerId) => store.findRecordOfAnswer(answerId),
    requestRecords: (page) => store.records(page),
    usage: (query) => store.usage(query),
    toolUsage: (span) => store.toolUsage(span),
  };
}

async function pathOrThrow(store: LedgerStore, accountId: string): Promise<Path> {
  const path = await store.findPath(accountId);
  if (path.length === 0) throw noAccount(accountId);
  return path;
}

async function settle(store: LedgerStore, options: LedgerOptions, hold: Hold, settlement: Settlement): Promise<Settled> {
  const { clock, onAlarm } = options;
  const { cost, flaws } = chargeOf(settlement.bill, hold.amount);
  const bill = storable(settlement.bill);
  const answer = await store.settle({ requestId: hold.requestId, at: clock.now(), cost, ...settlement, bill });
  switch (answer.kind) {
    case 'no-hold':
      throw unknownHold(hold);
    case 'ended':
      // Settled twice is what a retry looks like.
      if (answer.state !== 'posted') onAlarm({ kind: 'ended-twice', ...placeOf(hold), state: answer.state, attempted: 'settle' });
      return { charged: answer.charged ?? 0n, balance: balanceOf(answer.path, hold.accountId) };
    case 'late':
      onAlarm({ kind: 'late-settlement', ...placeOf(hold), charged: answer.charged, lost: cost - answer.charged });
      break;
    case 'posted':
      break;
  }
  for (const flaw of flaws) {
    onAlarm({ kind: 'bill', flaw, ...placeOf(hold), billed: settlement.bill.total, held: hold.amount });
  }
  tellLow(store, options, answer.path);
  return { charged: answer.charged, balance: balanceOf(answer.path, hold.accountId) };
}

async function release(
  store: LedgerStore,
  { clock, onAlarm }: LedgerOptions,
  hold: Hold,
  record: VoidRecord | undefined,
): Promise<Balance> {
  const answer = await store.void({
    requestId: hold.requestId,
    at: clock.now(),
    ...(record === undefined ? {} : { record }),
  });
  if (answer.kind === 'no-hold') throw unknownHold(hold);
  // Released twice, or released after it expired, is what a retry looks like. Released after it was settled is a mistake.
  if (answer.kind === 'ended' && answer.state === 'posted') {
    onAlarm({ kind: 'ended-twice', ...placeOf(hold), state: answer.state, attempted: 'void' });
  }
  return balanceOf(answer.path, hold.accountId);
}

/** Not waited for: the settlement is done, and of all processes that see the same low balance one tells it. */
function tellLow(store: LedgerStore, { clock, lowBalance }: LedgerOptions, path: Path): void {
  if (lowBalance === undefined) return;
  for (const account of path) {
    const below = account.lowBalance ?? lowBalance.below;
    const available = availableOf(account);
    if (below === undefined || available === null || account.budget !== undefined) continue;
    if (account.lowBalanceToldAt !== undefined || available + account.pending >= below) continue;
    void store
      .tellLowBalance(account.id, below, clock.now())
      .then((mine) => (mine ? lowBalance.onLow(account, available) : undefined))
      // The next settlement finds the balance low again.
      .catch(() => undefined);
  }
}

/** A hold that this ledger handed out is always in its store. */
function unknownHold(hold: Hold): Error {
  return new Error(`No hold was placed for the request ${hold.requestId}.`);
}

function placeOf(hold: Hold): AlarmPlace {
  return { requestId: hold.requestId, accountId: hold.accountId };
}
