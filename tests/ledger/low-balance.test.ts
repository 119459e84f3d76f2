import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLedger } from '../../src/ledger/create-ledger.ts';
import type { LedgerAdmin } from '../../src/ledger/ledger-admin.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import type { Store } from '../../src/store/store.ts';
import { storeKinds, testClock } from './stores.ts';
import type { StorePlace } from './stores.ts';

const dollar = 1_000_000_000n;

describe.each(storeKinds)('a balance below the mark on $kind', ({ makePlace }) => {
  let place: StorePlace;
  let store: Store;
  let ledger: Ledger & LedgerAdmin;
  let told: string[];
  let requests = 0;
  let onTold: () => void;

  beforeEach(async () => {
    told = [];
    onTold = () => undefined;
    place = await makePlace();
    store = await place.open('boot_1');
    const onLow = ({ id }: { readonly id: string }): void => {
      told.push(id);
      onTold();
    };
    ledger = createLedger(store.ledger, {
      clock: testClock,
      onAlarm: () => undefined,
      lowBalance: { below: 5n * dollar, onLow },
    });
    await ledger.openAccount({ id: 'customer', limit: 'prepaid' });
    await ledger.topUp('customer', 6n * dollar, 'payment-1');
  });
  afterEach(async () => {
    await store.close();
    await place.remove();
  });

  async function spend(amount: bigint): Promise<void> {
    const requestId = `req_${++requests}`;
    const hold = await ledger.hold({ requestId, accountId: 'customer', amount, expiresAt: testClock.now() + 60_000 });
    const line = { meter: 'output-text', quantity: 1, rate: { usd: '1', per: 1 }, amount } as const;
    const bill = { lines: [line], total: amount, priceListId: 'list@1' };
    await ledger.settle(hold, { bill, usage: { input: {}, output: {}, toolCalls: {} }, outcome: 'complete' });
  }

  /** Settlements do not wait for what is told. */
  async function untilTold(times: number): Promise<void> {
    const enough = Promise.withResolvers<void>();
    onTold = () => (told.length >= times ? enough.resolve() : undefined);
    onTold();
    await enough.promise;
  }

  test('is told once, and once more where the telling is taken back', async () => {
    await spend(dollar);
    expect(told).toEqual([]);
    await spend(1n);
    await untilTold(1);
    await spend(1n);
    await ledger.untellLowBalance('customer');
    await spend(1n);
    await untilTold(2);
    await spend(1n);
    expect(told).toEqual(['customer', 'customer']);
  });

  test('is told again once credits have come and are spent', async () => {
    await spend(2n * dollar);
    await untilTold(1);
    await ledger.topUp('customer', 2n * dollar, 'payment-2');
    await spend(1n);
    expect(told).toHaveLength(1);
    await spend(2n * dollar);
    await untilTold(2);
  });

  test('taking back what was never told, or of an account that there is not, changes nothing', async () => {
    await ledger.untellLowBalance('customer');
    await ledger.untellLowBalance('nobody');
    expect((await ledger.accounts({ limit: 10 })).map(({ id }) => id)).toEqual(['customer']);
  });
});
