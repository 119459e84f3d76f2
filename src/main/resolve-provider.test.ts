import { describe, expect, test } from 'vitest';
import { createCatalogue } from '../catalogue/create-catalogue.ts';
import { configSchema } from '../config/schema.ts';
import type { Host } from '../routing/plan.ts';
import { knownHosts } from '../providers/known-hosts/known-hosts.ts';
import { configuredHosts } from './configured-models.ts';
import { resolveProvider } from './resolve-provider.ts';

const catalogue = createCatalogue();

function hosts(...providers: readonly Readonly<Record<string, unknown>>[]): readonly Host[] {
  return configuredHosts(configSchema.parse({ providers }), catalogue);
}

function only(provider: Readonly<Record<string, unknown>>, model: string): Host | undefined {
  return hosts(provider).find((host) => host.model === model);
}

describe('a known host', () => {
  test.each(knownHosts)('$name serves models of the catalogue, under names that no other provider has', ({ name, models }) => {
    const served = hosts({ name, preset: name, api_key: 'k' });
    expect(served.map(({ model }) => model)).toEqual(models.map(({ model }) => catalogue.find(model)?.variant?.id ?? model));
    expect(new Set(served.map(({ upstreamModel }) => upstreamModel)).size).toBe(models.length);
  });

  test.each(knownHosts)('$name says where its facts were seen, and speaks over TLS', ({ seen, regions }) => {
    expect(seen.length).toBeGreaterThan(20);
    for (const { baseUrl } of regions) expect(baseUrl).toMatch(/^https:\/\/[^/]+\/.+[^/]$/);
  });

  test('is asked in the region that the operator names, and in its first one otherwise', () => {
    const at = (region?: string): string =>
      resolveProvider(configSchema.shape.providers.parse([{ name: 'a', preset: 'alibaba', region }])[0] ?? never()).baseUrl;
    expect(at()).toBe('https://dashscope-intl.aliyuncs.com/compatible-mode/v1');
    expect(at('beijing')).toBe('https://dashscope.aliyuncs.com/compatible-mode/v1');
    expect(() => at('mars')).toThrow(/Alibaba Model Studio has no region "mars"; it has singapore, us, beijing, hong-kong/);
  });

  test('that nobody knows is refused with those that there are', () => {
    expect(() => hosts({ name: 'a', preset: 'dashscop' })).toThrow(/no preset "dashscop"; there are alibaba, empiriolabs, /);
  });

  test('takes its own id of a model that the operator only names, and the one that he names', () => {
    const models = { 'qwen3.5-flash': 'my/flash' };
    expect(hosts({ name: 'v', preset: 'vercel', models: ['qwen3.5-flash'] })[0]?.upstreamModel).toBe('alibaba/qwen3.5-flash');
    expect(hosts({ name: 'v', preset: 'vercel', models })[0]?.upstreamModel).toBe('my/flash');
  });

  test('serves vectors alone where only those are named', () => {
    const embeddings = ['text-embedding-v4'];
    expect(hosts({ name: 'a', preset: 'alibaba', embeddings }).map(({ model }) => model)).toEqual([]);
  });
});

describe('the traits of a host', () => {
  test("are the region's and the price list's at which its seller offers the model there", () => {
    const priceOf = (region: string): string | undefined =>
      only({ name: 'a', preset: 'alibaba', region }, 'qwen-flash')?.traits?.priceList?.tiers[0]?.rates['input-text']?.usd;
    expect([priceOf('singapore'), priceOf('us'), priceOf('beijing'), priceOf('hong-kong')]).toEqual([
      '0.05',
      '0.05',
      '0.022',
      undefined,
    ]);
    expect(only({ name: 'a', preset: 'alibaba', region: 'us' }, 'qwen-flash')?.traits?.region).toBe('us');
  });

  test('of a variant are its own', () => {
    const provider = { name: 'e', preset: 'empiriolabs' };
    expect(only(provider, 'qwen3.5-flash')?.traits).toMatchObject({
      region: 'singapore',
      limits: { output: 32_768 },
      priceList: { tiers: [{ rates: { 'input-text': { usd: '0.090' } } }] },
    });
    expect(only(provider, 'qwen3.5-flash:variant1')?.traits).toMatchObject({
      region: 'china',
      limits: { output: 65_536, thinking: 80_000 },
      priceList: { tiers: [{ maxInputTokens: 128_000, rates: { 'input-text': { usd: '0.029' } } }, {}, {}] },
    });
  });

  test('name the parameters that it does not have, by model', () => {
    const missing = (preset: string, model: string): readonly string[] =>
      only({ name: 'h', preset }, model)?.traits?.missingParameters ?? [];
    expect(missing('alibaba', 'qwen3.5-flash')).toEqual(['min_p', 'frequency_penalty', 'logit_bias', 'prediction']);
    expect(missing('empiriolabs', 'qwen3.5-flash')).toContain('stop');
    expect(missing('empiriolabs', 'qwen3.5-flash:variant1')).not.toContain('stop');
    expect(missing('aimlapi', 'qwen3.5-omni-flash')).toEqual(['top_k', 'min_p', 'repetition_penalty', 'n']);
  });

  test('leave out what goes into the model and not into the host', () => {
    const input = only({ name: 'a', preset: 'alibaba' }, 'qwen3.5-flash')?.traits?.capabilities?.input;
    expect(input).toEqual(['text', 'image', 'video']);
    expect(only({ name: 'v', preset: 'vercel' }, 'qwen3.5-flash')?.traits?.capabilities).toBeUndefined();
  });

  test("hold what the page says of privacy, and the operator's word above it", () => {
    const silent = { keepsNoData: false, retainsNothing: false, trainsOnNothing: false };
    expect(only({ name: 'v', preset: 'vercel' }, 'qwen3.5-flash')?.traits?.privacy).toEqual(silent);
    const privacy = { retains_nothing: true, trains_on_nothing: true };
    expect(only({ name: 'v', preset: 'vercel', privacy }, 'qwen3.5-flash')?.traits?.privacy).toEqual({
      keepsNoData: false,
      retainsNothing: true,
      trainsOnNothing: true,
    });
  });

  test('of an own server are what the operator says of it, and none where he says nothing', () => {
    const own = { name: 'gpu', base_url: 'http://127.0.0.1:1/v1', models: ['qwen3.5-flash'], quirks: 'flashmux' };
    expect(hosts(own)).toEqual([{ provider: 'gpu', model: 'qwen3.5-flash', upstreamModel: 'qwen3.5-flash' }]);
    const said = { ...own, weight: 3, quantization: 'fp8', limits: { context: 262_144 } };
    expect(hosts(said)[0]?.traits).toEqual({ weight: 3, quantization: 'fp8', limits: { context: 262_144 } });
  });
});

describe('keys', () => {
  test('are one or several, and none is needed', () => {
    const keysOf = (more: object): readonly string[] =>
      resolveProvider(
        configSchema.shape.providers.parse([{ name: 'a', base_url: 'http://127.0.0.1:1/v1', models: ['m'], ...more }])[0] ??
          never(),
      ).keys;
    expect([keysOf({}), keysOf({ api_key: 'a' }), keysOf({ api_keys: ['a', 'b'] })]).toEqual([[], ['a'], ['a', 'b']]);
  });
});

describe('another protocol of a known host', () => {
  const at = (more: object): ReturnType<typeof resolveProvider> =>
    resolveProvider(configSchema.shape.providers.parse([{ name: 'a', ...more }])[0] ?? never());

  test('has its own address where the host has one for it, and a row of its own', () => {
    const { baseUrl, row } = at({ preset: 'alibaba', type: 'anthropic-messages' });
    expect(baseUrl).toBe('https://dashscope-intl.aliyuncs.com/apps/anthropic/v1');
    expect(row.quirks.seen).toContain('Model Studio documentation on its Anthropic-compatible Messages');
    expect(at({ preset: 'alibaba', type: 'openai-responses' }).baseUrl).toMatch(/compatible-mode/);
  });

  test('gets the row that promises least where there is none of its name', () => {
    expect(at({ preset: 'vercel', type: 'anthropic-messages' }).row).toEqual(
      at({ base_url: 'http://127.0.0.1:1/v1', models: ['m'], type: 'anthropic-messages' }).row,
    );
  });
});

describe('a row of quirks', () => {
  test('is looked for in the table of the protocol', () => {
    const own = { name: 'a', base_url: 'http://127.0.0.1:1/v1', models: ['m'] };
    const typeOf = (more: object): string =>
      resolveProvider(configSchema.shape.providers.parse([{ ...own, ...more }])[0] ?? never()).row.type;
    expect(typeOf({})).toBe('openai-compatible');
    expect(typeOf({ type: 'anthropic-messages', quirks: 'anthropic' })).toBe('anthropic-messages');
    expect(() => typeOf({ quirks: 'anthropic' })).toThrow(/no row of quirks "anthropic"; there are .*dashscope/);
  });
});

function never(): never {
  throw new Error('no provider was parsed');
}
