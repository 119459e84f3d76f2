import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../model/json.ts';
import { createCatalogue } from './create-catalogue.ts';
import { priceFileSchema } from './price-file.ts';
import { readPriceFile } from './read-price-file.ts';

const known = createCatalogue();
const prices = { 'input-text': '0.029', 'output-text': '0.287' };
const from = '2026-12-01T00:00:00Z';
const fromMs = Date.parse(from);
const flat = { model: 'qwen-flash', from, tiers: [{ per_million_tokens: prices }] };

function book(...rows: readonly Json[]) {
  const reading = readPriceFile({ prices: rows }, known);
  if (reading.kind === 'bad') throw new Error(JSON.stringify(reading.problems));
  return reading.book;
}

function problems(value: Json): readonly string[] {
  const reading = readPriceFile(value, known);
  return reading.kind === 'bad' ? reading.problems.map(({ path, message }) => `${path.join('.')}: ${message}`) : [];
}

describe('a right file', () => {
  test('becomes price lists, with every figure as it was written', () => {
    const row = {
      model: 'alibaba/qwen-flash',
      from,
      tiers: [
        { max_input_tokens: 128_000, per_million_tokens: { ...prices, 'cache-write': '0.10' } },
        { per_million_tokens: { 'input-text': '1', 'output-text': '2' } },
      ],
      per_request: '0.001',
      rounding: { quantum: '500' },
    };
    const perRequest = { request: { usd: '0.001', per: 1 } };
    const per = 1_000_000;
    expect(book(row).inForce('qwen-flash', fromMs)).toEqual({
      id: `qwen-flash/operator@${from}`,
      from,
      rounding: { quantum: 500n, per: 'line' },
      tiers: [
        {
          maxInputTokens: 128_000,
          rates: {
            'input-text': { usd: '0.029', per },
            'output-text': { usd: '0.287', per },
            'cache-write': { usd: '0.10', per },
            ...perRequest,
          },
        },
        { rates: { 'input-text': { usd: '1', per }, 'output-text': { usd: '2', per }, ...perRequest } },
      ],
    });
  });

  test('may say what a cache costs as a part of the input price of its tier', () => {
    const caches = { 'cache-read-explicit': '10%', 'cache-read-implicit': '20%', 'cache-write': '125%' };
    const row = {
      model: 'qwen-flash',
      from,
      tiers: [
        { max_input_tokens: 256_000, per_million_tokens: { 'input-text': '0.05', 'output-text': '0.4', ...caches } },
        { per_million_tokens: { 'input-text': '0.25', 'output-text': '2', ...caches } },
      ],
    };
    // Alibaba's own rule gives the catalogue's own figures, to the digit.
    const own = known.find('qwen-flash')?.model.priceList.tiers;
    expect(
      book(row)
        .inForce('qwen-flash', fromMs)
        ?.tiers.map(({ rates }) => rates),
    ).toEqual(own?.map(({ rates }) => rates));
  });

  test('may have a price of batches, which is for tokens only', () => {
    const tiers = [{ per_million_tokens: { 'input-text': '0.1', 'output-text': '0.4', 'cache-read-explicit': '10%' } }];
    const sold = (row: Readonly<Record<string, Json>>) =>
      book({
        model: 'qwen3.5-flash:variant1',
        from,
        tiers,
        per_call: { web_search: '0.01' },
        per_request: '0.001',
        ...row,
      }).inForce('qwen3.5-flash:variant1', fromMs);
    const usd = (row: Readonly<Record<string, Json>>) =>
      Object.fromEntries(Object.entries(sold(row)?.batchTiers?.[0]?.rates ?? {}).map(([meter, rate]) => [meter, rate?.usd]));
    const each = { 'tool:web_search': '0.01', request: '0.001' };
    const cached = { 'cache-read-explicit': '0.005' };
    expect(usd({ batch: '50%' })).toEqual({ 'input-text': '0.05', 'output-text': '0.2', ...cached, ...each });
    expect(usd({ batch: '0.5' })).toEqual(usd({ batch: '50%' }));
    expect(usd({ batch: '50%', batch_cache_discounts: false })).toEqual({ 'input-text': '0.05', 'output-text': '0.2', ...each });
    expect(sold({})?.batchTiers).toBeUndefined();
  });

  test('may say where a bill is rounded, and what the dollars were converted from', () => {
    const converted = { from: 'CNY', rate: '0.1403', on: '2026-11-30' };
    const list = (row: Readonly<Record<string, Json>>) => book({ ...flat, ...row }).inForce('qwen-flash', fromMs);
    expect(list({ rounding: { quantum: '500', per: 'request' }, converted })).toMatchObject({
      rounding: { quantum: 500n, per: 'request' },
      converted,
    });
    expect(list({ rounding: { per: 'request' } })?.rounding).toEqual({ quantum: 1n, per: 'request' });
    expect(list({})?.rounding).toEqual({ quantum: 1n, per: 'line' });
  });

  test('prices a variant apart from its model, with its tools', () => {
    const own = book({ ...flat, model: 'qwen3-5-flash:variant1', per_call: { web_search: '0.02' } });
    expect(own.inForce('qwen3.5-flash:variant1', fromMs)?.tiers[0]?.rates['tool:web_search']).toEqual({ usd: '0.02', per: 1 });
    expect(own.inForce('qwen3.5-flash', fromMs)).toBeUndefined();
  });

  test('may say that a model is free', () => {
    const list = book({ model: 'qwen-flash', from, free: true }).inForce('qwen-flash', fromMs);
    expect(Object.values(list?.tiers[0]?.rates ?? {}).map((rate) => rate?.usd)).toEqual(['0', '0']);
  });

  test('fits the JSON Schema that editors check it with, a wrong one does not', () => {
    const schema: Json = JSON.parse(JSON.stringify(priceFileSchema()));
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(Object(schema));
    expect(validate({ prices: [flat] })).toBe(true);
    expect(validate({ prices: [{ ...flat, tiers: [{ per_million_tokens: { ...prices, 'input-text': 0.029 } }] }] })).toBe(false);
  });
});

describe('a mistake anywhere refuses the whole file, says where it is and what would be right', () => {
  const tiers = (...drawn: readonly Json[]): Json => ({ prices: [flat, { ...flat, model: 'qwen3-vl-flash', tiers: drawn }] });

  test.each<[string, Json, RegExp]>([
    [
      'a price that is a number',
      tiers({ per_million_tokens: { ...prices, 'input-text': 0.2 } }),
      /^prices\.1\.tiers\.0\.per_million_tokens\.input-text: .*quotes, "0\.2"/,
    ],
    ['a price with an exponent', tiers({ per_million_tokens: { ...prices, 'input-text': '1e-3' } }), /input-text: .*"0\.029"/],
    ['a negative price', tiers({ per_million_tokens: { ...prices, 'output-text': '-1' } }), /output-text: .*digits/],
    ['a missing price', tiers({ per_million_tokens: { 'input-text': '1' } }), /output-text: is missing/],
    ['an unknown meter', tiers({ per_million_tokens: { ...prices, smell: '1' } }), /smell: is unknown; known here: input-text/],
    [
      'tiers that fall',
      tiers({ max_input_tokens: 9, per_million_tokens: prices }, { max_input_tokens: 9, per_million_tokens: prices }),
      /tiers\.1\.max_input_tokens: must be above 9/,
    ],
    [
      'an open tier before the last',
      tiers({ per_million_tokens: prices }, { per_million_tokens: prices }),
      /tiers\.0: has no max_input_tokens/,
    ],
    ['no tier', tiers(), /prices\.1\.tiers: must have a tier/],
    [
      'a time without zone',
      { prices: [{ ...flat, from: '2026-12-01T00:00:00' }] },
      /prices\.0\.from: must be a time with its zone/,
    ],
    [
      'the same time twice',
      { prices: [flat, { ...flat, model: 'alibaba/qwen-flash', from: '2026-12-01T01:00:00+01:00' }] },
      /prices\.1\.from: qwen-flash has a row/,
    ],
    [
      'a model that is not there',
      { prices: [{ ...flat, model: 'qwen-flahs' }] },
      /prices\.0\.model: .*did you mean "qwen-flash"/,
    ],
    ['neither prices nor free', { prices: [{ model: 'qwen-flash', from }] }, /^prices\.0: has no prices/],
    ['prices and free', { prices: [{ ...flat, free: true }] }, /prices\.0\.free: stands beside prices/],
    ['free: false', { prices: [{ ...flat, free: false }] }, /prices\.0\.free/],
    [
      'a tool that the model does not have',
      { prices: [{ ...flat, per_call: { web_search: '1' } }] },
      /per_call\.web_search: is no server-side tool of qwen-flash; it has none/,
    ],
    [
      'a tool that is forgotten',
      { prices: [{ ...flat, model: 'qwen3.5-flash:variant1' }] },
      /prices\.0\.per_call: has no price of web_search/,
    ],
    ['a quantum of nothing', { prices: [{ ...flat, rounding: { quantum: '0' } }] }, /rounding.quantum: must be nano-dollars/],
    ['rounding somewhere else', { prices: [{ ...flat, rounding: { per: 'token' } }] }, /rounding\.per: must be line or request/],
    [
      'a share of the input price for something that is no cache',
      tiers({ per_million_tokens: { ...prices, 'output-text': '10%' } }),
      /output-text: must be dollars as digits/,
    ],
    [
      'a cache price that is neither dollars nor a share',
      tiers({ per_million_tokens: { ...prices, 'cache-write': 'half' } }),
      /cache-write: .*a part of input-text, such as "10%"/,
    ],
    [
      'a share that no price can express',
      tiers({ per_million_tokens: { ...prices, 'input-text': '0.000000000001', 'cache-write': '125%' } }),
      /^prices\.1\.tiers\.0\.per_million_tokens\.cache-write: .*125% of input-text, needs more than 12 digits/,
    ],
    [
      'a batch price that no price can express',
      { prices: [{ ...flat, tiers: [{ per_million_tokens: { ...prices, reasoning: '0.000000000001' } }], batch: '50%' }] },
      /^prices\.0\.tiers\.0\.per_million_tokens\.reasoning: in a batch, 50% of its price, needs more than 12 digits/,
    ],
    [
      'a batch discount that is a number',
      { prices: [{ ...flat, batch: 0.5 }] },
      /batch: must be text: write it in quotes, "0\.5"/,
    ],
    ['a batch discount in words', { prices: [{ ...flat, batch: 'half' }] }, /batch: must be a factor or a percentage/],
    ['a batch that is given away', { prices: [{ ...flat, batch: '0' }] }, /batch: must be above 0 and at most 1/],
    ['a batch that is dearer', { prices: [{ ...flat, batch: '101%' }] }, /batch: must be above 0 and at most 1/],
    [
      'a batch discount of nothing',
      { prices: [{ model: 'qwen-flash', from, free: true, batch: '50%' }] },
      /prices\.0\.free: stands beside prices/,
    ],
    [
      'a word about caches in a batch that has no price',
      { prices: [{ ...flat, batch_cache_discounts: false }] },
      /prices\.0\.batch_cache_discounts: .*give it batch/,
    ],
    [
      'dollars converted from dollars',
      { prices: [{ ...flat, converted: { from: 'USD', rate: '1', on: '2026-12-01' } }] },
      /converted\.from: must be the three letters of another currency/,
    ],
    [
      'a rate that is a number',
      { prices: [{ ...flat, converted: { from: 'CNY', rate: 0.14, on: '2026-12-01' } }] },
      /converted\.rate: must be text: write it in quotes, "0\.14"/,
    ],
    [
      'a day that is none',
      { prices: [{ ...flat, converted: { from: 'CNY', rate: '0.14', on: '2026-02-30' } }] },
      /converted\.on: must be a day/,
    ],
    ['a conversion without its day', { prices: [{ ...flat, converted: { from: 'CNY', rate: '0.14' } }] }, /converted\.on: /],
    ['no prices at all', {}, /^prices: is missing/],
    ['an unknown section', { prices: [], price: [] }, /^price: is unknown; known here: prices/],
  ])('%s', (_, value, expected) => {
    expect(problems(value)).toEqual([expect.stringMatching(expected)]);
  });

  const rules = (...markUps: readonly Json[]): Json => ({ prices: [], mark_ups: markUps });
  test.each<[string, Json, RegExp]>([
    ['a percentage that is a number', rules({ model: '*', percent: 30 }), /^mark_ups\.0\.percent: must be text, such as "30"/],
    ['a percentage with its sign', rules({ model: '*', percent: '30%' }), /percent: must be a percentage above -100, as digits/],
    ['a gift', rules({ model: '*', percent: '-100' }), /percent: must be a percentage above -100/],
    ['a star in the middle', rules({ model: 'q*n', percent: '1' }), /model: may have one star, at its end/],
    [
      'a model that is not there',
      rules({ model: 'qwen-flahs', percent: '1' }),
      /mark_ups\.0\.model: .*did you mean "qwen-flash"/,
    ],
    ['a star that means nobody', rules({ model: 'gpt*', percent: '1' }), /model: no model here begins with "gpt"/],
    [
      'two rules for the same',
      rules({ model: 'qwen-flash', percent: '1' }, { model: 'alibaba/qwen-flash', percent: '2' }),
      /mark_ups\.1\.model: alibaba\/qwen-flash has a rule already/,
    ],
  ])('a mark-up: %s', (_, value, expected) => {
    expect(problems(value)).toEqual([expect.stringMatching(expected)]);
  });

  test('all of them are told at once', () => {
    expect(
      problems({
        prices: [
          { ...flat, model: 'nobody' },
          { ...flat, model: 'somebody' },
        ],
      }),
    ).toHaveLength(2);
  });

  test('whatever the file holds, it is read or refused', () => {
    const near = fc.record({
      model: fc.constantFrom('qwen-flash', '__proto__', 'x'),
      from: fc.constantFrom(from, ''),
      tiers: fc.jsonValue(),
    });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          fc.array(fc.oneof(near, fc.jsonValue())).map((rows) => ({ prices: rows })),
        ),
        (value) => {
          const reading = readPriceFile(value, known);
          expect(reading.kind === 'good' || reading.problems.length > 0).toBe(true);
        },
      ),
    );
  });
});
