import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { explainConfig } from './explain.ts';
import { ConfigError, loadConfig, type ConfigInputs, type LoadedConfig } from './load-config.ts';

const presets = [
  { name: 'alibaba', keyVariable: 'DASHSCOPE_API_KEY' },
  { name: 'vercel', keyVariable: 'AI_GATEWAY_API_KEY' },
];

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'flashmux-providers-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(yaml: string, environment: ConfigInputs['environment'] = {}): LoadedConfig {
  writeFileSync(path.join(folder, 'flashmux.yaml'), yaml);
  return loadConfig({ environment, flags: [], workingFolder: folder, presets });
}

function problems(yaml: string): readonly string[] {
  try {
    load(yaml);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((problem) => problem.replace(`${folder}/`, ''));
    throw error;
  }
  return [];
}

const host = 'base_url: "http://127.0.0.1:1/v1", models: [m]';

describe('a provider', () => {
  test('of a preset needs nothing but its name and its key', () => {
    const { config } = load('providers:\n  - name: alibaba\n    preset: alibaba\n    api_key: sk-1\n');
    expect(config.providers).toEqual([{ name: 'alibaba', preset: 'alibaba', api_key: 'sk-1', models: [], embeddings: [] }]);
  });

  test('without a preset is told to have an address and models', () => {
    expect(problems('providers: [{name: a}]\n')).toEqual([
      expect.stringMatching(/^flashmux\.yaml:1:\d+ providers\.0\.base_url: .*or a preset that has one/),
      expect.stringMatching(/^flashmux\.yaml:1:\d+ providers\.0\.models: /),
    ]);
  });

  test.each([
    [`{name: a, ${host}, api_key: x, api_keys: [y]}`, /providers\.0\.api_keys: stands beside api_key/],
    [`{name: a, ${host}, region: us}`, /providers\.0\.region: .*preset/],
    [`{name: a, ${host}, api_keys: []}`, /providers\.0\.api_keys/],
    [`{name: a, ${host}, weight: -1}`, /providers\.0\.weight/],
    [`{name: a, ${host}, limits: {output: 0}}`, /providers\.0\.limits\.output/],
    [`{name: a, ${host}, privacy: {trains: false}}`, /providers\.0\.privacy\.trains: unknown setting; known here: keeps_no_data/],
    [`{name: a, ${host}, type: grpc}`, /providers\.0\.type/],
  ])('such as %s is refused with the place', (provider, message) => {
    expect(problems(`providers: [${provider}]\n`)).toEqual([expect.stringMatching(message)]);
  });
});

describe('a key of a known host in the environment', () => {
  test('makes that host a provider, whose source is the variable', () => {
    const loaded = load('', { AI_GATEWAY_API_KEY: '4711', DASHSCOPE_API_KEY: '' });
    expect(loaded.config.providers).toMatchObject([{ name: 'vercel', preset: 'vercel', api_key: '4711' }]);
    expect(loaded.source('providers.0.name')).toEqual({ kind: 'environment', name: 'AI_GATEWAY_API_KEY' });
  });

  test('stands behind the providers of the file', () => {
    const { config } = load(`providers: [{name: gpu, ${host}}]\n`, { DASHSCOPE_API_KEY: 'a', AI_GATEWAY_API_KEY: 'b' });
    expect(config.providers.map(({ name }) => name)).toEqual(['gpu', 'alibaba', 'vercel']);
  });

  test('is the key of a configured provider of that preset that has none, and makes no second one', () => {
    const yaml = 'providers: [{name: qwen, preset: alibaba, region: us}]\n';
    const loaded = load(yaml, { DASHSCOPE_API_KEY: 'sk-1' });
    expect(loaded.config.providers).toMatchObject([{ name: 'qwen', region: 'us', api_key: 'sk-1' }]);
    expect(loaded.source('providers.0.api_key')).toEqual({ kind: 'environment', name: 'DASHSCOPE_API_KEY' });
  });

  test.each([
    ['api_key: own', { api_key: 'own' }],
    ['api_keys: [own]', { api_keys: ['own'] }],
    ['base_url: "http://127.0.0.1:1/v1"', { base_url: 'http://127.0.0.1:1/v1' }],
    ['headers: {authorization: own}', { headers: { authorization: 'own' } }],
  ])('is not put beside %s', (setting, own) => {
    const { config } = load(`providers: [{name: qwen, preset: alibaba, ${setting}}]\n`, { DASHSCOPE_API_KEY: 'sk-1' });
    expect(config.providers).toEqual([{ name: 'qwen', preset: 'alibaba', models: [], embeddings: [], ...own }]);
  });

  test('makes no provider where the name is taken, or where the operator wants none', () => {
    const environment = { DASHSCOPE_API_KEY: 'sk-1' };
    expect(load(`providers: [{name: alibaba, ${host}}]\n`, environment).config.providers).toHaveLength(1);
    expect(load('providers_from_env: false\n', environment).config.providers).toEqual([]);
    expect(load('', { ...environment, FLASHMUX_PROVIDERS_FROM_ENV: 'false' }).config.providers).toEqual([]);
  });

  test('is no key of that host where flashmux itself gave it out, for a client in the same shell', () => {
    expect(load('', { AI_GATEWAY_API_KEY: 'fm_abc_def' }).config.providers).toEqual([]);
    const { config } = load('providers: [{name: v, preset: vercel}]\n', { AI_GATEWAY_API_KEY: 'fm_abc_def' });
    expect(config.providers[0]).not.toHaveProperty('api_key');
  });

  test('is looked for only by those who name the hosts', () => {
    const { config } = loadConfig({ environment: { DASHSCOPE_API_KEY: 'sk-1' }, flags: [], workingFolder: folder });
    expect(config.providers).toEqual([]);
  });

  test('leaves a list of providers that is none to be refused with its place', () => {
    writeFileSync(path.join(folder, 'flashmux.yaml'), 'providers: none\n');
    const environment = { DASHSCOPE_API_KEY: 'sk-1' };
    expect(() => loadConfig({ environment, flags: [], workingFolder: folder, presets })).toThrow(/flashmux\.yaml:1:1 providers/);
  });
});

test('no key of any kind is ever shown', () => {
  const yaml = `providers:
  - {name: a, ${host}, api_keys: [sk-secret-1, sk-secret-2], account_keys: {acc.1: sk-secret-3}}
  - {name: b, ${host}, api_key: sk-secret-4, headers: {x-api-key: sk-secret-5}}
`;
  const explained = JSON.stringify(explainConfig(load(yaml, { DASHSCOPE_API_KEY: 'sk-secret-6' })));
  expect(explained).not.toContain('sk-secret');
  expect(explained).toContain('environment DASHSCOPE_API_KEY');
});

test('keys made of digits stay text when they come from the environment', () => {
  const { config } = load(`providers: [{name: a, ${host}}]\n`, { FLASHMUX_PROVIDERS__0__API_KEYS__0: '12345' });
  expect(config.providers[0]).toMatchObject({ api_keys: ['12345'] });
});
