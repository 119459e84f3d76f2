import { expect, test } from 'vitest';
import { readExpiry } from './read-expiry.ts';

const now = Date.UTC(2026, 10, 20, 12);

test.each([
  ['90m', now + 90 * 60_000],
  ['12h', now + 12 * 3_600_000],
  ['30d', now + 30 * 86_400_000],
  ['2026-11-21', Date.UTC(2026, 10, 21)],
  ['2026-11-20T14:00:00+01:00', now + 3_600_000],
])('%s is a moment in the future', (text, moment) => {
  expect(readExpiry(text, now)).toBe(moment);
});

test.each(['', '0d', '30', '30 d', '-1d', '30s', '1e3d', '2026-11-20', '2026-13-01', 'tomorrow', '2026-11-21T10:00'])(
  '"%s" is refused',
  (text) => {
    expect(() => readExpiry(text, now)).toThrow(/Write a span|in the future/);
  },
);
