import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ChargeLine } from '../../model/money.ts';
import type { Usage } from '../../model/usage.ts';
import { readLines, readUsage } from './read-usage-json.ts';
import { writeLines, writeUsage } from './usage-json.ts';

const count = fc.nat();
const some = { requiredKeys: [] };

const usage = fc.record(
  {
    input: fc.record(
      {
        total: count,
        text: count,
        image: count,
        audio: count,
        video: count,
        cacheRead: count,
        cacheWrite: count,
        cacheKind: fc.constantFrom('explicit' as const, 'implicit' as const),
      },
      some,
    ),
    output: fc.record(
      { total: count, text: count, audio: count, reasoning: count, acceptedPrediction: count, rejectedPrediction: count },
      some,
    ),
    toolCalls: fc.dictionary(fc.constantFrom('web_search', 'code_interpreter'), count),
    estimated: fc.boolean(),
    raw: fc.constant({ seen: [1, 'two', null, { deep: true }] }),
  },
  { requiredKeys: ['input', 'output', 'toolCalls'] },
);

const line = fc.record(
  {
    meter: fc.constantFrom('input-text' as const, 'cache-read-explicit' as const, 'tool:web_search' as const),
    quantity: count,
    rate: fc.constant({ usd: '0.0029', per: 1_000_000 }),
    amount: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
    estimated: fc.boolean(),
  },
  { requiredKeys: ['meter', 'quantity', 'rate', 'amount'] },
);

test('usage that is written is read back the same', () => {
  fc.assert(
    fc.property(usage, (value: Usage) => {
      expect(readUsage(writeUsage(value))).toEqual(value);
    }),
  );
});

test('charge lines that are written are read back the same, to the last nano-dollar', () => {
  fc.assert(
    fc.property(fc.array(line), (value: ChargeLine[]) => {
      expect(readLines(writeLines(value))).toEqual(value);
    }),
  );
});

test('a figure that is no number is kept as not told', () => {
  const nonsense = { input: { total: Number.NaN, text: 3 }, output: { total: Infinity }, toolCalls: {} };
  expect(readUsage(writeUsage(nonsense))).toEqual({ input: { text: 3 }, output: {}, toolCalls: {} });
});

test('text that is no usage is refused', () => {
  expect(() => readUsage('{"input":{},"output":{"totall":1},"toolCalls":{}}')).toThrow();
  expect(() => readLines('[{"meter":"output","quantity":1,"rate":{"usd":"1","per":1},"amount":"1"}]')).toThrow();
});
