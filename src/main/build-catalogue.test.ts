import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigError } from '../config/load-config.ts';
import { configSchema } from '../config/schema.ts';
import { buildCatalogue, type PricedCatalogue } from './build-catalogue.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'flashmux-prices-'));
  file = path.join(folder, 'prices.yaml');
});
afterEach(() => rmSync(folder, { recursive: true }));

const nowMs = Date.parse('2027-01-01T00:00:00Z');
const right = (usd: string, model = 'qwen-flash'): string => `prices:
  - model: ${model}
    from: 2026-12-01T00:00:00Z
    tiers:
      - per_million_tokens: { input-text: "${usd}", output-text: "1" }
`;

interface Settings {
  readonly prices?: { readonly file?: string; readonly unpriced?: 'free' | 'refuse' };
  readonly models?: readonly string[];
}

async function build({ prices = { file }, models = [] }: Settings = {}): Promise<PricedCatalogue> {
  const provider = { name: 'gpu', base_url: 'http://127.0.0.1:1/v1', models };
  const config = configSchema.parse({ prices, ...(models.length === 0 ? {} : { providers: [provider] }) });
  return await buildCatalogue(config, { installed: async () => [] }, () => nowMs);
}

async function refusal(settings: Settings = {}): Promise<readonly string[]> {
  const error: unknown = await build(settings).catch((reason: unknown) => reason);
  if (!(error instanceof ConfigError)) throw new Error('nothing was refused', { cause: error });
  return error.problems.map((problem) => problem.replaceAll(`${folder}/`, ''));
}

const inputPrice = ({ catalogue }: PricedCatalogue, id = 'qwen-flash'): string | undefined =>
  catalogue.find(id)?.model.priceList.tiers[0]?.rates['input-text']?.usd;

test('a price file sets the prices of the models it names', async () => {
  writeFileSync(file, right('0.07'));
  expect(inputPrice(await build())).toBe('0.07');
});

test('a JSON file is read as well', async () => {
  const tiers = [{ per_million_tokens: { 'input-text': '0.08', 'output-text': '1' } }];
  writeFileSync(file, JSON.stringify({ prices: [{ model: 'qwen-flash', from: '2026-12-01T00:00:00Z', tiers }] }));
  expect(inputPrice(await build())).toBe('0.08');
});

test('every mistake is told with its line and column', async () => {
  writeFileSync(file, `${right('0.07').replace('"0.07"', '0.07')}  - model: qwen-flash\n    form: now\n`);
  expect(await refusal()).toEqual([
    expect.stringMatching(/^prices\.yaml:5:31 prices\.0\.tiers\.0\.per_million_tokens\.input-text: .*"0\.07"/),
    expect.stringMatching(/^prices\.yaml:6:5 prices\.1\.from: must be a time with its zone/),
    expect.stringMatching(/^prices\.yaml:7:5 prices\.1\.form: is unknown; known here: model, from/),
  ]);
});

test('a file that is no YAML is refused with its place, one that is not there with its name', async () => {
  writeFileSync(file, 'prices: [\n');
  expect(await refusal()).toEqual([expect.stringMatching(/^prices\.yaml:\d+:\d+ /)]);
  rmSync(file);
  expect(await refusal()).toEqual([expect.stringMatching(/^prices\.yaml: cannot be read \(ENOENT\)/)]);
});

test('a file that is read anew counts, and with a mistake in it the prices before stay', async () => {
  writeFileSync(file, right('0.07'));
  const priced = await build();
  writeFileSync(file, right('0.09'));
  priced.readPrices();
  expect(inputPrice(priced)).toBe('0.09');
  writeFileSync(file, `${right('0.11')}  - model: nobody\n    from: 2026-12-01T00:00:00Z\n    free: true\n`);
  expect(() => priced.readPrices()).toThrow(ConfigError);
  expect(inputPrice(priced)).toBe('0.09');
});

test("with a price file, a provider's model that nothing prices is refused by name", async () => {
  writeFileSync(file, right('0.07'));
  expect(await refusal({ models: ['my-model', 'qwen-flash'] })).toEqual([
    'providers: the model "my-model" has no price now; give it a row in prices.yaml (free: true for nothing), or set prices.unpriced: free, and what has no price costs nothing',
  ]);
});

test('a row that begins in the future prices nothing today', async () => {
  writeFileSync(file, right('0.07', 'my-model').replace('2026-12', '2027-12'));
  expect(await refusal({ models: ['my-model'] })).toHaveLength(1);
});

test('a model of a provider starts with a price, with free: true, or where the operator lets it', async () => {
  writeFileSync(file, right('0.07', 'my-model'));
  expect(inputPrice(await build({ models: ['my-model'] }), 'my-model')).toBe('0.07');
  writeFileSync(file, 'prices:\n  - { model: my-model, from: 2026-12-01T00:00:00Z, free: true }\n');
  expect((await build({ models: ['my-model'] })).unpriced).toEqual([]);
  expect((await build({ models: ['my-model'], prices: { unpriced: 'free' } })).unpriced).toEqual(['my-model']);
});

test('without a price file they are refused as well, and named where the operator lets them be free', async () => {
  expect(await refusal({ models: ['my-model', 'qwen-flash'], prices: {} })).toEqual([
    expect.stringMatching(/"my-model" has no price now; give it a row in a price file \(prices\.file\) .*prices\.unpriced: free/),
  ]);
  expect((await build({ models: ['my-model', 'qwen-flash'], prices: { unpriced: 'free' } })).unpriced).toEqual(['my-model']);
});

test("models of the catalogue and of this machine need no price of the operator's", async () => {
  expect((await build({ models: ['qwen-flash', 'qwen3.5-0.8b'], prices: {} })).unpriced).toEqual([]);
  const config = configSchema.parse({ engine: { model: '/models/my-own.gguf' }, scripted: { enabled: true } });
  const { catalogue, unpriced } = await buildCatalogue(config, { installed: async () => [] }, () => nowMs);
  expect(unpriced).toEqual([]);
  expect(catalogue.find('my-own')?.model.priceList.tiers[0]?.rates['input-text']?.usd).toBe('0');
});
