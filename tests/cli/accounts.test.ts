import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import { temporaryHome, type Ended } from './flashmux-process.ts';
import { flashmuxInProcess } from './in-process.ts';

/** Accounts and movements of money on the books of a data folder that no server has open. */
let place: Awaited<ReturnType<typeof temporaryHome>>;
beforeAll(async () => {
  place = await temporaryHome();
});
afterAll(() => place.remove());

const flashmux = (...words: string[]): Promise<Ended> => flashmuxInProcess(words, place.home);

async function json(...words: string[]): Promise<JsonObject> {
  const ended = await flashmux(...words, '--json');
  if (ended.code !== 0) throw new Error(ended.stderr);
  return JSON.parse(ended.stdout);
}

test('a budget below a customer is made, shown with what all of them leave, and changed', async () => {
  await flashmux('accounts', 'create', 'customer', '--prepaid', '--overdraft', '2.5', '--low-balance', '1');
  expect((await flashmux('credits', 'topup', '10', '--account', 'customer')).stdout).toMatch(/^available +\$12\.50$/m);
  const made = ['accounts', 'create', 'team', '--parent', 'customer', '--budget', '100', '--period', 'month'];
  expect((await flashmux(...made)).stdout).toBe('team: budget $100.00/month, overdraft $0.00\n');
  expect((await flashmux(...made)).code).toBe(0);

  const shown = await flashmux('accounts', 'show', 'team');
  expect(shown.stdout).toMatch(/^below +customer > team$/m);
  expect(shown.stdout).toMatch(/^that all of them leave +\$12\.50$/m);
  expect(await json('accounts', 'show', 'team')).toMatchObject({
    id: 'team',
    parent: 'customer',
    budget: { amount_usd: '100.00', period: 'month' },
    spendable_nano_usd: '12500000000',
    path: [{ id: 'customer' }, { id: 'team' }],
  });

  expect(await json('accounts', 'set', 'team', '--budget', '50')).toMatchObject({
    budget: { amount_usd: '50.00', period: 'month' },
  });
  expect(await json('accounts', 'set', 'team', '--period', 'day')).toMatchObject({
    budget: { amount_usd: '50.00', period: 'day' },
  });
  expect(await json('accounts', 'set', 'customer', '--low-balance', 'none', '--overdraft', '0')).toMatchObject({
    low_balance_usd: null,
    overdraft_usd: '0.00',
    available_usd: '10.00',
  });
});

test('accounts are listed page by page, and those below one', async () => {
  for (const id of ['list-a', 'list-b', 'list-c']) await flashmux('accounts', 'create', id, '--parent', 'local');
  const first = await flashmux('accounts', 'ls', '--parent', 'local', '--limit', '2');
  expect(first.stdout).toMatch(/^id +parent +limit[^]*^list-a +local +none[^]*^list-b /m);
  expect(first.stderr).toContain('accounts ls --parent local --after list-b');
  const rest = await flashmux('accounts', 'ls', '--parent', 'local', '--after', 'list-b', '--json');
  expect(JSON.parse(rest.stdout)).toMatchObject([{ id: 'list-c', parent: 'local', available_usd: null }]);
});

test('credits and tokens that expire are given; without an end dollars are a top-up, and the command says so', async () => {
  await flashmux('accounts', 'create', 'free', '--prepaid');
  const plain = await flashmux('credits', 'grant', '1', '--account', 'free');
  expect(plain.stderr).toContain('Without --expires this is a top-up');
  const dollars = ['credits', 'grant', '--usd', '5', '--account', 'free', '--expires', '30d', '--renew', '30d', '--ref', 'tier'];
  const given = await flashmux(...dollars);
  expect(given.stderr).toBe('');
  expect(given.stdout).toMatch(/^available +\$6\.00$/m);
  expect(given.stdout).toMatch(/^tier +\$5\.00 +\$5\.00 +\d{4}-\S+Z +yes +all$/m);
  // The same ref again is the same grant, though its end would be a moment later.
  expect((await flashmux(...dollars)).stdout).toMatch(/^available +\$6\.00$/m);
  const tokens = ['--tokens', '1000000', '--models', 'alibaba/qwen-flash,qwen3.5-flash', '--expires', '90d', '--ref', 'tokens'];
  expect(await json('credits', 'grant', '--account', 'free', ...tokens)).toMatchObject({
    available_usd: '6.00',
    grants: [
      { ref: 'tier', unit: 'usd', renew_every_ms: 2_592_000_000 },
      { ref: 'tokens', unit: 'tokens', tokens: 1_000_000, tokens_left: 1_000_000, models: ['qwen-flash', 'qwen3.5-flash'] },
    ],
  });
});

test('a balance is corrected in both directions, with a reason that the ledger keeps', async () => {
  await flashmux('accounts', 'create', 'wrong', '--prepaid');
  await flashmux('credits', 'topup', '5', '--account', 'wrong', '--note', 'invoice 17');
  const less = await flashmux('credits', 'adjust', '--usd', '-1.25', '--note', 'billed twice', '--account', 'wrong');
  expect(less.stdout).toMatch(/^available +\$3\.75$/m);
  expect((await flashmux('credits', 'adjust', '--usd', '0.25', '--note', 'half back', '--account', 'wrong')).code).toBe(0);
  const ledger = await flashmux('credits', 'ledger', '--account', 'wrong', '--json');
  expect(JSON.parse(ledger.stdout)).toMatchObject([
    { kind: 'topup', amount_usd: '5.00', note: 'invoice 17' },
    { kind: 'adjust', amount_usd: '-1.25', amount_nano_usd: '-1250000000', note: 'billed twice' },
    { kind: 'adjust', amount_usd: '0.25', note: 'half back' },
  ]);
});

test.each([
  ['a period without a budget', ['accounts', 'create', 'x', '--period', 'day'], 2, /'--period' says when a --budget/],
  ['a period that there is not', ['accounts', 'create', 'x', '--budget', '1', '--period', 'year'], 2, /day, week, month, total/],
  ['an account below none', ['accounts', 'create', 'x', '--parent', 'nobody'], 1, /"nobody" does not exist/],
  ['a change of nothing', ['accounts', 'set', 'local'], 2, /say what is to change/],
  ['a budget for what has none', ['accounts', 'set', 'local', '--budget', '5'], 1, /has no budget/],
  ['a period for what has no budget', ['accounts', 'set', 'local', '--period', 'day'], 2, /'--period' says when a --budget/],
  ['a strange account', ['accounts', 'show', 'nobody'], 1, /No account "nobody"/],
  ['a grant of nothing', ['credits', 'grant'], 2, /say what is given, once/],
  ['a grant of two things', ['credits', 'grant', '5', '--tokens', '5', '--expires', '1d'], 2, /say what is given, once/],
  ['tokens without an end', ['credits', 'grant', '--tokens', '5'], 2, /a grant of tokens expires/],
  ['models for dollars', ['credits', 'grant', '5', '--models', 'qwen-flash', '--expires', '1d'], 2, /'--models' is for --tokens/],
  ['a renewal of what stays', ['credits', 'grant', '5', '--renew', '30d'], 2, /'--renew' is for what expires/],
  [
    'a strange model',
    ['credits', 'grant', '--tokens', '5', '--models', 'qwen-flahs', '--expires', '1d'],
    1,
    /Did you mean "qwen-flash"/,
  ],
  ['an end in the past', ['credits', 'grant', '5', '--expires', '2001-01-01'], 2, /in the future/],
  ['an adjustment without a reason', ['credits', 'adjust', '--usd', '1'], 2, /says why it was made/],
  ['an adjustment of nothing', ['credits', 'adjust', '--note', 'n'], 2, /required option '--usd/],
  ['a refund of what was never charged', ['credits', 'refund', 'req_none'], 1, /No request "req_none" was charged/],
  ['a top-up below nothing', ['credits', 'topup', '--', '-5'], 2, /Write dollars as digits/],
  ['a test of no webhook', ['webhooks', 'test'], 1, /No webhooks\.url is set/],
])('%s is refused with a sentence', async (_, words, code, complaint) => {
  const ended = await flashmux(...words);
  expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' });
  expect(ended.stderr).toMatch(complaint);
});
