import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { builtInModels } from './built-in-models.ts';
import schema from './data/model.schema.json' with { type: 'json' };
import { modelFile } from './model-file.ts';
import { readModel } from './read-model.ts';

const folder = new URL('data/', import.meta.url);
const files = readdirSync(folder).filter((name) => name !== 'model.schema.json' && name !== 'parameters.json');
const readJson = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
const model = (id: string) => {
  const found = builtInModels.find((known) => known.id === id);
  if (found === undefined) throw new Error(`no built-in model ${id}`);
  return found;
};
/** Dollars for a million tokens by tier, as the pages print them. */
const prices = (list: (typeof builtInModels)[number]['priceList']) =>
  list.tiers.map(({ maxInputTokens, rates }) => [maxInputTokens, rates['input-text']?.usd, rates['output-text']?.usd]);
const offer = (id: string, offerId: string) => {
  const found = model(id).offers?.find((known) => known.id === offerId);
  if (found === undefined) throw new Error(`${id} has no offer ${offerId}`);
  return found;
};

describe('the data files', () => {
  test('are one a model, each called like its model, and all of them are built in', () => {
    expect(files.toSorted()).toEqual(builtInModels.map(({ id }) => `${id}.json`).toSorted());
  });

  test('fit the JSON Schema that editors check them with', () => {
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
    for (const name of files) expect(validate(readJson(name)), `${name}: ${JSON.stringify(validate.errors)}`).toBe(true);
  });

  test('have a JSON Schema that is generated: FLASHMUX_WRITE_SCHEMA=1 writes it anew', () => {
    const generated: unknown = JSON.parse(JSON.stringify(z.toJSONSchema(modelFile)));
    if (process.env['FLASHMUX_WRITE_SCHEMA'] === '1') {
      writeFileSync(new URL('model.schema.json', folder), `${JSON.stringify(generated, null, 2)}\n`);
    } else {
      expect(schema).toEqual(generated);
    }
  });

  test.each([
    ['a price that is a number', { perMillionTokens: { 'input-text': 0.1, 'output-text': '0.4' } }],
    ['a price with an exponent', { perMillionTokens: { 'input-text': '1e-1', 'output-text': '0.4' } }],
    ['a price below zero', { perMillionTokens: { 'input-text': '-0.1', 'output-text': '0.4' } }],
    ['a tier without an output price', { perMillionTokens: { 'input-text': '0.1' } }],
    ['a meter that nobody knows', { perMillionTokens: { 'input-text': '0.1', 'output-text': '0.4', 'input-smell': '1' } }],
  ])('are refused with %s', (_, tier) => {
    expect(() => readModel({ ...plainFile, prices: [{ ...plainOffer, tiers: [tier] }] })).toThrow();
  });

  test('are refused where they contradict themselves', () => {
    const tier = plainOffer.tiers[0];
    const falling = [
      { ...tier, maxInputTokens: 2000 },
      { ...tier, maxInputTokens: 1000 },
    ];
    expect(() => readModel({ ...plainFile, prices: [{ ...plainOffer, tiers: falling }] })).toThrow('do not rise');
    expect(() => readModel({ ...plainFile, prices: [{ ...plainOffer, tiers: [tier, tier] }] })).toThrow('do not rise');
    expect(() => readModel({ ...plainFile, parameterGroups: ['humour'] })).toThrow('no parameter group');
    expect(() => readModel({ ...plainFile, parameters: { wit: {} } })).toThrow('no parameter is called "wit"');
    const variant = { id: 'v', limits: plainFile.limits, price: 'nowhere', parameterGroups: [], parameters: {} };
    expect(() => readModel({ ...plainFile, variants: [variant] })).toThrow('sold at nowhere');
  });

  test('are refused where a part of a price is no exact price', () => {
    const sold = (changes: object) => () => readModel({ ...plainFile, prices: [{ ...plainOffer, ...changes }] });
    const least = { 'input-text': '0.000000000001', 'output-text': '0.4' };
    expect(sold({ tiers: [{ perMillionTokens: { ...least, 'cache-write': '125%' } }] })).toThrow(
      'tier 1 of a-model/here@2026-01-01: 125% for cache-write (standard) needs more than 12 decimals',
    );
    expect(sold({ tiers: [{ perMillionTokens: least }], batch: '50%' })).toThrow('50% for input-text (batch)');
    expect(sold({ batch: '0' })).toThrow();
    expect(sold({ batch: '50%', converted: { from: 'CNY', rate: '0.14', on: '2026-01-01' } })().priceList).toMatchObject({
      batchTiers: [{ rates: { 'input-text': { usd: '0.05' }, 'output-text': { usd: '0.2' } } }],
      converted: { from: 'CNY' },
    });
  });
});

const plainOffer = {
  id: 'here',
  seller: 'me',
  from: '2026-01-01',
  tiers: [{ perMillionTokens: { 'input-text': '0.1', 'output-text': '0.4' } }],
  source: 'a test',
};
const plainFile = {
  $schema: './model.schema.json',
  id: 'a-model',
  name: 'A model',
  description: 'For a test.',
  aliases: [],
  owner: 'me',
  capabilities: { input: ['text'], output: ['text'], features: [] },
  limits: { context: 1000, output: 100 },
  thinkingDefault: false,
  parameterGroups: ['sampling'],
  parameters: {},
  prices: [plainOffer],
  variants: [],
  sources: {},
};

describe('every model', () => {
  test.each(builtInModels)('$id agrees with itself', ({ limits, capabilities, parameters, thinkingDefault, offers = [] }) => {
    const thinks = capabilities.features.includes('thinking');
    expect(limits.output).toBeLessThanOrEqual(limits.context);
    expect(limits.input ?? 0).toBeLessThanOrEqual(limits.context);
    expect(thinks).toBe(limits.thinking !== undefined);
    const stated = parameters.find(({ name }) => name === 'enable_thinking')?.schema['default'];
    expect(stated ?? false).toBe(thinkingDefault);
    for (const { priceList, sources } of offers) {
      expect(sources.length).toBeGreaterThan(0);
      const speaks = capabilities.output.includes('audio');
      // Speech costs several times what text costs; the price of text must not stand in for it.
      for (const { rates } of priceList.tiers) expect(rates['output-audio'] !== undefined).toBe(speaks);
    }
  });

  test.each(builtInModels)('$id names where its figures were seen', ({ sources }) => {
    expect(sources.some((source) => source.startsWith('limits'))).toBe(true);
  });

  test('with server-side tools has a price for each of them, so that none is free by accident', () => {
    const sold = builtInModels.flatMap(({ parameters, priceList, variants }) => [
      { parameters, priceList },
      ...variants.map((variant) => ({ parameters: variant.parameters, priceList: variant.priceList })),
    ]);
    for (const { parameters, priceList } of sold) {
      const tools = parameters.map(({ name }) => name).filter((name) => name.startsWith('tool_') && name !== 'tool_choice');
      for (const { rates } of priceList.tiers) {
        for (const tool of tools) expect(Object.keys(rates)).toContain(`tool:${tool.replace(/^tool_/, '')}`);
      }
    }
  });
});

describe('the figures of the pages', () => {
  test('Qwen3.5 Flash: Vercel lists $0.10 and $0.40, cache reads and writes', () => {
    expect(model('qwen3.5-flash').priceList.tiers[0]?.rates).toMatchObject({
      'input-text': { usd: '0.10' },
      'output-text': { usd: '0.40' },
      'cache-read-explicit': { usd: '0.01' },
      'cache-write': { usd: '0.125' },
    });
  });

  test('Qwen3.5 Flash: EmpirioLabs lists $0.090 and $0.368, down from $0.10 and $0.40, and prices of its tools', () => {
    const { priceList, was } = offer('qwen3.5-flash', 'empiriolabs');
    expect(prices(priceList)).toEqual([[undefined, '0.090', '0.368']]);
    expect(was).toEqual([{ 'input-text': '0.10', 'output-text': '0.40' }]);
    expect(priceList.tiers[0]?.rates).toMatchObject({
      'tool:web_search': { usd: '0.015', per: 1 },
      'tool:web_extractor': { usd: '0', per: 1 },
      'tool:code_interpreter': { usd: '0', per: 1 },
      'tool:web_search_image': { usd: '0.012', per: 1 },
      'tool:image_search': { usd: '0.012', per: 1 },
    });
  });

  test('Qwen3.5 Flash in China: three tiers, $0.01 a search', () => {
    const variant = model('qwen3.5-flash').variants[0];
    expect(variant?.id).toBe('qwen3.5-flash:variant1');
    expect(variant && prices(variant.priceList)).toEqual([
      [128_000, '0.029', '0.287'],
      [256_000, '0.115', '1.147'],
      [1_000_000, '0.172', '1.72'],
    ]);
    expect(variant?.priceList.tiers.map(({ rates }) => rates['tool:web_search']?.usd)).toEqual(['0.01', '0.01', '0.01']);
    const listed = Object.fromEntries(variant?.parameters.map(({ name, schema: range }) => [name, range]) ?? []);
    expect(listed).toMatchObject({
      temperature: { default: 0.7, minimum: 0, maximum: 2 },
      top_p: { default: 0.9, minimum: 0, maximum: 1 },
      max_tokens: { default: 4096, minimum: 1, maximum: 65_536 },
      stop: { maxItems: 4 },
      enable_thinking: { default: true },
      reasoning_effort: { default: 'medium', enum: ['none', 'low', 'medium', 'high', 'max'] },
      thinking_budget: { default: 32_768, minimum: 1, maximum: 80_000 },
      response_format: {},
      vl_high_resolution_images: { default: true },
      max_pixels: { default: 2_621_440, minimum: 4096, maximum: 16_777_216 },
      video_fps: { default: 2, minimum: 0.1, maximum: 10 },
      tool_web_search: { default: false },
    });
    expect(Object.keys(listed)).not.toContain('tool_code_interpreter');
  });

  test('Qwen3.5 Omni Flash: AI/ML API rounds every line up to a credit of 500 nano-dollars', () => {
    const { priceList } = model('qwen3.5-omni-flash');
    expect(prices(priceList)).toEqual([[undefined, '0.52', '2.86']]);
    expect(priceList.rounding).toEqual({ quantum: 500n, per: 'line' });
    expect(priceList.tiers[0]?.rates['input-video']).toEqual({ usd: '0.52', per: 1_000_000 });
  });

  test('Qwen Flash: a quarter dollar a million beyond 256,000 tokens', () => {
    expect(prices(model('qwen-flash').priceList)).toEqual([
      [256_000, '0.05', '0.4'],
      [1_000_000, '0.25', '2'],
    ]);
  });

  test('the local models are free, and only they stand in', () => {
    for (const { standsInFor, priceList, owner } of builtInModels) {
      const isFree = priceList.tiers.every(({ rates }) => Object.values(rates).every((rate) => rate?.usd === '0'));
      expect(isFree).toBe(standsInFor !== undefined);
      expect(owner === 'alibaba').toBe(standsInFor === undefined);
    }
    expect(model('tinyllama-1.1b-chat').standInNote).toContain('smoke-test stand-in');
    expect(model('qwen3.5-flash').standInFamily).toBe('qwen-flash');
  });
});
