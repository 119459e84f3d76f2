import { describe, expect, test } from 'vitest';
import { checkAll, checkFile } from './check-money.ts';

const messages = (source: string): readonly string[] => checkFile('src/metering/x.ts', source).map(({ message }) => message);

describe('a floating-point number on the way of money is refused:', () => {
  test.each([
    ['a literal with decimals', 'const factor = 1.3;', '1.3 is no whole number'],
    ['a literal with a negative exponent', 'const factor = 1e-9;', '1e-9 is no whole number'],
    ['parseFloat', 'const usd = parseFloat(text);', 'parseFloat() makes a floating-point number'],
    ['parseInt', 'const usd = parseInt(text, 10);', 'parseInt() makes a floating-point number'],
    ['Number.parseFloat', 'const usd = Number.parseFloat(text);', 'Number.parseFloat makes a floating-point number'],
    ['Number()', 'const usd = Number(amount);', 'Number() makes a floating-point number'],
    ['unary plus', 'const usd = +text;', 'unary plus makes a floating-point number; use BigInt'],
    ['Math', 'const up = Math.ceil(tokens);', 'Math.ceil computes in floating point'],
    ['toFixed', 'const text = shown.toFixed(9);', 'toFixed rounds a floating-point number'],
    ['division of numbers', 'const half = tokens / 2;', '/ of what this file does not show to be bigints'],
    ['division in place', 'let half: number = 3; half /= 2;', '/= of what this file does not show to be bigints'],
    ['a power of numbers', 'const nano = 10 ** -decimals;', '** of what this file does not show to be bigints'],
    ['Number as a function', 'const usd = texts.map(Number);', 'Number() makes a floating-point number'],
  ])('%s', (_, source, message) => {
    expect(messages(source)).toEqual([message]);
  });
});

describe('money by its name that is a number by its type is refused:', () => {
  test.each([
    ['a parameter', 'function f(costUsd: number) {}'],
    ['a parameter with a default', 'function f(cost: number = 0) {}'],
    ['a variable', 'let total_cost: number;'],
    ['a variable that starts as a number', 'let balance = 0;'],
    ['a field of an interface', 'interface Line { readonly amount: number }'],
    ['a field that may be null', 'interface Line { readonly amount?: number | null }'],
    ['a list', 'const prices: readonly number[] = [];'],
    ['a map', 'const prices: Map<string, number> = empty;'],
    ['a private field', 'class Account { #balance: number | undefined; }'],
    ['what a function gives', 'function chargedUsd(): number { return x; }'],
    ['what an arrow function gives', 'const spent = (): number => x;'],
    ['what a method promises', 'interface Ledger { balance(id: string): Promise<number> }'],
    ['what a method of a class gives', 'class Ledger { balance(): number { return x; } }'],
    ['a type', 'type NanoUsd = number;'],
    ['a field of a schema', 'const row = z.object({ amount: z.number().min(1) });'],
  ])('%s', (_, source) => {
    expect(messages(source)).toEqual([expect.stringMatching(/is money by its name and (a|read as a) number/)]);
  });
});

describe('what is exact stands:', () => {
  test.each([
    ['whole numbers', 'const per = 1_000_000; const nano = 10n ** 9n;'],
    ['division by a bigint literal', 'const half = amount / 2n;'],
    ['division of what the file declares as bigint', 'function f(amount: bigint, quantum: NanoUsd) { return amount / quantum; }'],
    ['division of fields', 'interface Exact { numerator: bigint } const f = ({ numerator }: Exact) => numerator / divisor;'],
    ['division of what was computed from bigints', 'const scale = 10n ** 9n; const usd = (amount * scale) / unit;'],
    ['bigints in place', 'let rest: bigint = 4n; rest /= 2n;'],
    ['times and counts about money', 'interface A { lowBalanceToldAt: number; paidTokens: number; usdDecimals: number }'],
    ['money that is bigint or text', 'interface A { amount: bigint; usd: string; cost: NanoUsd }'],
    ['a slash that divides nothing', 'const sql = `SELECT ended_at / ${day}`; const pattern = /a\\/b/;'],
  ])('%s', (_, source) => {
    expect(messages(source)).toEqual([]);
  });

  test('but a name that is a bigint in one place and a number in another proves nothing', () => {
    const source = 'const f = (share: bigint) => share / unit; const g = (share: number) => share / unit;';
    expect(messages(source)).toHaveLength(2);
  });
});

describe('an exception', () => {
  test('says in its line, or the one above, what is counted', () => {
    expect(messages('const most = Math.max(a, b); // money: counts tokens')).toEqual([]);
    expect(messages('// money: counts tokens\nconst most = Math.max(a, b);')).toEqual([]);
  });

  test('reaches no further', () => {
    expect(checkFile('x.ts', '// money: counts tokens\n\nconst most = Math.max(a, b);\nconst least = Math.min(a, b);')).toEqual([
      { file: 'x.ts', line: 1, message: 'is an exception that nothing needs; remove it' },
      { file: 'x.ts', line: 3, message: 'Math.max computes in floating point' },
      { file: 'x.ts', line: 4, message: 'Math.min computes in floating point' },
    ]);
  });

  test('without a reason, or without a need, is refused', () => {
    expect(messages('// money:\nconst most = Math.max(a, b);')).toEqual([
      'is an exception without a reason; say what is counted',
    ]);
    expect(messages('// money: counts tokens\nconst most = 1n;')).toEqual(['is an exception that nothing needs; remove it']);
  });
});

test('a file that cannot be read is not taken for a clean one', () => {
  expect(messages('const = ;')).toEqual([expect.stringMatching(/^cannot be read: /)]);
});

test('the files that it is for are found', async () => {
  const root = new URL('..', import.meta.url).pathname;
  expect((await checkAll(root)).files).toBeGreaterThan(40);
});
