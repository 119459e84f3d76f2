import { expect, test } from 'vitest';
import { markedUp, type MarkUp } from '../../src/catalogue/mark-up.ts';
import { chargeLines } from '../../src/metering/charge-lines.ts';
import { worstCase } from '../../src/metering/worst-case.ts';
import type { PriceList } from '../../src/model/money.ts';

const perMillion = (usd: string) => ({ usd, per: 1_000_000 });
const list = (input: string, output: string): PriceList => ({
  id: 'list',
  from: '2026-01-01',
  tiers: [{ rates: { 'input-text': perMillion(input), 'output-text': perMillion(output) } }],
  rounding: { quantum: 500n, per: 'line' },
});

test('a list price of $0.40 and $2.20 with a mark-up of 30 % gives both published bills of AI/ML API', () => {
  const sold = markedUp(list('0.40', '2.20'), { model: '*', percent: '30' });
  const credits = (input: number, video: number, output: number): bigint =>
    chargeLines({ input: { total: input, video }, output: { total: output }, toolCalls: {} }, sold).total / 500n;
  expect(credits(21, 0, 316)).toBe(1830n);
  expect(credits(3023, 3002, 286)).toBe(4781n);
});

test('metering can still read the dearest price with the longest percentage', () => {
  const longest: MarkUp = { model: '*', percent: '9999.9999' };
  const sold = markedUp(list('999999999999.999999999999', '0.000000000001'), longest);
  // 999,999,999,999.999999999999 x 100.999999 dollars for a million tokens, as nano-dollars for one, up to a multiple of 500.
  const usage = { input: { total: 1 }, output: { total: 0 }, toolCalls: {} };
  expect(chargeLines(usage, sold).total).toBe(100_999_999_000_000_000n);
  const bounds = { inputTokens: 1, maxOutputTokens: 0, maxThinkingTokens: 0, toolCaps: {} };
  expect(worstCase(bounds, sold)).toBe(100_999_999_000_000_000n);
});
