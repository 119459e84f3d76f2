import { FlashmuxError } from '../model/fault.ts';
import type { NanoUsd } from '../model/money.ts';
import type { Clock } from '../model/ports.ts';
import type { Account, AccountChange, Budget } from './account.ts';
import { deepestPath } from './account.ts';
import { largestAmount, usdText } from './amount.ts';
import { balanceOf } from './balance.ts';
import type { AccountWish, GrantWish, LedgerAdmin } from './ledger-admin.ts';
import { invalid, noAccount, refTaken } from './ledger-faults.ts';
import type { CreditAnswer, GrantAnswer, LedgerStore, NewRefund, RefundAnswer } from './ledger-store.ts';
import type { Balance } from './ledger.ts';
import { isUsageRecord } from './request-record.ts';

type Admin = Omit<LedgerAdmin, 'expireHolds'>;

/** Accounts and credits; what requests do is in create-ledger.ts. */
export function createLedgerAdmin(store: LedgerStore, clock: Pick<Clock, 'now'>): Admin {
  return {
    openAccount: (wish) => openAccount(store, wish, clock.now()),
    changeAccount: (wish) => changeAccount(store, { ...wish, at: clock.now() }),
    accounts: (page) => store.accounts(page),
    topUp: async (accountId, amount, ref, note) => {
      checkAmount('A top-up', amount, ref);
      const credit = { accountId, kind: 'topup', amount, ref, at: clock.now(), ...noted(note) } as const;
      return creditedOrThrow(accountId, ref, await store.credit(credit));
    },
    adjust: async (accountId, amount, ref, note) => {
      checkAmount('An adjustment', amount < 0n ? -amount : amount, ref);
      if (note === '') throw invalid('note', 'An adjustment needs a note that says why it was made.');
      return creditedOrThrow(
        accountId,
        ref,
        await store.credit({ accountId, kind: 'adjust', amount, ref, note, at: clock.now() }),
      );
    },
    refund: async (wish) => {
      checkAmount('A refund', wish.amount ?? 1n, wish.ref);
      return refundedOrThrow(wish, await store.refund({ ...wish, at: clock.now() }));
    },
    grant: async (wish) => {
      const at = clock.now();
      checkGrant(wish, at);
      return grantedOrThrow(wish, await store.grant({ ...wish, at }));
    },
    grants: async (accountId) => {
      accountOrThrow(accountId, await store.findAccount(accountId));
      return await store.grants(accountId);
    },
    entries: (page) => store.entries(page),
    usageRecord: async (requestId) => {
      const record = await store.findRecord(requestId);
      return record !== undefined && isUsageRecord(record) ? record : undefined;
    },
    untellLowBalance: (accountId) => store.untellLowBalance(accountId),
    pruneIdempotency: () => store.pruneIdempotency(clock.now()),
  };
}

function noted(note: string | undefined): { readonly note?: string } {
  return note === undefined || note === '' ? {} : { note };
}

async function openAccount(store: LedgerStore, wish: AccountWish, createdAt: number): Promise<Account> {
  const { id, limit, parentId, budget } = wish;
  const overdraft = wish.overdraft ?? 0n;
  if (id === '' || id.length > 200) throw invalid('id', 'An account needs an id of 1 to 200 characters.');
  checkOverdraft(overdraft);
  if (budget !== undefined) {
    checkBudget(budget);
    if (limit !== 'prepaid') throw invalid('limit', 'A budget account is prepaid: its budget is what it may spend.');
  }
  const answer = await store.openAccount({
    id,
    limit,
    overdraft,
    createdAt,
    ...(parentId === undefined ? {} : { parentId }),
    ...(budget === undefined ? {} : { budget }),
  });
  if (answer.kind === 'no-parent') {
    throw invalid(
      'parent',
      `The account "${parentId ?? ''}" does not exist, or has ${deepestPath - 1} above it already: no more than ${deepestPath} accounts stand above each other.`,
    );
  }
  const { account } = answer;
  if (answer.kind === 'opened' || isAsWished(account, { ...wish, overdraft })) return account;
  throw new FlashmuxError(
    'conflict',
    `The account "${id}" exists already, with limit ${account.limit} and overdraft ${usdText(account.overdraft)}.`,
  );
}

function isAsWished(account: Account, wish: AccountWish): boolean {
  return (
    account.limit === wish.limit &&
    account.overdraft === wish.overdraft &&
    account.parentId === wish.parentId &&
    account.budget?.amount === wish.budget?.amount &&
    account.budget?.period === wish.budget?.period
  );
}

async function changeAccount(store: LedgerStore, change: AccountChange): Promise<Account> {
  if (change.overdraft !== undefined) checkOverdraft(change.overdraft);
  if (change.budget !== undefined) checkBudget(change.budget);
  const before = accountOrThrow(change.id, await store.findAccount(change.id));
  if (change.budget !== undefined && before.budget === undefined) {
    throw invalid('budget', `The account "${change.id}" has no budget. Make a budget account below it.`);
  }
  return accountOrThrow(change.id, await store.changeAccount(change));
}

function checkOverdraft(overdraft: NanoUsd): void {
  if (overdraft >= 0n && overdraft <= largestAmount) return;
  throw invalid('overdraft', `An overdraft is from $0.00 to ${usdText(largestAmount)}.`);
}

function checkBudget({ amount }: Budget): void {
  if (amount >= 0n && amount <= largestAmount) return;
  throw invalid('budget', `A budget is from $0.00 to ${usdText(largestAmount)}.`);
}

/** Every movement from outside has a name, so that doing it twice does it once. */
function checkAmount(what: string, amount: NanoUsd, ref: string): void {
  if (ref === '' || ref.length > 255)
    throw invalid('ref', `${what} needs a ref of 1 to 255 characters that names it once and for all.`);
  if (amount > 0n && amount <= largestAmount) return;
  throw invalid('amount', `${what} is above $0.00 and at most ${usdText(largestAmount)}; this one is ${usdText(amount)}.`);
}

const largestTokenGrant = 1e15;

function checkGrant({ gift, ref, expiresAt, renewEveryMs }: GrantWish, now: number): void {
  checkAmount('A grant', gift.unit === 'usd' ? gift.amount : 1n, ref);
  if (gift.unit === 'tokens' && !(Number.isSafeInteger(gift.count) && gift.count >= 1 && gift.count <= largestTokenGrant)) {
    throw invalid('tokens', `A grant of tokens is of 1 to ${largestTokenGrant} tokens.`);
  }
  if (!Number.isSafeInteger(expiresAt) || expiresAt <= now) throw invalid('expires', 'A grant expires in the future.');
  if (renewEveryMs !== undefined && !(Number.isSafeInteger(renewEveryMs) && renewEveryMs >= 60_000)) {
    throw invalid('renew', 'A grant is renewed every minute at most.');
  }
}

function creditedOrThrow(accountId: string, ref: string, answer: CreditAnswer): Balance {
  switch (answer.kind) {
    case 'credited':
    case 'replayed':
      return balanceOf([answer.account], accountId);
    case 'taken':
      throw refTaken(ref, answer.entry);
    case 'short': {
      const { available } = balanceOf([answer.account], accountId);
      throw new FlashmuxError(
        'conflict',
        `Only ${usdText(available ?? 0n)} can be taken from the account "${accountId}"; the rest is spent or held.`,
        { param: 'amount' },
      );
    }
    case 'no-account':
      throw noAccount(accountId);
  }
}

function refundedOrThrow(wish: Omit<NewRefund, 'at'>, answer: RefundAnswer): NanoUsd {
  switch (answer.kind) {
    case 'refunded':
    case 'replayed':
      return answer.amount;
    case 'taken':
      throw refTaken(wish.ref, answer.entry);
    case 'too-much':
      throw new FlashmuxError(
        'conflict',
        `${usdText(answer.left)} of the charge of ${wish.requestId} is left to give back, not ${wish.amount === undefined ? 'more' : usdText(wish.amount)}.`,
        { param: 'amount' },
      );
    case 'no-charge':
      throw new FlashmuxError('not_found', `No request "${wish.requestId}" was charged.`, { param: 'request' });
  }
}

function grantedOrThrow(wish: GrantWish, answer: GrantAnswer): Balance {
  switch (answer.kind) {
    case 'granted':
    case 'replayed':
      return balanceOf([answer.account], wish.accountId);
    case 'taken':
      throw new FlashmuxError(
        'conflict',
        `The ref "${wish.ref}" was used before, for another grant on the account "${answer.grant.accountId}".`,
        { param: 'ref' },
      );
    case 'no-account':
      throw noAccount(wish.accountId);
  }
}

export function accountOrThrow(accountId: string, account: Account | undefined): Account {
  if (account === undefined) throw noAccount(accountId);
  return account;
}
