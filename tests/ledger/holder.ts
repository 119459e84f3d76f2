import { createLedger } from '../../src/ledger/create-ledger.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { silentLog } from '../../src/telemetry/log.ts';

// A process for kill.test.ts: it holds and settles without end, and writes a line for each thing that the ledger acknowledged,
// as soon as it did. Arguments: the data file and the number of this round.

const [, , path = '', round = ''] = process.argv;
const callers = 16;

const store = await openSqliteStore({ path, log: silentLog, clock: Date, epochId: `boot_${round}` });
const ledger = createLedger(store.ledger, {
  clock: Date,
  onAlarm: (alarm) => acknowledge({ alarm: alarm.kind }),
});
await ledger.openAccount({ id: 'customer', limit: 'prepaid' });
await ledger.topUp('customer', 1_000_000n, `payment-${round}`);
acknowledge({ credited: `payment-${round}` });

async function call(caller: number): Promise<void> {
  for (let number = 0; ; number++) {
    const requestId = `req_${round}_${caller}_${number}`;
    const hold = await ledger.hold({ requestId, accountId: 'customer', amount: 20n, expiresAt: Date.now() + 60_000 });
    acknowledge({ held: requestId });
    if (number % 5 === 4) {
      await ledger.void(hold);
      acknowledge({ released: requestId });
    } else {
      const total = BigInt(1 + (number % 20));
      const line = { meter: 'output-text', quantity: 1, rate: { usd: '0.40', per: 1_000_000 }, amount: total } as const;
      const usage = { input: {}, output: { total: number }, toolCalls: {} };
      await ledger.settle(hold, { bill: { lines: [line], total, priceListId: 'list' }, usage, outcome: 'complete' });
      acknowledge({ settled: requestId, total: total.toString() });
    }
  }
}

/** Standard output writes pipes at once; what would still be buffered when the kill comes would only be missing from the proof. */
function acknowledge(fact: Readonly<Record<string, string>>): void {
  process.stdout.write(`${JSON.stringify(fact)}\n`);
}

await Promise.all(Array.from({ length: callers }, (_, caller) => call(caller)));
