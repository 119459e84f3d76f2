import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLedger } from '../../src/ledger/create-ledger.ts';
import type { LedgerAlarm } from '../../src/ledger/create-ledger.ts';
import type { LedgerAdmin } from '../../src/ledger/ledger-admin.ts';
import type { HoldWish, Ledger, Settlement } from '../../src/ledger/ledger.ts';
import type { Bill } from '../../src/model/event.ts';
import type { Store } from '../../src/store/store.ts';
import { storeKinds, testClock } from './stores.ts';
import type { StorePlace } from './stores.ts';

const dollar = 1_000_000_000n;

function wish(requestId: string, amount: bigint, accountId = 'customer'): HoldWish {
  return { requestId, accountId, amount, expiresAt: testClock.now() + 60_000 };
}

function billOf(total: bigint): Bill {
  const line = { meter: 'output-text', quantity: 12, rate: { usd: '0.40', per: 1_000_000 }, amount: total } as const;
  return { lines: [line], total, priceListId: 'qwen-flash@2026-11' };
}

function settlement(total: bigint): Settlement {
  return { bill: billOf(total), usage: { input: { total: 5 }, output: { total: 12 }, toolCalls: {} }, outcome: 'complete' };
}

describe.each(storeKinds)('the ledger on $kind', ({ makePlace, leases = false }) => {
  let place: StorePlace;
  let store: Store;
  let ledger: Ledger & LedgerAdmin;
  let alarms: LedgerAlarm[];

  async function reopen(epochId: string): Promise<void> {
    store = await place.open(epochId);
    ledger = createLedger(store.ledger, { clock: testClock, onAlarm: (alarm) => alarms.push(alarm) });
  }

  beforeEach(async () => {
    alarms = [];
    place = await makePlace();
    await reopen('boot_1');
    await ledger.openAccount({ id: 'customer', limit: 'prepaid' });
    await ledger.openAccount({ id: 'local', limit: 'none' });
  });

  afterEach(async () => {
    await store.close();
    await place.remove();
  });

  test('a hold reserves its amount, and its settlement posts the bill and releases the rest', async () => {
    await ledger.topUp('customer', 10n * dollar, 'payment-1');
    const hold = await ledger.hold(wish('req_1', 4n * dollar));
    expect(await ledger.balance('customer')).toEqual({ available: 6n * dollar, spent: 0n, pending: 4n * dollar });
    const balance = { available: 9n * dollar, spent: dollar, pending: 0n };
    expect(await ledger.settle(hold, settlement(dollar))).toEqual({ charged: dollar, balance });
    expect(await ledger.balance('customer')).toEqual(balance);
    expect(await ledger.usageRecord('req_1')).toEqual({
      requestId: 'req_1',
      accountId: 'customer',
      charged: dollar,
      at: testClock.now(),
      ...settlement(dollar),
    });
    expect(alarms).toEqual([]);
  });

  test('a hold that does not fit is refused with the amounts, and reserves nothing', async () => {
    await ledger.topUp('customer', dollar, 'payment-1');
    await ledger.hold(wish('req_1', dollar / 2n));
    await expect(ledger.hold(wish('req_2', dollar / 2n + 1n))).rejects.toMatchObject({
      code: 'insufficient_credits',
      message: expect.stringMatching(/up to \$0\.500000001; the account has \$0\.50 available, and \$0\.50 held/),
    });
    expect(await ledger.balance('customer')).toEqual({ available: dollar / 2n, spent: 0n, pending: dollar / 2n });
    await ledger.hold(wish('req_3', dollar / 2n));
  });

  test('an account without a limit may always hold, and what it spends is recorded', async () => {
    const hold = await ledger.hold(wish('req_1', 1_000n * dollar, 'local'));
    const balance = { available: null, spent: 7n, pending: 0n };
    expect(await ledger.settle(hold, settlement(7n))).toEqual({ charged: 7n, balance });
  });

  test('an overdraft is room below nothing, down to its floor', async () => {
    await ledger.openAccount({ id: 'trusted', limit: 'prepaid', overdraft: 5n });
    const hold = await ledger.hold(wish('req_1', 5n, 'trusted'));
    await expect(ledger.hold(wish('req_2', 1n, 'trusted'))).rejects.toMatchObject({ code: 'insufficient_credits' });
    const balance = { available: 0n, spent: 5n, pending: 0n };
    expect(await ledger.settle(hold, settlement(5n))).toEqual({ charged: 5n, balance });
  });

  test('a settled hold cannot be settled again or released', async () => {
    const hold = await ledger.hold(wish('req_1', 9n, 'local'));
    const settled = await ledger.settle(hold, settlement(3n));
    expect(await ledger.settle(hold, settlement(8n))).toEqual(settled);
    expect(alarms).toEqual([]);
    expect(await ledger.void(hold)).toEqual(settled.balance);
    expect(alarms).toEqual([{ kind: 'ended-twice', requestId: 'req_1', accountId: 'local', state: 'posted', attempted: 'void' }]);
    expect(await ledger.entries({ accountId: 'local', limit: 10 })).toEqual([
      { seq: 1, accountId: 'local', kind: 'usage', amount: -3n, ref: 'req_1', at: testClock.now() },
    ]);
  });

  test('a released hold costs nothing, and cannot be settled', async () => {
    const hold = await ledger.hold(wish('req_1', 9n, 'local'));
    const balance = { available: null, spent: 0n, pending: 0n };
    expect(await ledger.void(hold)).toEqual(balance);
    expect(await ledger.void(hold)).toEqual(balance);
    expect(alarms).toEqual([]);
    expect(await ledger.settle(hold, settlement(3n))).toEqual({ charged: 0n, balance });
    expect(alarms).toMatchObject([{ kind: 'ended-twice', state: 'void', attempted: 'settle' }]);
    expect(await ledger.usageRecord('req_1')).toBeUndefined();
  });

  test('the same hold twice is one hold, and a request id is not used for two', async () => {
    const hold = await ledger.hold(wish('req_1', 9n, 'local'));
    expect(await ledger.hold(wish('req_1', 9n, 'local'))).toEqual(hold);
    expect((await ledger.balance('local')).pending).toBe(9n);
    await expect(ledger.hold(wish('req_1', 8n, 'local'))).rejects.toMatchObject({ code: 'conflict' });
    const { charged } = await ledger.settle(hold, settlement(1n));
    // A process with leases hears of it when the second request ends, which then changes nothing.
    if (!leases) await expect(ledger.hold(wish('req_1', 9n, 'local'))).rejects.toMatchObject({ code: 'conflict' });
    else expect(await ledger.settle(await ledger.hold(wish('req_1', 9n, 'local')), settlement(2n))).toMatchObject({ charged });
    expect(await ledger.entries({ accountId: 'local', limit: 10 })).toHaveLength(1);
  });

  test('a bill above its hold is charged at the hold and alarmed', async () => {
    const hold = await ledger.hold(wish('req_1', 9n, 'local'));
    expect(await ledger.settle(hold, settlement(10n))).toMatchObject({ charged: 9n, balance: { spent: 9n } });
    expect(alarms).toEqual([{ kind: 'bill', flaw: 'above-hold', requestId: 'req_1', accountId: 'local', billed: 10n, held: 9n }]);
    expect(await ledger.usageRecord('req_1')).toMatchObject({ charged: 9n, bill: { total: 10n } });
  });

  test('a free request leaves a record and no entry', async () => {
    const hold = await ledger.hold(wish('req_1', 0n, 'local'));
    await ledger.settle(hold, settlement(0n));
    expect(await ledger.usageRecord('req_1')).toMatchObject({ charged: 0n, usage: { output: { total: 12 } } });
    expect(await ledger.entries({ accountId: 'local', limit: 10 })).toEqual([]);
  });

  test('a host that counts nonsense cannot make a settlement fail, or its record unreadable', async () => {
    const hold = await ledger.hold(wish('req_1', 9n, 'local'));
    const usage = { input: { total: Number.NaN, text: -4 }, output: { total: 1e300 }, toolCalls: { web_search: Infinity } };
    await ledger.settle(hold, { ...settlement(1n), usage });
    expect(await ledger.usageRecord('req_1')).toMatchObject({ charged: 1n, usage: { output: { total: 1e300 } } });
  });

  test('holds of a process that died are released at the next start', async () => {
    await ledger.topUp('customer', 5n, 'payment-1');
    await ledger.hold(wish('req_1', 5n));
    await store.close();
    await reopen('boot_2');
    expect(await ledger.balance('customer')).toEqual({ available: 5n, spent: 0n, pending: 0n });
  });

  test('a settlement after its hold expired is posted as far as the balance reaches, and alarmed', async () => {
    await ledger.topUp('customer', 10n, 'payment-1');
    const hold = await ledger.hold({ ...wish('req_1', 8n), expiresAt: testClock.now() });
    expect(await ledger.expireHolds(), 'its request runs').toEqual([]);
    expect(await store.ledger.overdue(testClock.now())).toEqual(['req_1']);
    expect(await store.ledger.expire(['req_1'], testClock.now())).toEqual(['req_1']);
    await ledger.hold(wish('req_2', 6n));
    const balance = { available: 0n, spent: 4n, pending: 6n };
    expect(await ledger.settle(hold, settlement(7n))).toEqual({ charged: 4n, balance });
    expect(alarms).toEqual([{ kind: 'late-settlement', requestId: 'req_1', accountId: 'customer', charged: 4n, lost: 3n }]);
    expect(await ledger.entries({ accountId: 'customer', limit: 10 })).toMatchObject([
      { kind: 'topup' },
      { kind: 'late', amount: -4n },
    ]);
  });

  test('a hold whose time has not come is not swept', async () => {
    await ledger.hold({ ...wish('req_1', 8n, 'local'), expiresAt: testClock.now() + 1 });
    expect(await ledger.expireHolds()).toEqual([]);
    expect((await ledger.balance('local')).pending).toBe(8n);
  });

  test('a top-up happens once for its ref, and a ref is not used for two', async () => {
    await ledger.topUp('customer', 5n, 'payment-1');
    expect((await ledger.topUp('customer', 5n, 'payment-1')).available).toBe(5n);
    await expect(ledger.topUp('customer', 6n, 'payment-1')).rejects.toMatchObject({ code: 'conflict', param: 'ref' });
    await expect(ledger.topUp('local', 5n, 'payment-1')).rejects.toMatchObject({ code: 'conflict', param: 'ref' });
  });

  test('amounts beyond 2^53 are kept to the last digit', async () => {
    const amount = 9_007_199_254_740_993n;
    await ledger.topUp('customer', amount, 'payment-1');
    const hold = await ledger.hold(wish('req_1', amount));
    const balance = { available: 0n, spent: amount, pending: 0n };
    expect(await ledger.settle(hold, settlement(amount))).toEqual({ charged: amount, balance });
    expect(await ledger.usageRecord('req_1')).toMatchObject({ charged: amount, bill: { total: amount, lines: [{ amount }] } });
  });

  test('wishes that make no sense are refused, and say what would', async () => {
    await expect(ledger.hold(wish('req_1', -1n))).rejects.toBeInstanceOf(RangeError);
    await expect(ledger.hold(wish('req_1', 10n ** 18n + 1n, 'local'))).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(ledger.hold(wish('req_1', 1n, 'nobody'))).rejects.toMatchObject({ code: 'not_found' });
    await expect(ledger.balance('nobody')).rejects.toMatchObject({ code: 'not_found' });
    await expect(ledger.topUp('nobody', 1n, 'x')).rejects.toMatchObject({ code: 'not_found' });
    await expect(ledger.topUp('customer', 0n, 'x')).rejects.toMatchObject({ code: 'invalid_request', param: 'amount' });
    await expect(ledger.topUp('customer', 1n, '')).rejects.toMatchObject({ code: 'invalid_request', param: 'ref' });
    await expect(ledger.openAccount({ id: 'customer', limit: 'none' })).rejects.toMatchObject({ code: 'conflict' });
    await expect(ledger.openAccount({ id: '', limit: 'none' })).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(ledger.void({ requestId: 'req_9', accountId: 'local', amount: 1n })).rejects.toThrow('No hold was placed');
  });

  test('of 1,000 holds of $0.10 at the same time against $5.00 exactly 50 are placed', async () => {
    await ledger.topUp('customer', 5n * dollar, 'payment-1');
    const outcomes = await Promise.allSettled(
      Array.from({ length: 1_000 }, (_, number) => ledger.hold(wish(`req_${number}`, dollar / 10n))),
    );
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(50);
    expect(await ledger.balance('customer')).toEqual({ available: 0n, spent: 0n, pending: 5n * dollar });
  });
});
