import { describe, expect, test } from 'vitest';
import { createCatalogue } from '../../src/catalogue/create-catalogue.ts';
import { usdText } from '../../src/ledger/amount.ts';
import { chargeLines } from '../../src/metering/charge-lines.ts';
import type { Bill } from '../../src/model/event.ts';
import type { PriceList } from '../../src/model/money.ts';
import type { Usage } from '../../src/model/usage.ts';

/*
 * Bills that vendors published, or that follow from a published price by hand. The price lists are those of the catalogue, so
 * that a wrong digit in a data file fails here; the amounts are written out, so that nothing computes what it should check.
 */
const catalogue = createCatalogue();

/** The list of a model's seller, or what its id (with its variant) is sold at here. */
function priceList(id: string, offerId?: string): PriceList {
  const found = catalogue.find(id);
  if (found === undefined) throw new Error(`no model ${id}`);
  if (offerId === undefined) return found.variant?.priceList ?? found.model.priceList;
  const offer = found.model.offers?.find((known) => known.id === offerId);
  if (offer === undefined) throw new Error(`${id} has no offer ${offerId}`);
  return offer.priceList;
}

/** The lines of a bill as a reader sees them: what, how many, for how much. */
function shown({ lines }: Bill): readonly (readonly [string, number, string])[] {
  return lines.map(({ meter, quantity, amount }) => [meter, quantity, usdText(amount)]);
}

const tokens = (input: Usage['input'], output: Usage['output'], toolCalls: Usage['toolCalls'] = {}): Usage => ({
  input,
  output,
  toolCalls,
});

describe('AI/ML API, in credits of which 2,000,000 are a dollar', () => {
  const creditsPerUsd = 2_000_000n;
  const list = priceList('alibaba/qwen3.5-omni-flash', 'aimlapi');
  const inCredits = (amount: bigint): number => Number((amount * creditsPerUsd) / 1_000_000_000n);

  test.each([
    {
      sample: 'text: 21 tokens in, 316 out',
      usage: tokens({ total: 21, text: 21 }, { total: 316, text: 316 }),
      lines: [22, 1808],
      credits: 1830,
      usd: '$0.000915',
    },
    {
      sample: 'video: 21 + 3,002 tokens in, 286 out',
      usage: tokens({ total: 3023, text: 21, video: 3002 }, { total: 286, text: 286 }),
      lines: [22, 3123, 1636],
      credits: 4781,
      usd: '$0.0023905',
    },
  ])('$sample costs $credits credits', ({ usage, lines, credits, usd }) => {
    const bill = chargeLines(usage, list);
    expect(bill.lines.map(({ amount }) => inCredits(amount))).toEqual(lines);
    expect(inCredits(bill.total)).toBe(credits);
    expect(usdText(bill.total)).toBe(usd);
    // A credit is a whole number: whatever is billed is a multiple of it.
    expect((bill.total * creditsPerUsd) % 1_000_000_000n).toBe(0n);
  });
});

describe('EmpirioLabs, with 1,000 tokens out, 3 web searches and 1 code interpreter call', () => {
  const calls = { web_search: 3, code_interpreter: 1 };
  const bill = (list: PriceList, input: number): Bill => chargeLines(tokens({ total: input }, { total: 1000 }, calls), list);

  test.each([
    { input: 127_999, inputUsd: '$0.01151991', total: '$0.05688791' },
    { input: 128_000, inputUsd: '$0.01152', total: '$0.056888' },
    { input: 128_001, inputUsd: '$0.01152009', total: '$0.05688809' },
    { input: 256_000, inputUsd: '$0.02304', total: '$0.068408' },
    { input: 256_001, inputUsd: '$0.02304009', total: '$0.06840809' },
  ])('the base deployment is flat: $input tokens in cost $total', ({ input, inputUsd, total }) => {
    const billed = bill(priceList('qwen3-5-flash', 'empiriolabs'), input);
    expect(shown(billed)).toEqual([
      ['input-text', input, inputUsd],
      ['output-text', 1000, '$0.000368'],
      ['tool:web_search', 3, '$0.045'],
      ['tool:code_interpreter', 1, '$0.00'],
    ]);
    expect(usdText(billed.total)).toBe(total);
    expect(billed.tierMaxInputTokens).toBeUndefined();
  });

  test.each([
    { input: 127_999, tier: 128_000, inputUsd: '$0.003711971', outputUsd: '$0.000287', total: '$0.033998971' },
    { input: 128_000, tier: 128_000, inputUsd: '$0.003712', outputUsd: '$0.000287', total: '$0.033999' },
    { input: 128_001, tier: 256_000, inputUsd: '$0.014720115', outputUsd: '$0.001147', total: '$0.045867115' },
    { input: 256_000, tier: 256_000, inputUsd: '$0.02944', outputUsd: '$0.001147', total: '$0.060587' },
    { input: 256_001, tier: 1_000_000, inputUsd: '$0.044032172', outputUsd: '$0.00172', total: '$0.075752172' },
  ])(':variant1 has tiers: $input tokens in cost $total', ({ input, tier, inputUsd, outputUsd, total }) => {
    const billed = bill(priceList('qwen3-5-flash:variant1'), input);
    expect(shown(billed)).toEqual([
      ['input-text', input, inputUsd],
      ['output-text', 1000, outputUsd],
      ['tool:web_search', 3, '$0.03'],
      // Variant 1 does not offer the interpreter, so its page has no price for it and none is charged.
      ['tool:code_interpreter', 1, '$0.00'],
    ]);
    expect(usdText(billed.total)).toBe(total);
    expect(billed.tierMaxInputTokens).toBe(tier);
  });
});

describe('an explicit cache: 1,200 of 1,500 tokens written, then read', () => {
  const write = tokens({ total: 1500, cacheWrite: 1200, cacheKind: 'explicit' }, { total: 0 });
  const read = tokens({ total: 1500, cacheRead: 1200, cacheKind: 'explicit' }, { total: 0 });

  test.each([
    { id: 'qwen3.5-flash', text: '$0.00003', written: '$0.00015', cached: '$0.000012' },
    { id: 'qwen-flash', text: '$0.000015', written: '$0.000075', cached: '$0.000006' },
  ])('$id: the write costs 125 % of input, the read 10 %', ({ id, text, written, cached }) => {
    expect(shown(chargeLines(write, priceList(id)))).toEqual([
      ['input-text', 300, text],
      ['cache-write', 1200, written],
    ]);
    expect(shown(chargeLines(read, priceList(id)))).toEqual([
      ['input-text', 300, text],
      ['cache-read-explicit', 1200, cached],
    ]);
  });

  test('qwen-flash: a read in the dear tier costs the dear tier, all of it', () => {
    const usage = tokens({ total: 300_000, cacheRead: 290_000, cacheKind: 'explicit' }, { total: 1000 });
    const billed = chargeLines(usage, priceList('qwen-flash'));
    expect(shown(billed)).toEqual([
      ['input-text', 10_000, '$0.0025'],
      ['cache-read-explicit', 290_000, '$0.00725'],
      ['output-text', 1000, '$0.002'],
    ]);
    expect(usdText(billed.total)).toBe('$0.01175');
  });
});

test("Alibaba's example: 300,000 tokens on qwen-flash cost $0.075, not the $0.024 of graduated slices", () => {
  const billed = chargeLines(tokens({ total: 300_000 }, { total: 0 }), priceList('qwen-flash', 'singapore'));
  expect(shown(billed)).toEqual([['input-text', 300_000, '$0.075']]);
  expect(billed.tierMaxInputTokens).toBe(1_000_000);
  expect(usdText(billed.total)).toBe('$0.075');
});

describe('a batch at Alibaba: half the price of tokens, not together with cache discounts', () => {
  const usage = tokens({ total: 300_000, cacheRead: 100_000, cacheKind: 'explicit' }, { total: 1000 });

  test('qwen-flash: every token of the input costs half of what fresh text costs', () => {
    const billed = chargeLines(usage, priceList('qwen-flash', 'singapore'), 'batch');
    expect(shown(billed)).toEqual([
      ['input-text', 200_000, '$0.025'],
      ['cache-read-explicit', 100_000, '$0.0125'],
      ['output-text', 1000, '$0.001'],
    ]);
    expect(usdText(billed.total)).toBe('$0.0385');
  });

  test('qwen3.5-flash: a tool call costs what it always costs', () => {
    const billed = chargeLines(tokens({ total: 1000 }, { total: 1000 }, { web_search: 1 }), priceList('qwen3.5-flash'), 'batch');
    expect(shown(billed)).toEqual([
      ['input-text', 1000, '$0.00005'],
      ['output-text', 1000, '$0.0002'],
      ['tool:web_search', 1, '$0.015'],
    ]);
  });
});
