import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PriceList } from '../model/money.ts';
import { chooseMarkUp, markedUp, type MarkUp } from './mark-up.ts';

const list = (usd: string): PriceList => ({
  id: 'm/own@2026-01-01',
  from: '2026-01-01',
  tiers: [{ maxInputTokens: 1000, rates: { 'input-text': { usd, per: 1_000_000 }, 'tool:web_search': { usd: '0.01', per: 1 } } }],
  rounding: { quantum: 500n, per: 'line' },
});
const raised = (usd: string, percent: string) => markedUp(list(usd), { model: 'm', percent }).tiers[0]?.rates['input-text']?.usd;

describe('which rule counts', () => {
  const rules: readonly MarkUp[] = [
    { model: '*', percent: '1' },
    { model: 'qwen*', percent: '2' },
    { model: 'qwen3*', percent: '3' },
    { model: 'qwen3.5-flash', percent: '4' },
    { model: '*', account: 'acme', percent: '5' },
    { model: 'qwen3.5*', account: 'acme', percent: '6' },
  ];

  test.each([
    ['tinyllama', undefined, '1'],
    ['qwen-flash', undefined, '2'],
    ['qwen3.6-flash', undefined, '3'],
    ['qwen3.5-flash', undefined, '4'],
    // A variant is a model of its own.
    ['qwen3.5-flash:variant1', undefined, '3'],
    ['qwen3.5-flash', 'somebody', '4'],
    ['qwen3.5-flash', 'acme', '6'],
    ['tinyllama', 'acme', '5'],
  ])('%s for %s pays the rule of %s %%, in whatever order the rules stand', (model, account, percent) => {
    expect(chooseMarkUp(rules, model, account)?.percent).toBe(percent);
    expect(chooseMarkUp(rules.toReversed(), model, account)?.percent).toBe(percent);
  });

  test('none where none fits', () => {
    expect(
      chooseMarkUp(
        [
          { model: 'qwen-flash', percent: '1' },
          { model: '*', account: 'acme', percent: '1' },
        ],
        'other',
        'me',
      ),
    ).toBeUndefined();
  });
});

describe('a marked-up list', () => {
  test('raises every rate exactly, and keeps everything else', () => {
    expect(markedUp(list('0.40'), { model: 'm', percent: '30' })).toEqual({
      ...list('0.40'),
      id: 'm/own@2026-01-01+30%[m]',
      tiers: [
        {
          maxInputTokens: 1000,
          rates: { 'input-text': { usd: '0.52', per: 1_000_000 }, 'tool:web_search': { usd: '0.013', per: 1 } },
        },
      ],
    });
  });

  test('raises what a batch costs as well', () => {
    const { tiers } = list('0.20');
    expect(
      markedUp({ ...list('0.40'), batchTiers: tiers }, { model: 'm', percent: '30' }).batchTiers?.[0]?.rates['input-text']?.usd,
    ).toBe('0.26');
    expect(markedUp(list('0.40'), { model: 'm', percent: '30' })).not.toHaveProperty('batchTiers');
  });

  test('names its rule, the account with it', () => {
    expect(markedUp(list('1'), { model: 'qwen*', account: 'acme', percent: '-2.5' }).id).toBe(
      'm/own@2026-01-01-2.5%[qwen* for acme]',
    );
  });

  test.each([
    ['2.20', '30', '2.86'],
    ['0.000000000001', '0.0001', '0.000000000001000001'],
    ['999999999999.999999999999', '9999', '100989999999999.999999999899010000'.replace(/0+$/, '')],
    ['0', '30', '0'],
    ['10', '0', '10'],
    ['10', '-10', '9'],
    ['1', '-0.5', '0.995'],
    ['1', '-99.9999', '0.000001'],
  ])('%s raised by %s %% is %s', (usd, percent, expected) => {
    expect(raised(usd, percent)).toBe(expected);
  });

  test('is exact for every price and percentage', () => {
    const digits = fc.tuple(fc.nat(999_999), fc.nat(999_999));
    const percents = fc.tuple(fc.integer({ min: -99, max: 9999 }), fc.nat(9999));
    fc.assert(
      fc.property(digits, percents, ([whole, fraction], [whole100, fraction100]) => {
        const usd = `${whole}.${String(fraction).padStart(6, '0')}`;
        const percent = `${whole100}.${String(fraction100).padStart(4, '0')}`;
        const [wholeText = '', fractionText = ''] = (raised(usd, percent) ?? '').split('.');
        const result = BigInt(wholeText + fractionText.padEnd(12, '0'));
        expect(result).toBe(BigInt(usd.replace('.', '')) * (1_000_000n + BigInt(percent.replace('.', ''))));
      }),
    );
  });

  test.each(['', '-100', '30%', '1e2', '.5', '12345', '1.23456'])('%j is no percentage', (percent) => {
    expect(() => markedUp(list('1'), { model: 'm', percent })).toThrow(RangeError);
  });
});
