import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { openSqliteBackupSource } from '../../src/store/backup/sqlite-backup-source.ts';
import type { Store } from '../../src/store/store.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { BackupPlace, dataFileOf, withDatabase } from './backup-place.ts';
import { anyLoad, Load, loadAt, openAccounts, type Fact } from './load.ts';
import { expectRightBooks } from './right-books.ts';

// Fault 14 of the reliability list: a backup that is made while money moves is a store with right books, and misses nothing that
// was acknowledged before it began.

let place: BackupPlace;
beforeEach(async () => {
  place = await BackupPlace.make();
});
afterEach(() => place.remove());

function open(file: string, epochId: string): Promise<Store> {
  return openSqliteStore({ path: file, log: silentLog, clock: { now: () => loadAt }, epochId });
}

async function expectKnown(ledger: LedgerStore, fact: Fact): Promise<void> {
  switch (fact.kind) {
    case 'credited': {
      const answer = await ledger.credit({
        accountId: fact.account,
        kind: 'topup',
        amount: fact.amount,
        ref: fact.ref,
        at: loadAt,
      });
      expect(answer.kind, fact.ref).toBe('replayed');
      break;
    }
    case 'charged':
      expect(await ledger.findRecord(fact.request), fact.request).toMatchObject({ charged: fact.charged, outcome: 'complete' });
      break;
    case 'refunded':
      expect(await ledger.refund({ requestId: fact.request, ref: fact.ref, at: loadAt })).toMatchObject({ kind: 'replayed' });
      break;
    case 'ended':
      expect(await ledger.findHold(fact.request), fact.request).toMatchObject({ state: fact.state });
      break;
  }
}

test('a backup under load is restored with right books, and has all that was acknowledged before it began', async () => {
  let acknowledgedMeanwhile = 0;
  let releasedHolds = 0;
  await fc.assert(
    fc.asyncProperty(anyLoad, fc.integer({ min: 1, max: 150 }), async (callers, startAfter) => {
      const file = dataFileOf(place.fresh('home'));
      const store = await open(file, 'boot_1');
      await openAccounts(store.ledger);
      const load = new Load(store.ledger, callers);
      await load.sees(startAfter);
      const acknowledged = [...load.facts];
      const backup = await place.backUp(file);
      acknowledgedMeanwhile += load.facts.length - acknowledged.length;
      await load.stop();
      await store.close();

      const home = place.fresh('restored');
      await place.restore(backup, home);
      const entries = 'SELECT * FROM entries ORDER BY seq';
      withDatabase(dataFileOf(home), (sql) => {
        expectRightBooks(sql);
        // One moment of the history: the entries up to some number, each as it is in the store that went on.
        const restored = sql.rows({ text: entries, values: [] });
        const all = withDatabase(file, (original) => original.rows({ text: entries, values: [] }));
        expect(restored).toEqual(all.slice(0, restored.length));
        releasedHolds += sql.rows({ text: `SELECT 1 FROM holds WHERE state = 'open'`, values: [] }).length;
      });

      const restored = await open(dataFileOf(home), 'boot_2');
      try {
        for (const fact of acknowledged) await expectKnown(restored.ledger, fact);
      } finally {
        await restored.close();
      }
      withDatabase(dataFileOf(home), (sql) => {
        expectRightBooks(sql);
        expect(sql.rows({ text: `SELECT 1 FROM holds WHERE state = 'open'`, values: [] })).toEqual([]);
        expect(sql.rows({ text: 'SELECT 1 FROM accounts WHERE pending <> 0', values: [] })).toEqual([]);
      });
    }),
    { numRuns: Math.ceil(Number(process.env['FLASHMUX_FUZZ_RUNS'] ?? 1_000) / 80) },
  );
  // The histories must have been about something.
  expect(acknowledgedMeanwhile).toBeGreaterThan(0);
  expect(releasedHolds).toBeGreaterThan(0);
});

test('a reader that takes its time keeps nobody waiting', async () => {
  const file = dataFileOf(place.fresh('home'));
  const store = await open(file, 'boot_1');
  try {
    await openAccounts(store.ledger);
    const source = openSqliteBackupSource(file);
    try {
      for (let number = 0; number < 50; number++) {
        const wish = { accountId: 'free', kind: 'topup', amount: 1n, ref: `during_${number}`, at: loadAt } as const;
        expect(await store.ledger.credit(wish)).toMatchObject({ kind: 'credited' });
      }
      expect([...(await rowsOf(source.rows('entries')))].filter((row) => row['account_id'] === 'free')).toEqual([]);
    } finally {
      await source.close();
    }
  } finally {
    await store.close();
  }
});

async function rowsOf<Row>(rows: Iterable<Row> | AsyncIterable<Row>): Promise<readonly Row[]> {
  const all: Row[] = [];
  for await (const row of rows) all.push(row);
  return all;
}
