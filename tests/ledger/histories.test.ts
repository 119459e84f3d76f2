import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { entryKinds } from '../../src/ledger/entry.ts';
import { anyHistory, longTale, mixedTale } from './history.ts';
import type { Step, Target } from './history.ts';
import { brokenRules, live } from './live.ts';
import { steppedMemory, steppedPostgres, steppedSqlite } from './stepped-stores.ts';
import type { Answers, SteppedStore } from './stepped-stores.ts';

// Law 7 of the architecture: whatever happens, in whatever order, however often, and whenever the process dies, the books are
// right, and every store tells the same story as the plain model. A failure prints its seed and its path; FLASHMUX_SEED=seed or
// FLASHMUX_SEED=seed,path runs it again.

const { FLASHMUX_FUZZ_RUNS: runs, FLASHMUX_SEED: place } = process.env;
const [seed, path] = place?.split(',') ?? [];

describe.each([
  { kind: 'memory', open: steppedMemory, tales: longTale, usualRuns: 250 },
  { kind: 'sqlite', open: steppedSqlite, tales: longTale, usualRuns: 250 },
  { kind: 'postgres', open: steppedPostgres, tales: mixedTale, usualRuns: 80 },
])('the books on $kind', ({ open, tales, usualRuns }) => {
  const numRuns = Number(runs ?? usualRuns);
  const again = { ...(seed === undefined ? {} : { seed: Number(seed) }), ...(path === undefined ? {} : { path }) };
  // Milliseconds, for a database that others use too.
  const timeout = 60_000 + 1_000 * numRuns;
  let store: SteppedStore;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(() => store.close());

  test(
    'are right after any history of credits, holds, leases, settlements, releases, expiries, replays and crashes',
    { timeout },
    async () => {
      await fc.assert(
        fc.asyncProperty(tales, async ({ history, isAsked }) => {
          await store.empty();
          await live(store, history, isAsked);
        }),
        { numRuns, ...again },
      );
    },
  );
});

test('the histories meet every answer that there is, and every kind of entry', async () => {
  const store = await steppedMemory();
  const met = new Set<unknown>();
  const meeting: SteppedStore = {
    ...store,
    run: async (works) => {
      const answers = await store.run(works);
      for (const kind of answers.flatMap(kindsOf)) met.add(kind);
      return answers;
    },
  };
  try {
    await fc.assert(
      fc.asyncProperty(anyHistory, async (history) => {
        await store.empty();
        await live(meeting, history);
        for (const { kind } of await store.rows('SELECT DISTINCT kind FROM entries')) met.add(kind);
      }),
      { numRuns: 200, seed: 1 },
    );
    expect([...met]).toEqual(expect.arrayContaining([...entryKinds, ...Object.values(answersTo).flat()]));
  } finally {
    await store.close();
  }
});

const answersTo = {
  hold: ['held', 'replayed', 'short', 'taken', 'no-account', 'running', 'done', 'mismatch'],
  end: ['posted', 'late', 'voided', 'ended', 'no-hold'],
  others: ['leased', 'credited', 'refunded', 'too-much', 'no-charge', 'granted'],
};

/** What an answer says it is; a repeated request says what became of the first. */
function kindsOf(answer: Answers[number]): readonly unknown[] {
  if (answer.status === 'rejected') return [];
  const values: readonly unknown[] = Array.isArray(answer.value) ? answer.value : [answer.value];
  return values.flatMap((value) => {
    if (typeof value !== 'object' || value === null || !('kind' in value)) return [];
    return 'state' in value ? [value.kind, value.state] : [value.kind];
  });
}

interface Wish {
  readonly target: Target;
  readonly amount: bigint;
  /** Undefined: nothing came of it. */
  readonly cost: bigint | undefined;
  /** 0: all of it. */
  readonly refunded: bigint;
}

const anyWish: fc.Arbitrary<Wish> = fc.record({
  target: fc.constantFrom({ accountId: 'team', budgetId: 'key' }, { accountId: 'team' }, { accountId: 'customer' }),
  amount: fc.bigInt({ min: 0n, max: 10n }),
  cost: fc.option(fc.bigInt({ min: 0n, max: 12n }), { nil: undefined }),
  refunded: fc.bigInt({ min: 0n, max: 3n }),
});

test('whatever order requests go on in beside each other, the sums at the end are the same', async () => {
  const store = await steppedMemory();
  const sumsAfter = async (steps: readonly Step[]): Promise<unknown> => {
    await store.empty();
    await live(store, [{ kind: 'group', steps }]);
    return store.rows('SELECT id, credits, debits, pending FROM accounts ORDER BY id');
  };
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(anyWish, { minLength: 2, maxLength: 5 }), fc.infiniteStream(fc.nat()), async (wishes, chance) => {
        const chains = wishes.map((wish, number) => chainOf(`r${number + 1}`, wish));
        expect(await sumsAfter(merged(chains, chance))).toEqual(await sumsAfter(chains.flat()));
      }),
      { numRuns: 100 },
    );
  } finally {
    await store.close();
  }
});

function chainOf(request: string, { target, amount, cost, refunded }: Wish): readonly Step[] {
  const used = { count: 0, amount: 0n };
  const hold: Step = { kind: 'hold', request, target, amount, tokens: undefined, isOnce: false, lifetime: 9 };
  if (cost === undefined) return [hold, { kind: 'void', request, recorded: true }];
  const settle: Step = { kind: 'settle', request, cost, used, result: false };
  return [hold, settle, { kind: 'refund', request, amount: refunded === 0n ? undefined : refunded, ref: `back ${request}` }];
}

/** Each chain keeps its order; whose turn it is is chance. */
function merged(chains: readonly (readonly Step[])[], chance: IterableIterator<number>): readonly Step[] {
  const left = chains.map((chain) => [...chain]);
  const steps: Step[] = [];
  for (let open = left; open.length > 0; open = open.filter((chain) => chain.length > 0)) {
    const chain = open[Number(chance.next().value) % open.length];
    const step = chain?.shift();
    if (step !== undefined) steps.push(step);
  }
  return steps;
}

test.each([
  ['a hold that appears from nowhere', 'I2', [`UPDATE accounts SET pending = 1 WHERE id = 'free'`]],
  ['a debit without an entry', 'I1, I9: debits', [`UPDATE accounts SET debits = debits + 1 WHERE id = 'free'`]],
  ['a credit without an entry', 'I1, I9: credits', [`UPDATE accounts SET credits = credits + 1 WHERE id = 'free'`]],
  [
    'a second charge',
    'I4: each request',
    [
      `INSERT INTO entries (account_id, kind, amount, ref, posted_at) VALUES ('team', 'late', -3, 'r1', 1)`,
      `UPDATE accounts SET debits = debits + 3 WHERE id = 'team'`,
    ],
  ],
  [
    'a charge that one account of the path never saw',
    'I4: a charge is the same',
    [
      `DROP TRIGGER entries_are_never_removed`,
      `DELETE FROM entries WHERE account_id = 'customer' AND ref = 'r1'`,
      `UPDATE accounts SET debits = debits - 7 WHERE id = 'customer'`,
    ],
  ],
  ['a charge without a record', 'I4: what was posted', [`DELETE FROM tool_lines`, `DELETE FROM request_records`]],
  ['a charge that somebody changed', 'I4: a charge is the same', [`UPDATE holds SET charged = 6 WHERE request_id = 'r1'`]],
  ['a result of what was never charged', 'I4: a key', [`UPDATE holds SET state = 'void' WHERE request_id = 'r1'`]],
  ['a charge of what was not posted', 'I6: no charge', [`UPDATE holds SET state = 'void' WHERE request_id = 'r1'`]],
  ['more paid than was set aside', 'I6: no more money', [`UPDATE holds SET reserved = 6 WHERE request_id = 'r1'`]],
  ['more given back than was paid', 'I6: no more is given', [`UPDATE holds SET refunded = 8 WHERE request_id = 'r1'`]],
  ['a refund that nobody was charged for', 'I7: what was given', [`UPDATE holds SET refunded = 1 WHERE request_id = 'r1'`]],
  ['money from nowhere', 'I7: what all', [`UPDATE accounts SET credits = credits + 1 WHERE id = 'free'`]],
  ['tokens that nobody holds', 'a grant counts on', [`UPDATE grants SET pending = 1`]],
  ['a grant that was forgotten', 'an account knows its open grants', [`UPDATE accounts SET open_token_grants = 0`]],
  ['a hold of a process that is gone', 'no process that is gone', [`UPDATE epochs SET ended_at = 1`]],
  [
    'a sum of usage that no record explains',
    'usage has no sum',
    [`UPDATE usage_sums SET charged = charged + 1 WHERE unit = 'day'`],
  ],
  ['a record that no sum has', 'all records come', [`DELETE FROM usage_sums WHERE unit = 'hour'`]],
  ['a gap in the numbers', 'I8', [`DROP TRIGGER entries_are_never_edited`, `UPDATE entries SET seq = 99 WHERE seq = 1`]],
])('the books are really looked at: %s is found', async (_, rule, damage) => {
  const store = await steppedMemory();
  try {
    const target = { accountId: 'team' };
    const held = { kind: 'hold', target, amount: 9n, tokens: undefined, lifetime: 9 } as const;
    await live(store, [
      {
        kind: 'group',
        steps: [
          {
            kind: 'grant',
            account: 'solo',
            ref: 'g1',
            terms: { gift: { unit: 'tokens', count: 5 }, lifetime: 90, renewEveryMs: undefined },
          },
          { ...held, request: 'r1', isOnce: true },
          { kind: 'settle', request: 'r1', cost: 7n, used: { count: 0, amount: 0n }, result: true },
          { ...held, request: 'r5', isOnce: false },
        ],
      },
    ]);
    expect(await brokenRules(store)).toEqual([]);
    for (const statement of damage) await store.rows(statement);
    expect(await brokenRules(store)).toContainEqual(expect.stringContaining(rule));
  } finally {
    await store.close();
  }
});
