import { FlashmuxError } from '../model/fault.ts';
import type { NanoUsd } from '../model/money.ts';
import type { Clock } from '../model/ports.ts';
import { largestAmount, usdText } from './amount.ts';
import { balanceOf } from './balance.ts';
import { chargeOf } from './charge.ts';
import type { ChargeFlaw } from './charge.ts';
import { InsufficientCredits } from './insufficient-credits.ts';
import type { AccountWish, LedgerAdmin } from './ledger-admin.ts';
import type { LedgerRecords } from './ledger-records.ts';
import type { Account, CreditAnswer, HoldAnswer, HoldState, LedgerStore } from './ledger-store.ts';
import type { Balance, Hold, HoldWish, Ledger, PlacedHold, Settlement, VoidRecord } from './ledger.ts';
import { isUsageRecord } from './request-record.ts';

export interface LedgerOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** Told what should never happen. It is called after the money is safe, and must not throw. */
  readonly onAlarm: (alarm: LedgerAlarm) => void;
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
  return {
    hold: async (wish) => {
      checkHold(wish);
      return heldOrThrow(wish, await store.hold({ ...holdOf(wish), expiresAt: wish.expiresAt, createdAt: clock.now() }));
    },
    settle: (hold, settlement) => settle(store, options, hold, settlement),
    void: (hold, record) => release(store, options, hold, record),
    balance: async (accountId) => balanceOf(accountOrThrow(accountId, await store.findAccount(accountId))),
    openAccount: async (wish) => openAccount(store, wish, clock.now()),
    topUp: async (accountId, amount, ref) => {
      checkTopUp(amount, ref);
      const answer = await store.credit({ accountId, kind: 'topup', amount, ref, at: clock.now() });
      return creditedOrThrow(accountId, ref, answer);
    },
    entries: (page) => store.entries(page),
    usageRecord: async (requestId) => {
      const record = await store.findRecord(requestId);
      return record !== undefined && isUsageRecord(record) ? record : undefined;
    },
    expireHolds: () => store.expire(clock.now()),
    account: async (accountId) => accountOrThrow(accountId, await store.findAccount(accountId)),
    requestRecord: (requestId) => store.findRecord(requestId),
    answerRecord: (answerId) => store.findRecordOfAnswer(answerId),
    requestRecords: (page) => store.records(page),
    usage: (query) => store.usage(query),
    toolUsage: (span) => store.toolUsage(span),
  };
}

async function settle(store: LedgerStore, options: LedgerOptions, hold: Hold, settlement: Settlement): Promise<Balance> {
  const { clock, onAlarm } = options;
  const { cost, flaws } = chargeOf(settlement.bill, hold.amount);
  const answer = await store.settle({ requestId: hold.requestId, at: clock.now(), cost, ...settlement });
  switch (answer.kind) {
    case 'no-hold':
      throw unknownHold(hold);
    case 'ended':
      // Settled twice is what a retry looks like.
      if (answer.state !== 'posted') onAlarm({ kind: 'ended-twice', ...placeOf(hold), state: answer.state, attempted: 'settle' });
      return balanceOf(answer.account);
    case 'late':
      onAlarm({ kind: 'late-settlement', ...placeOf(hold), charged: answer.charged, lost: cost - answer.charged });
      break;
    case 'posted':
      break;
  }
  for (const flaw of flaws) {
    onAlarm({ kind: 'bill', flaw, ...placeOf(hold), billed: settlement.bill.total, held: hold.amount });
  }
  return balanceOf(answer.account);
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
  return balanceOf(answer.account);
}

function checkHold(wish: HoldWish): void {
  if (wish.amount < 0n) throw new RangeError(`A hold cannot be negative: ${wish.amount} nano-USD for ${wish.requestId}.`);
  if (wish.amount <= largestAmount) return;
  throw new FlashmuxError(
    'invalid_request',
    `This request can cost up to ${usdText(wish.amount)}; a single request is limited to ${usdText(largestAmount)}. Ask for less output.`,
  );
}

function heldOrThrow(wish: HoldWish, answer: HoldAnswer): PlacedHold {
  switch (answer.kind) {
    case 'held':
    case 'replayed':
      return { ...holdOf(wish), balance: balanceOf(answer.account) };
    case 'short':
      throw new InsufficientCredits(wish.amount, balanceOf(answer.account));
    case 'taken':
      throw new FlashmuxError(
        'conflict',
        `The request id "${wish.requestId}" was used before, by a request that is ${answer.hold.state}.`,
      );
    case 'no-account':
      throw noAccount(wish.accountId);
  }
}

async function openAccount(store: LedgerStore, wish: AccountWish, createdAt: number): Promise<Account> {
  const overdraft = wish.overdraft ?? 0n;
  if (wish.id === '') throw new FlashmuxError('invalid_request', 'An account needs an id.', { param: 'id' });
  if (overdraft < 0n || overdraft > largestAmount) {
    throw new FlashmuxError('invalid_request', `An overdraft is from $0.00 to ${usdText(largestAmount)}.`, {
      param: 'overdraft',
    });
  }
  const account = await store.openAccount({ id: wish.id, limit: wish.limit, overdraft, createdAt });
  if (account.limit === wish.limit && account.overdraft === overdraft) return account;
  throw new FlashmuxError(
    'conflict',
    `The account "${wish.id}" exists already, with limit ${account.limit} and overdraft ${usdText(account.overdraft)}.`,
  );
}

function checkTopUp(amount: NanoUsd, ref: string): void {
  if (ref === '')
    throw new FlashmuxError('invalid_request', 'A top-up needs a ref that names it once and for all.', { param: 'ref' });
  if (amount > 0n && amount <= largestAmount) return;
  throw new FlashmuxError(
    'invalid_request',
    `A top-up is above $0.00 and at most ${usdText(largestAmount)}; this one is ${usdText(amount)}.`,
    { param: 'amount' },
  );
}

function creditedOrThrow(accountId: string, ref: string, answer: CreditAnswer): Balance {
  switch (answer.kind) {
    case 'credited':
    case 'replayed':
      return balanceOf(answer.account);
    case 'taken':
      throw new FlashmuxError(
        'conflict',
        `The ref "${ref}" was used before, for ${usdText(answer.entry.amount)} on the account "${answer.entry.accountId}".`,
        { param: 'ref' },
      );
    case 'no-account':
      throw noAccount(accountId);
  }
}

function accountOrThrow(accountId: string, account: Account | undefined): Account {
  if (account === undefined) throw noAccount(accountId);
  return account;
}

function noAccount(accountId: string): FlashmuxError {
  return new FlashmuxError('not_found', `No account "${accountId}".`);
}

/** A hold that this ledger handed out is always in its store. */
function unknownHold(hold: Hold): Error {
  return new Error(`No hold was placed for the request ${hold.requestId}.`);
}

function holdOf(wish: Hold): Hold {
  return { requestId: wish.requestId, accountId: wish.accountId, amount: wish.amount };
}

function placeOf(hold: Hold): AlarmPlace {
  return { requestId: hold.requestId, accountId: hold.accountId };
}
