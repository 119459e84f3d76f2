import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLedger } from '../../src/ledger/create-ledger.ts';
import type { LedgerAlarm } from '../../src/ledger/create-ledger.ts';
import type { LedgerAdmin } from '../../src/ledger/ledger-admin.ts';
import type { LedgerStore } from '../../src/ledger/ledger-store.ts';
import type { Hold, HoldWish, Ledger, PlacedHold, Settlement } from '../../src/ledger/ledger.ts';
import { FlashmuxError } from '../../src/model/fault.ts';
import type { Store } from '../../src/store/store.ts';
import { storeKinds } from './stores.ts';
import type { StorePlace } from './stores.ts';

// Rules where two of the ledger's features meet, each once by hand; what happens in any order is in histories.test.ts.

const hour = 3_600_000;
const noon = Date.UTC(2027, 4, 30, 12);

describe.each(storeKinds)('on $kind', ({ makePlace }) => {
  let place: StorePlace;
  let store: Store;
  let now: number;
  let alarms: LedgerAlarm[];
  let ledger: Ledger & LedgerAdmin;

  function ledgerOn(ledgerStore: LedgerStore): Ledger & LedgerAdmin {
    return createLedger(ledgerStore, { clock: { now: () => now }, onAlarm: (alarm) => alarms.push(alarm) });
  }

  beforeEach(async () => {
    now = noon;
    alarms = [];
    place = await makePlace();
    store = await place.open('boot_1');
    ledger = ledgerOn(store.ledger);
    await ledger.openAccount({ id: 'customer', limit: 'prepaid' });
    await ledger.topUp('customer', 100n, 'payment');
  });
  afterEach(async () => {
    await store.close();
    await place.remove();
  });

  function wish(requestId: string, amount: bigint, changes: Partial<HoldWish> = {}): HoldWish {
    return { requestId, accountId: 'customer', amount, expiresAt: now + hour, ...changes };
  }

  function settlement(total: bigint, changes: Partial<Settlement> = {}): Settlement {
    const line = { meter: 'output-text', quantity: 1, rate: { usd: '1', per: 1 }, amount: total } as const;
    const usage = { input: {}, output: {}, toolCalls: {} };
    return { bill: { lines: [line], total, priceListId: 'list' }, usage, outcome: 'complete', ...changes };
  }

  async function holdOnce(ids: { readonly requestId: string; readonly key: string }): Promise<PlacedHold> {
    const { requestId, key } = ids;
    const placed = await ledger.holdOnce(wish(requestId, 10n), { key, fingerprint: 'f', expiresAt: now + 24 * hour });
    if (placed.kind !== 'placed') throw new Error('It was answered before.');
    return placed;
  }

  const tokens = { count: 10, amount: 60n, model: 'm' };
  const freeTokens = { ref: 'trial', accountId: 'customer', gift: { unit: 'tokens', count: 15 } } as const;

  test('a hold that does not fit gives the free tokens back that would have covered a part of it', async () => {
    await ledger.grant({ ...freeTokens, expiresAt: now + hour });
    await expect(ledger.hold(wish('req_1', 170n, { tokens }))).rejects.toMatchObject({ code: 'insufficient_credits' });
    expect(await ledger.grants('customer')).toMatchObject([{ pending: 0n, used: 0n }]);
    await ledger.hold(wish('req_2', 150n, { tokens }));
    expect(await ledger.grants('customer')).toMatchObject([{ pending: 10n }]);
  });

  test('what free tokens paid for is not given back as money', async () => {
    await ledger.grant({ ...freeTokens, expiresAt: now + hour });
    const hold = await ledger.hold(wish('req_1', 70n, { tokens }));
    const { charged, balance } = await ledger.settle(hold, settlement(50n, { tokens: { count: 8, amount: 45n } }));
    expect({ charged, available: balance.available }).toEqual({ charged: 50n, available: 95n });
    await expect(ledger.refund({ requestId: 'req_1', amount: 6n, ref: 'sorry' })).rejects.toMatchObject({ code: 'conflict' });
    expect(await ledger.refund({ requestId: 'req_1', ref: 'sorry' })).toBe(5n);
    expect(await ledger.balance('customer')).toMatchObject({ available: 100n });
  });

  test('tokens that cost more than was held are charged up to the hold', async () => {
    await ledger.grant({ ...freeTokens, expiresAt: now + hour });
    const hold = await ledger.hold(wish('req_1', 60n, { tokens }));
    expect(await ledger.settle(hold, settlement(999n, { tokens: { count: 800, amount: 999n } }))).toMatchObject({ charged: 60n });
    expect(await ledger.grants('customer')).toMatchObject([{ used: 10n, pending: 0n }]);
  });

  test('a ref gives one request back: under the same ref another one is refused', async () => {
    for (const requestId of ['req_1', 'req_10']) await ledger.settle(await ledger.hold(wish(requestId, 9n)), settlement(9n));
    expect(await ledger.refund({ requestId: 'req_1', amount: 4n, ref: 'sorry', note: 'slow' })).toBe(4n);
    expect(await ledger.refund({ requestId: 'req_1', amount: 4n, ref: 'sorry', note: 'slow' })).toBe(4n);
    await expect(ledger.refund({ requestId: 'req_10', amount: 4n, ref: 'sorry' })).rejects.toMatchObject({ param: 'ref' });
    expect(await ledger.balance('customer')).toMatchObject({ available: 86n });
  });

  test('a key is paid for once: an attempt that another has followed can no longer be charged', async () => {
    const first = await holdOnce({ requestId: 'req_1', key: 'k' });
    await store.ledger.expire(['req_1'], now);
    const second = await holdOnce({ requestId: 'req_2', key: 'k' });
    expect(await ledger.settle(second, settlement(7n))).toMatchObject({ charged: 7n });
    expect(await ledger.settle(first, settlement(8n))).toMatchObject({ charged: 0n, balance: { spent: 7n } });
    expect(alarms).toMatchObject([{ kind: 'ended-twice', requestId: 'req_1', attempted: 'settle' }]);
  });

  test('an attempt that was only followed by one that did not fit is charged late, as any other', async () => {
    const first = await holdOnce({ requestId: 'req_1', key: 'k' });
    await store.ledger.expire(['req_1'], now);
    await ledger.hold(wish('req_3', 95n));
    await expect(holdOnce({ requestId: 'req_2', key: 'k' })).rejects.toMatchObject({ code: 'insufficient_credits' });
    expect(await ledger.settle(first, settlement(8n))).toMatchObject({ charged: 5n });
  });

  test('a budget that is changed after its period has ended begins a new one first', async () => {
    const budget = { amount: 50n, period: 'day' } as const;
    await ledger.openAccount({ id: 'key', limit: 'prepaid', parentId: 'customer', budget });
    const inKey = { budgetId: 'key' };
    await ledger.settle(await ledger.hold(wish('req_1', 40n, inKey)), settlement(40n));
    now += 24 * hour;
    await ledger.changeAccount({ id: 'key', budget: { amount: 30n, period: 'day' } });
    // Twice within one millisecond, which must be two entries.
    await ledger.changeAccount({ id: 'key', budget: { amount: 20n, period: 'day' } });
    expect(await ledger.balance('customer', 'key')).toMatchObject({ available: 20n });
  });

  test('a budget with an overdraft that is used is not raised by lowering it', async () => {
    const budget = { amount: 50n, period: 'total' } as const;
    await ledger.openAccount({ id: 'key', limit: 'prepaid', overdraft: 30n, parentId: 'customer', budget });
    await ledger.settle(await ledger.hold(wish('req_1', 70n, { budgetId: 'key' })), settlement(70n));
    const before = await store.ledger.findAccount('key');
    const after = await ledger.changeAccount({ id: 'key', budget: { ...budget, amount: 40n } });
    expect({ credits: after.credits, debits: after.debits }).toEqual({ credits: before?.credits, debits: before?.debits });
  });

  test('a grant of other models under the same ref is another grant', async () => {
    const grant = { ...freeTokens, expiresAt: now + hour };
    await ledger.grant(grant);
    const others = { ...grant, gift: { ...grant.gift, models: ['m'] } };
    await expect(ledger.grant(others)).rejects.toMatchObject({ code: 'conflict', param: 'ref' });
  });

  test('a refund makes a low balance news again', async () => {
    await ledger.settle(await ledger.hold(wish('req_1', 80n)), settlement(80n));
    expect(await store.ledger.tellLowBalance('customer', 50n, now)).toBe(true);
    expect(await store.ledger.tellLowBalance('customer', 50n, now + 1)).toBe(false);
    await ledger.refund({ requestId: 'req_1', amount: 10n, ref: 'sorry' });
    expect(await store.ledger.tellLowBalance('customer', 50n, now + 2)).toBe(true);
  });

  test('a hold for an account that is not there is refused by name, with a key as without', async () => {
    const nobody = { ...wish('req_1', 1n), accountId: 'nobody' };
    const once = { key: 'k', fingerprint: 'f', expiresAt: now + hour };
    await expect(ledger.holdOnce(nobody, once)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('a settlement that is tried again while the store is away is not swept, whatever the clock says', async () => {
    let isAway = false;
    const settle: LedgerStore['settle'] = async (wanted) => {
      if (isAway) throw new FlashmuxError('overloaded', 'away');
      return store.ledger.settle(wanted);
    };
    const troubled = ledgerOn({ ...store.ledger, settle });
    const hold: Hold = await troubled.hold(wish('req_1', 9n));
    isAway = true;
    await expect(troubled.settle(hold, settlement(9n))).rejects.toMatchObject({ code: 'overloaded' });
    now += 48 * hour;
    expect(await troubled.expireHolds()).toEqual([]);
    isAway = false;
    expect(await troubled.settle(hold, settlement(9n))).toMatchObject({ charged: 9n });
    expect(alarms).toEqual([]);
  });

  test('a settlement that nobody tries any more leaves its hold to the sweep', async () => {
    const settle: LedgerStore['settle'] = () => Promise.reject(new Error('broken'));
    const troubled = ledgerOn({ ...store.ledger, settle });
    const hold = await troubled.hold(wish('req_1', 9n));
    await expect(troubled.settle(hold, settlement(9n))).rejects.toThrow('broken');
    now += 2 * hour;
    const sweeps = [];
    for (let sweep = 0; sweep < 5; sweep++) sweeps.push(await troubled.expireHolds());
    expect(sweeps.flat()).toEqual(['req_1']);
    expect(sweeps[0]).toEqual([]);
  });
});
