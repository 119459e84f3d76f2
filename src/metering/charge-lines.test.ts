import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fuzzRuns } from '../../tests/support/arbitraries/fuzz-runs.ts';
import type { PriceList } from '../model/money.ts';
import type { Usage } from '../model/usage.ts';
import { nothingTold } from '../model/usage.ts';
import { chargeLines } from './charge-lines.ts';
import { exactAmount, sumOf } from './exact-amount.ts';
import { priceLists, services } from './price-lists.test-support.ts';

const perMillion = (usd: string) => ({ usd, per: 1_000_000 });

const aimlapi: PriceList = {
  id: 'aimlapi',
  from: '2026-04-24',
  tiers: [{ rates: { 'input-text': perMillion('0.52'), 'output-text': perMillion('2.86') } }],
  rounding: { quantum: 500n, per: 'line' },
};

const qwenFlash: PriceList = {
  id: 'qwen-flash/singapore',
  from: '2026-09-23',
  tiers: [
    {
      maxInputTokens: 256_000,
      rates: {
        'input-text': perMillion('0.05'),
        'output-text': perMillion('0.40'),
        'cache-read-implicit': perMillion('0.01'),
        'cache-read-explicit': perMillion('0.005'),
        'cache-write': perMillion('0.0625'),
      },
    },
    { maxInputTokens: 1_000_000, rates: { 'input-text': perMillion('0.25'), 'output-text': perMillion('2.00') } },
  ],
  rounding: { quantum: 1n, per: 'line' },
};

const withTools: PriceList = {
  id: 'empiriolabs',
  from: '2026-11-20',
  tiers: [
    {
      rates: {
        'input-text': perMillion('0.090'),
        'output-text': perMillion('0.368'),
        'tool:web_search': { usd: '0.015', per: 1 },
        'tool:code_interpreter': { usd: '0', per: 1 },
      },
    },
  ],
  rounding: { quantum: 1n, per: 'line' },
};

/** The bill of a text request that was told no details. */
const textBill = (inputTokens: number, outputTokens: number) =>
  chargeLines({ input: { total: inputTokens }, output: { total: outputTokens }, toolCalls: {} }, qwenFlash);

const cachedBill = (cacheKind: 'explicit' | 'implicit') =>
  chargeLines({ input: { total: 1000, cacheRead: 1000, cacheKind }, output: {}, toolCalls: {} }, qwenFlash);

const quantities = (usage: Usage, list: PriceList) =>
  Object.fromEntries(chargeLines(usage, list).lines.map((line) => [line.meter, line.quantity]));

describe('published bills', () => {
  test('the text sample of the AI/ML API costs 22 + 1808 = 1830 credits', () => {
    const bill = chargeLines({ input: { total: 21, text: 21 }, output: { total: 316, text: 316 }, toolCalls: {} }, aimlapi);
    expect(bill.lines.map((line) => line.amount / 500n)).toEqual([22n, 1808n]);
    expect(bill.total).toBe(915_000n);
  });

  test('the video sample of the AI/ML API costs 22 + 3123 + 1636 = 4781 credits', () => {
    const usage: Usage = {
      input: { total: 3023, text: 21, video: 3002 },
      output: { total: 286, text: 286 },
      toolCalls: {},
    };
    const bill = chargeLines(usage, aimlapi);
    expect(bill.lines.map((line) => line.amount / 500n)).toEqual([22n, 3123n, 1636n]);
    expect(bill.total).toBe(2_390_500n);
  });

  test('300,000 tokens on qwen-flash cost $0.075: the tier prices the whole request, not slices', () => {
    const bill = chargeLines({ input: { total: 300_000 }, output: { total: 0 }, toolCalls: {} }, qwenFlash);
    expect(bill.total).toBe(75_000_000n);
    expect(bill.tierMaxInputTokens).toBe(1_000_000);
  });

  test('the tier of the input prices the output too', () => {
    expect(textBill(256_000, 1000).lines[1]).toMatchObject({ meter: 'output-text', amount: 400_000n });
    expect(textBill(256_001, 1000).lines[1]).toMatchObject({ meter: 'output-text', amount: 2_000_000n });
  });

  test('tool calls are lines of their own, free ones included', () => {
    const usage: Usage = {
      input: { total: 123 },
      output: { total: 456 },
      toolCalls: { web_search: 3, code_interpreter: 1, image_search: 0 },
    };
    const bill = chargeLines(usage, withTools);
    expect(bill.lines.map(({ meter, quantity, amount }) => [meter, quantity, amount])).toEqual([
      ['input-text', 123, 11_070n],
      ['output-text', 456, 167_808n],
      ['tool:web_search', 3, 45_000_000n],
      ['tool:code_interpreter', 1, 0n],
    ]);
    expect(bill.total).toBe(45_178_878n);
  });
});

describe('caches', () => {
  test('an explicit write and a later read are taken out of the input and priced apart', () => {
    const write: Usage = {
      input: { total: 1500, cacheWrite: 1200, cacheKind: 'explicit' },
      output: { total: 0 },
      toolCalls: {},
    };
    const read: Usage = { input: { total: 1500, cacheRead: 1200, cacheKind: 'explicit' }, output: { total: 0 }, toolCalls: {} };
    expect(quantities(write, qwenFlash)).toEqual({ 'input-text': 300, 'cache-write': 1200 });
    expect(quantities(read, qwenFlash)).toEqual({ 'input-text': 300, 'cache-read-explicit': 1200 });
    expect(chargeLines(write, qwenFlash).total).toBe(15_000n + 75_000n);
    expect(chargeLines(read, qwenFlash).total).toBe(15_000n + 6000n);
  });

  test('implicit and explicit reads have different prices', () => {
    expect(cachedBill('implicit').total).toBe(10_000n);
    expect(cachedBill('explicit').total).toBe(5000n);
  });

  test('a read of an unnamed cache is implicit, unless the list sells explicit reads only', () => {
    const usage: Usage = { input: { total: 1000, cacheRead: 900 }, output: {}, toolCalls: {} };
    expect(quantities(usage, qwenFlash)).toHaveProperty('cache-read-implicit', 900);
    const explicitOnly: PriceList = {
      ...withTools,
      tiers: [{ rates: { ...withTools.tiers[0]?.rates, 'cache-read-explicit': perMillion('0.01') } }],
    };
    expect(quantities(usage, explicitOnly)).toHaveProperty('cache-read-explicit', 900);
  });

  test('a list without cache prices bills cached tokens like text', () => {
    const usage: Usage = { input: { total: 1000, cacheRead: 900 }, output: {}, toolCalls: {} };
    expect(chargeLines(usage, withTools).total).toBe(90_000n);
  });

  test('cached tokens are taken out of text first, then out of pictures', () => {
    const usage: Usage = { input: { total: 100, text: 30, image: 70, cacheRead: 50 }, output: {}, toolCalls: {} };
    expect(quantities(usage, qwenFlash)).toEqual({ 'input-image': 50, 'cache-read-implicit': 50 });
  });
});

describe('a list that rounds the sum once', () => {
  const once: PriceList = { ...aimlapi, rounding: { quantum: 500n, per: 'request' } };
  const video: Usage = { input: { total: 3023, text: 21, video: 3002 }, output: { total: 286, text: 286 }, toolCalls: {} };

  test('charges the least multiple of the quantum that covers it; the last line carries the rest', () => {
    const bill = chargeLines(video, once);
    // Exactly 10,920 + 1,561,040 + 817,960 = 2,389,920 nano-dollars, which is 4779.84 credits.
    expect(bill.lines.map(({ amount }) => amount)).toEqual([10_920n, 1_561_040n, 818_040n]);
    expect(bill.total).toBe(4780n * 500n);
  });

  test('lets no free line carry anything', () => {
    const free = { usd: '0', per: 1_000_000 };
    const textOnly: PriceList = { ...once, tiers: [{ rates: { 'input-text': perMillion('0.52'), 'output-text': free } }] };
    expect(chargeLines(video, textOnly).lines.map(({ amount }) => amount)).toEqual([10_920n, 1_561_080n, 0n]);
    expect(chargeLines(video, { ...once, tiers: [{ rates: {} }] }).total).toBe(0n);
  });

  test('gathers parts of a nano-dollar before it rounds', () => {
    const dust = { usd: '0.0004', per: 1_000_000 };
    const tiers = [{ rates: { 'input-text': dust, 'output-text': dust } }];
    const one: Usage = { input: { total: 1 }, output: { total: 1 }, toolCalls: {} };
    expect(chargeLines(one, { ...once, tiers, rounding: { quantum: 1n, per: 'request' } }).total).toBe(1n);
    expect(chargeLines(one, { ...once, tiers, rounding: { quantum: 1n, per: 'line' } }).total).toBe(2n);
  });
});

describe('a batch', () => {
  const [low, high] = qwenFlash.tiers;
  if (low === undefined || high === undefined) throw new Error('the list has two tiers');
  const half: PriceList = {
    ...qwenFlash,
    batchTiers: [
      { ...low, rates: { 'input-text': perMillion('0.025'), 'output-text': perMillion('0.2') } },
      { ...high, rates: { 'input-text': perMillion('0.125'), 'output-text': perMillion('1') } },
    ],
  };
  const usage: Usage = { input: { total: 300_000 }, output: { total: 1000 }, toolCalls: {} };

  test('is charged at its own prices, which its lines show; its tier is found as ever', () => {
    expect(chargeLines(usage, half, 'batch')).toEqual({
      lines: [
        { meter: 'input-text', quantity: 300_000, rate: perMillion('0.125'), amount: 37_500_000n },
        { meter: 'output-text', quantity: 1000, rate: perMillion('1'), amount: 1_000_000n },
      ],
      total: 38_500_000n,
      priceListId: 'qwen-flash/singapore',
      tierMaxInputTokens: 1_000_000,
    });
    expect(chargeLines(usage, half)).toEqual(chargeLines(usage, qwenFlash));
  });

  test('costs what single requests cost where the list does not say', () => {
    expect(chargeLines(usage, qwenFlash, 'batch')).toEqual(chargeLines(usage, qwenFlash));
  });
});

describe('figures that are missing or wrong', () => {
  test('nothing told costs nothing and has no lines', () => {
    expect(chargeLines(nothingTold, qwenFlash)).toEqual({
      lines: [],
      total: 0n,
      priceListId: 'qwen-flash/singapore',
      tierMaxInputTokens: 256_000,
    });
  });

  test('totals that are missing are the sum of the parts', () => {
    const usage: Usage = { input: { text: 10, video: 5 }, output: { text: 3, reasoning: 4 }, toolCalls: {} };
    expect(quantities(usage, aimlapi)).toEqual({ 'input-text': 10, 'input-video': 5, reasoning: 4, 'output-text': 3 });
  });

  test('an explicit zero is a value: parts beyond it are not billed', () => {
    const usage: Usage = { input: { total: 0, text: 50 }, output: { total: 0, reasoning: 50 }, toolCalls: {} };
    expect(chargeLines(usage, aimlapi).total).toBe(0n);
  });

  test('a count beyond a trillion is a mistake of the host, and the bill still fits a database', () => {
    const usage: Usage = {
      input: { total: 2 ** 53 - 1 },
      output: { total: Number.POSITIVE_INFINITY },
      toolCalls: { x: 2 ** 60 },
    };
    const bill = chargeLines(usage, qwenFlash);
    expect(bill.lines.map(({ quantity }) => quantity)).toEqual([1e12, 1e12, 1e12]);
    expect(bill.total < 2n ** 63n).toBe(true);
  });

  test('token lines of an estimated usage are marked, tool calls were counted here anyway', () => {
    const usage: Usage = {
      input: { total: 10 },
      output: { total: 5, reasoning: 2 },
      toolCalls: { web_search: 1 },
      estimated: true,
    };
    expect(chargeLines(usage, withTools).lines.map((line) => line.estimated ?? false)).toEqual([true, true, true, false]);
  });

  test('a price per request is one line', () => {
    const list: PriceList = { ...aimlapi, tiers: [{ rates: { request: { usd: '0.001', per: 1 } } }] };
    expect(chargeLines(nothingTold, list).lines).toEqual([
      { meter: 'request', quantity: 1, rate: { usd: '0.001', per: 1 }, amount: 1_000_000n },
    ]);
  });
});

/** Whatever a host may send as a count. */
const sent = fc.oneof(fc.nat(400_000), fc.constantFrom(Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY, 2 ** 60), fc.double());
const figure = fc.option(sent, { nil: undefined });

/** Drops what is undefined: absent means not told. */
function told<Fields extends object>(fields: Fields): { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  const kept: { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } = {};
  for (const key in fields) {
    const value = fields[key];
    if (isTold(value)) kept[key] = value;
  }
  return kept;
}

function isTold<Value>(value: Value): value is Exclude<Value, undefined> {
  return value !== undefined;
}

const wildUsage = fc
  .record({
    input: fc.record({
      total: figure,
      text: figure,
      image: figure,
      audio: figure,
      video: figure,
      cacheRead: figure,
      cacheWrite: figure,
      cacheKind: fc.constantFrom('explicit', 'implicit', undefined),
    }),
    output: fc.record({ total: figure, text: figure, audio: figure, reasoning: figure }),
    toolCalls: fc.dictionary(fc.constantFrom('web_search', 'code_interpreter', '__proto__', ''), sent),
  })
  .map(({ input, output, toolCalls }): Usage => ({ input: told(input), output: told(output), toolCalls }));

const lists = fc.oneof(fc.constantFrom(aimlapi, qwenFlash, withTools), priceLists);

describe('laws', () => {
  test('whatever a host sends, the bill stands: no exception, no negative line, the lines add up to the total', () => {
    fc.assert(
      fc.property(wildUsage, lists, services, (usage, list, service) => {
        const bill = chargeLines(usage, list, service);
        expect(bill.lines.every((line) => line.quantity > 0 && line.amount >= 0n)).toBe(true);
        expect(bill.total).toBe(bill.lines.reduce((total, line) => total + line.amount, 0n));
      }),
      { numRuns: fuzzRuns },
    );
  });

  test('nothing is rounded but up, by less than the quantum for each place that rounds', () => {
    fc.assert(
      fc.property(wildUsage, lists, services, (usage, list, service) => {
        const { lines, total } = chargeLines(usage, list, service);
        const exact = sumOf(lines.map(({ quantity, rate }) => exactAmount(quantity, rate)));
        const { quantum, per } = list.rounding;
        const places = per === 'request' ? 1n : BigInt(lines.length);
        expect(total % quantum).toBe(0n);
        expect(total * exact.denominator >= exact.numerator).toBe(true);
        expect(total === 0n || (total - places * quantum) * exact.denominator < exact.numerator).toBe(true);
      }),
      { numRuns: fuzzRuns },
    );
  });

  test('every token of a told total is billed exactly once, however its parts are told', () => {
    const parts = fc.nat(1000);
    fc.assert(
      fc.property(wildUsage, parts, parts, lists, (usage, inputTotal, outputTotal, list) => {
        const { lines } = chargeLines(
          { ...usage, input: { ...usage.input, total: inputTotal }, output: { ...usage.output, total: outputTotal } },
          list,
        );
        const sum = (isMine: (meter: string) => boolean) =>
          lines.filter((line) => isMine(line.meter)).reduce((total, line) => total + line.quantity, 0);
        expect(sum((meter) => meter.startsWith('input-') || meter.startsWith('cache-'))).toBe(inputTotal);
        expect(sum((meter) => meter.startsWith('output-') || meter === 'reasoning')).toBe(outputTotal);
      }),
      { numRuns: fuzzRuns },
    );
  });

  test('the OpenAI form and the Anthropic form of one usage price the same', () => {
    const count = fc.nat(300_000);
    fc.assert(
      fc.property(count, count, count, count, (fresh, read, write, output) => {
        // OpenAI's prompt_tokens holds cached tokens and names its details; Anthropic's input_tokens excludes them, so its codec
        // adds them up and knows neither text_tokens nor an output breakdown.
        const caches = { cacheRead: read, cacheWrite: write, cacheKind: 'explicit' } as const;
        const total = fresh + read + write;
        const openai: Usage = {
          input: { total, text: total, ...caches },
          output: { total: output, text: output },
          toolCalls: {},
        };
        const anthropic: Usage = { input: { total, ...caches }, output: { total: output }, toolCalls: {} };
        expect(chargeLines(openai, qwenFlash)).toEqual(chargeLines(anthropic, qwenFlash));
      }),
    );
  });

  test('within a tier more tokens never cost less', () => {
    const count = fc.nat(50_000);
    fc.assert(
      fc.property(count, count, count, count, (input, output, moreInput, moreOutput) => {
        const more = textBill(input + moreInput, output + moreOutput).total;
        expect(more >= textBill(input, output).total).toBe(true);
      }),
    );
  });
});
