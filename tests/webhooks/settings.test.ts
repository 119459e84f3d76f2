import { expect, test } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const problem = (webhooks: object): string => configSchema.safeParse({ webhooks }).error?.message ?? '';
const hook = 'https://example.com/hook';

test('an address without a secret is refused, and so is an empty or a weak one', () => {
  expect(problem({ url: hook })).toContain('must be set where webhooks.url is');
  for (const weak of ['', ' '.repeat(40), 'short', 'whsec_', 'whsec_not base64 at all, by no means']) {
    expect(problem({ url: hook, secret: weak })).toMatch(/must have at least 16 characters|must be whsec_/);
  }
  expect(problem({ url: hook, secret })).toBe('');
  expect(problem({ url: hook, secret: 'a text of the operator' })).toBe('');
});

test.each(['ftp://example.com', 'example.com', ''])('the address %j is refused', (wrong) => {
  expect(problem({ url: wrong, secret })).not.toBe('');
});

test.each([5, '-5', '5,00', '0.0000000001', 'five'])('the mark %j is refused: dollars are decimal text', (mark) => {
  expect(problem({ url: hook, secret, low_balance_usd: mark })).toContain('5.00');
});
