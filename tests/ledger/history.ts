import fc from 'fast-check';
import type { NewAccount } from '../../src/ledger/account.ts';
import type { HeldTokens } from '../../src/ledger/ledger-store.ts';

// What can happen to a ledger, as data: few accounts, ids and refs, so that everything meets everything.

export type Step =
  | { readonly kind: 'credit'; readonly account: string; readonly amount: bigint; readonly ref: string }
  | { readonly kind: 'adjust'; readonly account: string; readonly amount: bigint; readonly ref: string }
  | { readonly kind: 'refund'; readonly request: string; readonly amount: bigint | undefined; readonly ref: string }
  | { readonly kind: 'grant'; readonly account: string; readonly ref: string; readonly terms: GrantTerms }
  | { readonly kind: 'change'; readonly account: string; readonly change: Change }
  | HoldStep
  | { readonly kind: 'settle'; readonly request: string; readonly cost: bigint; readonly used: Used; readonly result: boolean }
  | { readonly kind: 'void'; readonly request: string; readonly recorded: boolean }
  | { readonly kind: 'overdue' }
  | { readonly kind: 'expire'; readonly requests: readonly string[] }
  | { readonly kind: 'prune' }
  | { readonly kind: 'tell-low'; readonly account: string; readonly below: bigint }
  | { readonly kind: 'untell-low'; readonly account: string }
  | { readonly kind: 'lease'; readonly lease: string; readonly target: Target; readonly most: bigint; readonly least: bigint }
  | { readonly kind: 'end-in-lease'; readonly lease: string; readonly ends: readonly End[] }
  | { readonly kind: 'return'; readonly lease: string; readonly amount: bigint | undefined };

interface HoldStep {
  readonly kind: 'hold';
  readonly request: string;
  readonly target: Target;
  readonly amount: bigint;
  readonly tokens: HeldTokens | undefined;
  readonly isOnce: boolean;
  readonly lifetime: number;
}

export interface Target {
  readonly accountId: string;
  readonly budgetId?: string;
}

interface Used {
  readonly count: number;
  readonly amount: bigint;
}

export interface GrantTerms {
  readonly gift:
    | { readonly unit: 'usd'; readonly amount: bigint }
    | { readonly unit: 'tokens'; readonly count: number; readonly models?: readonly string[] };
  readonly lifetime: number;
  readonly renewEveryMs: number | undefined;
}

type Change =
  | { readonly overdraft: bigint }
  | { readonly budget: { readonly amount: bigint; readonly period: 'day' | 'week' | 'month' | 'total' } }
  | { readonly lowBalance: bigint | null };

interface End {
  readonly request: string;
  readonly held: bigint;
  /** Undefined: nothing came of it. */
  readonly cost: bigint | undefined;
  /** Nobody ended it in time. */
  readonly isOverdue: boolean;
}

export type Moment =
  | { readonly kind: 'group'; readonly steps: readonly Step[] }
  /** The process dies before the group's commit: nothing of it may be seen. */
  | { readonly kind: 'lost-group'; readonly steps: readonly Step[] }
  /** The commit is done and its answer lost: whoever asked asks again, and nothing more may come of it. */
  | { readonly kind: 'twice'; readonly step: Step }
  | { readonly kind: 'restart' }
  | { readonly kind: 'time'; readonly milliseconds: number };

const minute = 60_000;
const day = 1_440 * minute;

/** Ten minutes before a midnight that begins a month; two days before one that begins a week. */
export const beginning = Date.UTC(2027, 4, 31, 23, 50);

/** A customer with a team below it and the budget of a key below that; and others. */
export const openings: readonly NewAccount[] = [
  { id: 'customer', limit: 'prepaid', overdraft: 0n, createdAt: beginning },
  { id: 'team', limit: 'prepaid', overdraft: 20n, createdAt: beginning, parentId: 'customer' },
  { id: 'key', limit: 'prepaid', overdraft: 0n, createdAt: beginning, parentId: 'team', budget: { amount: 90n, period: 'day' } },
  { id: 'solo', limit: 'prepaid', overdraft: 50n, createdAt: beginning },
  { id: 'free', limit: 'none', overdraft: 0n, createdAt: beginning },
  {
    id: 'trial',
    limit: 'prepaid',
    overdraft: 5n,
    createdAt: beginning,
    parentId: 'free',
    budget: { amount: 60n, period: 'month' },
  },
];

export const accountIds = [...openings.map(({ id }) => id), 'nobody'];
export const requestIds = ['r1', 'r2', 'r3', 'r4', 'r5'];
export const leasedIds = ['q1', 'q2', 'q3'];
export const leaseIds = ['l1', 'l2'];

const targets: readonly Target[] = [
  { accountId: 'team', budgetId: 'key' },
  { accountId: 'team' },
  { accountId: 'customer' },
  { accountId: 'solo' },
  { accountId: 'free' },
  { accountId: 'free', budgetId: 'trial' },
];

/** A budget that is not below the account that is to pay, and an account that is not there. */
const strangers: readonly Target[] = [{ accountId: 'solo', budgetId: 'key' }, { accountId: 'nobody' }];

/** What they begin with. */
export const firstCredits: readonly Step[] = [
  { kind: 'credit', account: 'customer', amount: 400n, ref: 'first customer' },
  { kind: 'credit', account: 'team', amount: 200n, ref: 'first team' },
  { kind: 'credit', account: 'solo', amount: 60n, ref: 'first solo' },
];

/** Requests that share a key are for one account; r3 is another request than r1 and r2. */
export const keyed: Readonly<Record<string, { readonly key: string; readonly fingerprint: string; readonly target: Target }>> = {
  r1: { key: 'k1', fingerprint: 'f1', target: { accountId: 'team', budgetId: 'key' } },
  r2: { key: 'k1', fingerprint: 'f1', target: { accountId: 'team', budgetId: 'key' } },
  r3: { key: 'k1', fingerprint: 'f2', target: { accountId: 'team' } },
  r4: { key: 'k2', fingerprint: 'f1', target: { accountId: 'solo' } },
};

const anyAccount = fc.oneof(
  { weight: 19, arbitrary: fc.constantFrom(...openings.map(({ id }) => id)) },
  { weight: 1, arbitrary: fc.constant('nobody') },
);
const anyRequest = fc.constantFrom(...requestIds);
const anyTarget = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...targets) },
  { weight: 1, arbitrary: fc.constantFrom(...strangers) },
);
const anyLease = fc.constantFrom(...leaseIds);
const upTo = (max: bigint): fc.Arbitrary<bigint> => fc.bigInt({ min: 0n, max });
const within = (min: bigint, max: bigint): fc.Arbitrary<bigint> => fc.bigInt({ min, max });
const perhaps = <Value>(some: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> => fc.option(some, { nil: undefined });
const anyPeriod = fc.constantFrom('day' as const, 'week' as const, 'month' as const, 'total' as const);

const anyHold: fc.Arbitrary<Step> = fc
  .record({
    kind: fc.constant('hold' as const),
    request: anyRequest,
    target: anyTarget,
    amount: upTo(100n),
    tokens: perhaps(fc.record({ count: fc.nat(20), percent: upTo(100n), model: fc.constantFrom('m', 'n') })),
    isOnce: fc.boolean(),
    lifetime: fc.nat(20),
  })
  .map(({ tokens, ...wish }) => ({
    ...wish,
    tokens: tokens && { count: tokens.count, amount: (wish.amount * tokens.percent) / 100n, model: tokens.model },
  }));

const anyGrant: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('grant' as const),
  account: anyAccount,
  ref: fc.constantFrom('g1', 'g2', 'g3', 'g4'),
  terms: fc.record({
    gift: fc.oneof(
      fc.record({ unit: fc.constant('usd' as const), amount: within(1n, 80n) }),
      fc.record({ unit: fc.constant('tokens' as const), count: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ unit: fc.constant('tokens' as const), count: fc.constant(60), models: fc.constant(['m']) }),
    ),
    lifetime: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.constantFrom(minute, day)),
    renewEveryMs: perhaps(fc.constantFrom(7, 40, minute, day)),
  }),
});

const anyChange: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('change' as const),
  account: fc.constantFrom('key', 'trial', 'key', 'team', 'solo', 'free', 'nobody'),
  change: fc.oneof(
    fc.record({ overdraft: upTo(60n) }),
    fc.record({ budget: fc.record({ amount: upTo(120n), period: anyPeriod }) }),
    fc.record({ lowBalance: fc.option(upTo(80n)) }),
  ),
});

const anyLeaseStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('lease' as const),
    lease: anyLease,
    target: anyTarget,
    most: within(1n, 90n),
    least: within(1n, 10n),
  }),
  fc.record({
    kind: fc.constant('end-in-lease' as const),
    lease: anyLease,
    ends: fc.array(
      fc.record({
        request: fc.constantFrom(...leasedIds),
        held: upTo(50n),
        cost: perhaps(upTo(60n)),
        isOverdue: fc.integer({ min: 0, max: 5 }).map((number) => number === 5),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  }),
  fc.record({ kind: fc.constant('return' as const), lease: anyLease, amount: perhaps(upTo(50n)) }),
);

const anySettle: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('settle' as const),
  request: anyRequest,
  cost: upTo(110n),
  used: fc.record({ count: fc.nat(25), amount: upTo(110n) }),
  result: fc.boolean(),
});

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('credit' as const),
      account: anyAccount,
      amount: within(1n, 150n),
      ref: fc.constantFrom('a', 'b', 'c', 'd'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('adjust' as const),
      account: anyAccount,
      amount: fc.bigInt({ min: -60n, max: 60n }).filter((amount) => amount !== 0n),
      ref: fc.constantFrom('a', 'b'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('refund' as const),
      request: fc.constantFrom(...requestIds, 'q1'),
      amount: perhaps(within(1n, 30n)),
      ref: fc.constantFrom('a', 'b'),
    }),
  },
  { weight: 3, arbitrary: anyGrant },
  { weight: 1, arbitrary: anyChange },
  { weight: 10, arbitrary: anyHold },
  { weight: 8, arbitrary: anySettle },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('void' as const), request: anyRequest, recorded: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'overdue' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('expire' as const),
      requests: fc.uniqueArray(anyRequest, { maxLength: 3, size: 'max' }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'prune' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('tell-low' as const),
      account: fc.constantFrom(...openings.map(({ id }) => id)),
      below: upTo(100n),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('untell-low' as const), account: anyAccount }) },
  { weight: 6, arbitrary: anyLeaseStep },
);

/** Parts of a lease are given back without a name of their own, so the same again is another part. */
function isDoneOnce(step: Step): boolean {
  return step.kind !== 'return' || step.amount === undefined;
}

const someSteps = fc.array(anyStep, { minLength: 1, maxLength: 6, size: 'max' });

const anyMoment: fc.Arbitrary<Moment> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('group' as const), steps: someSteps }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lost-group' as const), steps: someSteps }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('twice' as const), step: anyStep.filter(isDoneOnce) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('time' as const),
      milliseconds: fc.oneof(
        { weight: 3, arbitrary: fc.nat(60) },
        { weight: 2, arbitrary: fc.constantFrom(minute, 11 * minute, day, 3 * day) },
      ),
    }),
  },
);

export const anyHistory: fc.Arbitrary<readonly Moment[]> = fc.array(anyMoment, { minLength: 1, maxLength: 16, size: 'max' });

const shortHistory: fc.Arbitrary<readonly Moment[]> = fc.array(anyMoment, { minLength: 1, maxLength: 5, size: 'max' });

export interface Tale {
  readonly history: readonly Moment[];
  /** Whether the store is asked for everything that it can tell, once it is over. */
  readonly isAsked: boolean;
}

export const longTale: fc.Arbitrary<Tale> = anyHistory.map((history) => ({ history, isAsked: true }));

/** For a store to which every question costs a journey: many short ones that are asked little, and as many long ones as there is time for. */
export const mixedTale: fc.Arbitrary<Tale> = fc.oneof(
  { weight: 7, arbitrary: shortHistory.map((history) => ({ history, isAsked: false })) },
  { weight: 1, arbitrary: longTale },
);
