import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { explainConfig } from './explain.ts';
import { ConfigError, configJsonSchema, loadConfig, type ConfigInputs } from './load-config.ts';

const one = (name: string): string => `  - name: ${name}\n    base_url: http://127.0.0.1:1/v1\n    models: [m]\n`;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'flashmux-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(yaml: string | undefined, rest: Partial<ConfigInputs> = {}): ReturnType<typeof loadConfig> {
  if (yaml !== undefined) writeFileSync(path.join(folder, 'flashmux.yaml'), yaml);
  return loadConfig({ environment: {}, flags: [], workingFolder: folder, ...rest });
}

function problems(yaml: string, rest: Partial<ConfigInputs> = {}): readonly string[] {
  try {
    load(yaml, rest);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((problem) => problem.replace(`${folder}/`, ''));
    throw error;
  }
  return [];
}

describe('without any setting', () => {
  test('the defaults start a server on this machine only', () => {
    const { config } = load(undefined);
    expect(config.server).toMatchObject({ host: '127.0.0.1', port: 4400 });
    expect(config.engine.enabled).toBe(true);
    expect(config.scripted.enabled).toBe(false);
  });

  test('an empty file means the same as no file', () => {
    expect(load('').config).toEqual(load(undefined).config);
  });
});

describe('who wins', () => {
  test('a flag beats the environment, which beats the file, which beats the default, and each value knows its source', () => {
    const loaded = load('server:\n  port: 1\n  host: 0.0.0.0\nlimits:\n  max_queued: 7\n', {
      environment: { FLASHMUX_SERVER__PORT: '2', FLASHMUX_SERVER__HOST: '::1' },
      flags: [{ path: 'server.port', flag: '--port', value: 3 }],
    });
    expect(loaded.config.server).toMatchObject({ port: 3, host: '::1' });
    expect(loaded.source('server.port')).toEqual({ kind: 'flag', name: '--port' });
    expect(loaded.source('server.host')).toEqual({ kind: 'environment', name: 'FLASHMUX_SERVER__HOST' });
    expect(loaded.source('limits.max_queued')).toMatchObject({ kind: 'file', line: 5, column: 3 });
    expect(loaded.source('server.drain_ms')).toEqual({ kind: 'default' });
  });

  test('FLASHMUX_HOME names the data folder, and ~ is the home folder', () => {
    expect(load(undefined, { environment: { FLASHMUX_HOME: '/data/fm' } }).config.home).toBe('/data/fm');
    expect(load('home: ~/fm\n').config.home).not.toContain('~');
  });

  test('a key made of digits stays text when it comes from the environment', () => {
    const yaml = 'providers:\n  - name: a\n    base_url: http://127.0.0.1:1/v1\n    models: [m]\n';
    const loaded = load(yaml, { environment: { FLASHMUX_PROVIDERS__0__API_KEY: '12345' } });
    expect(loaded.config.providers[0]).toMatchObject({ api_key: '12345' });
  });
});

test('a price file is looked for beside the file that names it, or from where the program was started', () => {
  mkdirSync(path.join(folder, 'etc'));
  writeFileSync(path.join(folder, 'etc/own.yaml'), 'prices:\n  file: ./prices.yaml\n');
  const named = (rest: Partial<ConfigInputs>): string | undefined => load(undefined, rest).config.prices.file;
  expect(named({ file: 'etc/own.yaml' })).toBe(path.join(folder, 'etc/prices.yaml'));
  expect(named({ file: 'etc/own.yaml', environment: { FLASHMUX_PRICES__FILE: '2027' } })).toBe(path.join(folder, '2027'));
  expect(named({})).toBeUndefined();
});

describe('what is wrong is named with line and column', () => {
  test('a wrong type', () => {
    expect(problems('server:\n  port: many\n')).toEqual([expect.stringMatching(/^flashmux\.yaml:2:3 server\.port: .*number/)]);
  });
  test('an unknown setting, with the known ones', () => {
    expect(problems('server:\n  prot: 1\n')).toEqual([
      expect.stringMatching(/^flashmux\.yaml:2:3 server\.prot: unknown setting; known here: host, port/),
    ]);
  });
  test('every problem at once', () => {
    expect(problems('server:\n  port: -1\nlog:\n  level: loud\n')).toHaveLength(2);
  });
  test('broken YAML', () => {
    expect(problems('server: [1\n')[0]).toMatch(/^flashmux\.yaml:\d+:\d+ /);
  });
  test('a list where a map must be', () => {
    expect(problems('- a\n')).toEqual([expect.stringMatching(/must be a map/)]);
  });
  test('a missing environment variable', () => {
    const yaml = 'providers:\n  - name: a\n    base_url: http://127.0.0.1:1/v1\n    api_key: ${NOT_SET}\n    models: [m]\n';
    expect(problems(yaml)).toEqual([expect.stringMatching(/^flashmux\.yaml:4:5 names the environment variable NOT_SET/)]);
  });
  test('an alias without an anchor', () => {
    expect(problems('server: *nobody\n')).toHaveLength(1);
  });
  test('two providers of one name, and a name that flashmux uses itself', () => {
    expect(problems(`providers:\n${one('a')}${one('a')}`)).toEqual([
      expect.stringMatching(/^flashmux\.yaml:5:5 providers\.1\.name/),
    ]);
    expect(problems(`providers:\n${one('embedded')}`)).toHaveLength(1);
  });
  test('a wrong value from the environment names the variable', () => {
    expect(problems('', { environment: { FLASHMUX_SERVER__PORT: 'x' } })).toEqual([
      expect.stringMatching(/^FLASHMUX_SERVER__PORT: server\.port/),
    ]);
  });
  test('a named file that is not there', () => {
    expect(problems('', { file: 'other.yaml' })).toEqual([expect.stringMatching(/other\.yaml: cannot be read \(ENOENT\)/)]);
  });
});

test('whatever the file says, loading gives a config or a ConfigError', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.json(), fc.stringMatching(/^(\s{0,4}[a-z_]{1,8}: ?[a-z0-9[\]{}&*!|>'"-]{0,8}\n){0,6}$/)),
      (text) => {
        try {
          load(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('explain shows every value with its source and never a secret', () => {
  const yaml = 'providers:\n  - name: a\n    base_url: http://127.0.0.1:1/v1\n    api_key: sk-very-secret\n    models: [m]\n';
  const explained = explainConfig(load(yaml));
  expect(JSON.stringify(explained)).not.toContain('very-secret');
  expect(explained.find((value) => value.path === 'providers.0.name')?.source).toMatch(/flashmux\.yaml:2:5$/);
  expect(explained.find((value) => value.path === 'server.port')).toEqual({
    path: 'server.port',
    shown: '4400',
    source: 'default',
  });
});

test('the JSON Schema asks for nothing: an empty file is complete', () => {
  const schema = configJsonSchema();
  expect(schema['required'] ?? []).toEqual([]);
  expect(schema).toMatchObject({ properties: { server: { properties: { port: { default: 4400 } } } } });
});
