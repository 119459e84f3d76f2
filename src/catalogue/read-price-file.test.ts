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
      line_quantum: '500',
    };
    const perRequest = { request: { usd: '0.001', per: 1 } };
    const per = 1_000_000;
    expect(book(row).inForce('qwen-flash', fromMs)).toEqual({
      id: `qwen-flash/operator@${from}`,
      from,
      lineQuantum: 500n,
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
    ['a quantum of nothing', { prices: [{ ...flat, line_quantum: '0' }] }, /line_quantum: must be nano-dollars/],
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
