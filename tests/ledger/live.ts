import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import type { Entry } from '../../src/ledger/entry.ts';
import type { LedgerStore } from '../../src/ledger/ledger-store.ts';
import {
  accountColumns,
  entryColumns,
  grantColumns,
  holdColumns,
  readAccount,
  readEntry,
  readGrant,
  readHold,
} from '../../src/store/sql/ledger-rows.ts';
import { accountIds, beginning, firstCredits, leasedIds, leaseIds, openings, requestIds } from './history.ts';
import type { Moment, Step } from './history.ts';
import { PlainBooks } from './plain-books.ts';
import { PlainLeases } from './plain-leases.ts';
import { moneyOf, PlainLedger } from './plain-ledger.ts';
import type { Money } from './plain-ledger.ts';
import type { Answers, SteppedStore } from './stepped-stores.ts';
import { takeStep } from './take-step.ts';
import type { Ports } from './take-step.ts';
import { wrongBooks } from './wrong-books.ts';

/**
 * Lives through a history twice, in the store and in the plain model. After every moment both must have answered the same and must
 * tell the same of everybody's money, and no query may find a row that breaks an invariant; at the end they must agree in all. Where
 * looking costs more than living, the tables are looked at once, at the end.
 */
export async function live(store: SteppedStore, history: readonly Moment[], isAsked = true): Promise<void> {
  let now = beginning;
  let epoch = 1;
  const books = new PlainBooks();
  let model = modelOf(books, epoch, now);
  const { beginning: kept } = store;
  const isBegun = kept?.isKept === true;
  let real = isBegun ? kept.ports('epoch-1') : await store.begin('epoch-1', now);
  for (const wish of openings) {
    const value = await model.ledger.openAccount(wish);
    if (isBegun) continue;
    const [answer] = await store.run([() => real.ledger.openAccount(wish)]);
    expect(answer).toEqual({ status: 'fulfilled', value });
  }
  const both = async (steps: readonly Step[]): Promise<void> => {
    const answers = await store.run(steps.map((step) => () => takeStep(real, step, now)));
    for (const [position, step] of steps.entries()) {
      const [wanted] = await Promise.allSettled([takeStep(model, step, now)]);
      expectSame(store, step, { answer: answers[position], wanted });
    }
  };
  if (isBegun) for (const step of firstCredits) await takeStep(model, step, now);
  else {
    await both(firstCredits);
    await kept?.keep();
  }
  for (const moment of history) {
    switch (moment.kind) {
      case 'time':
        now += moment.milliseconds;
        continue;
      case 'restart':
        epoch += 1;
        model = modelOf(books, epoch, now);
        real = await store.begin(`epoch-${epoch}`, now);
        break;
      case 'group':
        await both(moment.steps);
        break;
      case 'twice': {
        await both([moment.step]);
        const once = await moneyIn(store);
        await both([moment.step]);
        expectEqual(await moneyIn(store), once, 'the same again changed something');
        break;
      }
      case 'lost-group': {
        if (store.lose === undefined) continue;
        const answers = await store.lose(moment.steps.map((step) => () => takeStep(real, step, now)));
        for (const answer of answers) expect(answer.status).toBe('rejected');
        break;
      }
    }
    if (store.isLookedAt === 'after each moment') await lookAt(store, books);
  }
  await lookAt(store, books);
  if (!isAsked) return;
  for (const [position, answer] of (await store.run(questions(real.ledger, now))).entries()) {
    const value = await questions(model.ledger, now)[position]?.();
    expectEqual(
      comparable(store, answer),
      comparable(store, { status: 'fulfilled', value }),
      `the answer to question ${position}`,
    );
  }
}

/** No query may find a row that breaks an invariant, and the tables have what the model has. */
async function lookAt(store: SteppedStore, books: PlainBooks): Promise<void> {
  const broken = await brokenRules(store);
  if (broken.length > 0) expect(broken).toEqual([]);
  expectEqual(comparable(store, await moneyIn(store)), comparable(store, moneyOf(books)), "everybody's money");
}

/** The invariants that some row breaks; empty where the books are right. */
export async function brokenRules(store: Pick<SteppedStore, 'sql' | 'rowsOfEach'>): Promise<readonly string[]> {
  const rules = Object.entries(wrongBooks(store.sql));
  const found = await store.rowsOfEach(rules.map(([, text]) => text));
  return rules.flatMap(([rule], position) => {
    const [row] = found[position] ?? [];
    return row === undefined ? [] : [`${rule}: ${Object.values(row).join(', ')}`];
  });
}

function modelOf(books: PlainBooks, epoch: number, startedAt: number): Ports {
  const epochId = `epoch-${epoch}`;
  return { ledger: new PlainLedger(books, epochId, startedAt), leases: new PlainLeases(books, epochId) };
}

function expectSame(
  store: SteppedStore,
  step: Step,
  { answer, wanted }: { readonly answer: Answers[number] | undefined; readonly wanted: Answers[number] },
): void {
  const words = `the answer to ${JSON.stringify(step, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))}`;
  // Why a wish without sense fails is the store's business.
  if (wanted.status === 'rejected') expect(answer?.status, words).toBe('rejected');
  else expectEqual(comparable(store, answer), comparable(store, wanted), words);
}

/** The assertion tells what differs, and takes its time for it: it is asked only where something does. */
function expectEqual(value: unknown, wanted: unknown, words: string): void {
  if (!isDeepStrictEqual(value, wanted)) expect(value, words).toEqual(wanted);
}

/** Everybody's money, as the rows of the tables have it. */
async function moneyIn(store: SteppedStore): Promise<Money> {
  const [accounts = [], holds = [], grants = [], entries = []] = await store.rowsOfEach([
    `SELECT ${accountColumns} FROM accounts ORDER BY id`,
    `SELECT ${holdColumns} FROM holds ORDER BY request_id`,
    `SELECT ${grantColumns} FROM grants ORDER BY ref`,
    `SELECT ${entryColumns} FROM entries ORDER BY seq`,
  ]);
  return {
    accounts: accounts.map(readAccount),
    holds: holds.map(readHold),
    grants: grants.map(readGrant),
    entries: withoutChance(entries.map(readEntry)),
  };
}

/** Everything that a store tells of itself when it is asked. */
function questions(ledger: LedgerStore, now: number): readonly (() => Promise<unknown>)[] {
  const span = { from: beginning + 20, until: beginning + 86_400_000 };
  return [
    () => ledger.accounts({ limit: 100 }),
    () => ledger.accounts({ afterId: 'free', parentId: 'customer', limit: 2 }),
    () => ledger.findPath('key'),
    () => ledger.overdue(now),
    () => ledger.records({ accountId: 'team', limit: 2, before: { requestId: 'r4', at: now } }),
    () => ledger.toolUsage({ accountId: 'team', ...span }),
    () => ledger.usage({ accountId: 'team', groupBy: 'model', ...span }),
    () => ledger.usage({ accountId: 'team', groupBy: 'key', ...span }),
    () => ledger.usage({ accountId: 'solo', groupBy: 'day', from: 0, until: now }),
    () => ledger.usage({ accountId: 'free', groupBy: 'model', keyId: 'key-1', from: 0, until: now + 1 }),
    ...(['hour', 'provider', 'user', 'tag', 'credential'] as const).map(
      (groupBy) => () => ledger.usage({ accountId: 'team', groupBy, ...span }),
    ),
    () => ledger.usage({ accountId: 'team', groupBy: 'tag', tags: ['a', 'b'], provider: 'p', ...span }),
    () => ledger.usage({ accountId: 'team', groupBy: 'user', usedOwnKey: false, model: 'model-1', ...span }),
    () => ledger.usage({ accountId: 'solo', groupBy: 'credential', endUser: 'user-1', from: 0, until: now + 1 }),
    () => ledger.findRecordOfAnswer('gen_r1'),
    ...accountIds.map((accountId) => () => ledger.entries({ accountId, limit: 1_000 }).then(withoutChance)),
    ...accountIds.map((accountId) => () => ledger.grants(accountId)),
    ...accountIds.map((accountId) => () => ledger.records({ accountId, limit: 20 })),
    ...[...requestIds, ...leasedIds, ...leaseIds].map((id) => () => ledger.findHold(id)),
  ];
}

/** A period may begin twice at the same moment, should a clock go back: a store makes the two refs differ. */
function withoutChance(entries: readonly Entry[]): readonly Entry[] {
  return entries.map((entry) => (entry.kind === 'reset' ? { ...entry, ref: entry.ref.replace(/#\d+$/, '') } : entry));
}

/** A rollback leaves a gap in the numbers of PostgreSQL, so there the order of entries counts and not their number. */
function comparable(store: SteppedStore, value: unknown): unknown {
  return store.sql === 'sqlite' ? value : withoutNumbers(value);
}

function withoutNumbers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNumbers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => (name === 'seq' ? [] : [[name, withoutNumbers(inner)]])),
  );
}
