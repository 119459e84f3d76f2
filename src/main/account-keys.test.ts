import { expect, test } from 'vitest';
import { configSchema } from '../config/schema.ts';
import { configuredAccountKeys } from './account-keys.ts';

test('an account has its own key at the provider for which it brought one, and nowhere else', () => {
  const host = { base_url: 'http://127.0.0.1:1/v1', models: ['m'] };
  const config = configSchema.parse({
    providers: [
      { ...host, name: 'a', account_keys: { acc_1: 'sk-own' } },
      { ...host, name: 'b' },
    ],
  });
  const keyOf = configuredAccountKeys(config);
  expect(keyOf('a', 'acc_1')).toBe('sk-own');
  expect([keyOf('a', 'acc_2'), keyOf('b', 'acc_1'), keyOf('c', 'acc_1'), keyOf('a', 'constructor')]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
