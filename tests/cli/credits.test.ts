import { afterAll, beforeAll, expect, test } from 'vitest';
import { runFlashmux, temporaryHome, type Ended } from './flashmux-process.ts';

/** Commands on the books of a data folder that no server has open. */
let place: Awaited<ReturnType<typeof temporaryHome>>;
beforeAll(async () => {
  place = await temporaryHome();
});
afterAll(() => place.remove());

const flashmux = (...words: string[]): Promise<Ended> => runFlashmux(words, { home: place.home });

test('an account is made, filled to the last nano-dollar, and its ledger read page by page', async () => {
  expect(await flashmux('accounts', 'create', 'acme', '--prepaid')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^acme: prepaid/),
  });
  expect(await flashmux('accounts', 'create', 'acme', '--prepaid')).toMatchObject({ code: 0 });
  expect(await flashmux('accounts', 'create', 'acme')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('exists already'),
  });
  expect((await flashmux('credits', 'grant', '5.000000001', '--account', 'acme', '--ref', 'a')).code).toBe(0);
  // The same ref again is the same grant.
  expect((await flashmux('credits', 'grant', '5.000000001', '--account', 'acme', '--ref', 'a')).code).toBe(0);
  expect((await flashmux('credits', 'grant', '$1', '--account', 'acme')).stdout).toMatch(/^available +\$6\.000000001$/m);
  const page = await flashmux('credits', 'ledger', '--account', 'acme', '--limit', '1', '--json');
  expect(JSON.parse(page.stdout)).toMatchObject([{ entry: 1, kind: 'topup', amount_nano_usd: '5000000001', ref: 'a' }]);
  const rest = await flashmux('credits', 'ledger', '--account', 'acme', '--after', '1', '--json');
  expect(JSON.parse(rest.stdout)).toMatchObject([{ entry: 2, amount_usd: '1.00', ref: expect.stringMatching(/^grant_/) }]);
  expect((await flashmux('credits', 'ledger', '--account', 'acme', '--limit', '1')).stderr).toContain('--after 1');
});

test('a key spends the credits of the account that it was made for', async () => {
  await flashmux('accounts', 'create', 'key-owner');
  expect(JSON.parse((await flashmux('keys', 'create', '--account', 'key-owner', '--json')).stdout)).toMatchObject({
    account: 'key-owner',
  });
  expect(await flashmux('keys', 'create', '--account', 'nobody')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('No account "nobody"'),
  });
});

test.each([
  ['a part of a nano-dollar', ['credits', 'grant', '0.0000000001'], 2, /at most 9 decimals/],
  ['a negative grant', ['credits', 'grant', '-5'], 2, /Write dollars as digits/],
  ['words for dollars', ['credits', 'grant', 'five'], 2, /Write dollars as digits/],
  ['nothing', ['credits', 'grant', '0'], 1, /above \$0\.00/],
  ['an account that is not there', ['credits', 'balance', '--account', 'nobody'], 1, /No account "nobody"/],
  ['a span of no unit', ['usage', '--since', '7'], 2, /such as 7d/],
  [
    'a grouping that is not there',
    ['usage', '--by', 'colour'],
    2,
    /Allowed choices are model, key, day, provider, user, tag, tool/,
  ],
  ['a record that is not there', ['logs', 'show', 'req_none'], 1, /no record of "req_none"/],
  ['a page of no rows', ['logs', 'ls', '--limit', '0'], 2, /from 1 to 1000/],
])('%s is refused with a sentence', async (_, words, code, complaint) => {
  const ended = await flashmux(...words);
  expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' });
  expect(ended.stderr).toMatch(complaint);
});

test('what was not used yet is an empty table, with its columns', async () => {
  expect((await flashmux('usage', '--by', 'day', '--csv')).stdout).toMatch(/^day,requests,[a-z_,]+,cost_usd\r\n$/);
  expect((await flashmux('usage', '--json')).stdout).toBe('[]\n');
  expect((await flashmux('logs', 'ls')).stdout).toMatch(/^request +ended/);
});
