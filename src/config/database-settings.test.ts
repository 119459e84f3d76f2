import { describe, expect, test } from 'vitest';
import { explainConfig } from './explain.ts';
import { ConfigError, loadConfig } from './load-config.ts';
import type { LoadedConfig } from './load-config.ts';

function load(environment: Readonly<Record<string, string>>): LoadedConfig {
  return loadConfig({ environment, flags: [], workingFolder: import.meta.dirname });
}

function problems(environment: Readonly<Record<string, string>>): string {
  try {
    load(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
}

const url = 'postgres://flashmux:s3cret@db.example:5432/flashmux';
const pepper = '0123456789'.repeat(6) + '0123';

test('DATABASE_URL and FLASHMUX_PEPPER are settings, and the long names win over them', () => {
  const { config, source } = load({ DATABASE_URL: url, FLASHMUX_PEPPER: pepper });
  expect(config.database).toMatchObject({ url, pepper, connections: 10 });
  expect(source('database.url')).toEqual({ kind: 'environment', name: 'DATABASE_URL' });
  const both = load({ DATABASE_URL: url, FLASHMUX_DATABASE__URL: `${url}2`, FLASHMUX_DATABASE__CONNECTIONS: '3' });
  expect(both.config.database).toMatchObject({ url: `${url}2`, connections: 3 });
});

test('neither the password nor the pepper is shown', () => {
  const shown = JSON.stringify(explainConfig(load({ DATABASE_URL: url, FLASHMUX_PEPPER: pepper })));
  expect(shown).toContain('environment DATABASE_URL');
  expect(shown).not.toContain('s3cret');
  expect(shown).not.toContain(pepper);
});

describe('a database that cannot be meant is refused with what would be right, and without its password', () => {
  test.each([
    ['mysql://flashmux:s3cret@db/flashmux', 'must begin with postgres://'],
    ['', 'must begin with postgres://'],
    ['postgres://flashmux:s3cret@db', 'names no database'],
    ['postgres://flashmux:s3cret@db/', 'names no database'],
    ['postgres://db/flashmux', 'names no user'],
    ['postgres:///flashmux', 'names no'],
    ['postgres://flashmux:s3cret#x@db/flashmux', 'special characters of a password'],
    ['postgres://flashmux:s3cret@db/flashmux#x', 'has a #'],
    ['postgres://flashmux:s3cret@db:abc/flashmux', 'is no address'],
  ])('%s', (text, words) => {
    const told = problems({ DATABASE_URL: text });
    expect(told).toContain('DATABASE_URL: database.url:');
    expect(told).toContain(words);
    expect(told).not.toContain('s3cret');
  });

  test('several hosts, options and an encoded password are good', () => {
    for (const good of [
      'postgresql://flashmux:p%40ss%2Fword@db1:5432,db2:5433/flashmux?target_session_attrs=read-write',
      'postgres://flashmux@db/flashmux?sslmode=verify-full',
      'postgres://flashmux:s3cret@[::1]:5432/flashmux',
    ]) {
      expect(problems({ DATABASE_URL: good }), good).toBe('');
    }
  });

  test('a pepper is 64 hexadecimal digits, and only for a database that is shared', () => {
    expect(problems({ DATABASE_URL: url, FLASHMUX_PEPPER: 'abc' })).toContain('must be 64 hexadecimal digits');
    expect(problems({ FLASHMUX_PEPPER: pepper })).toContain('is for servers that share database.url');
  });
});
