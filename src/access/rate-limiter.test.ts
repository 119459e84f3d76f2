import { expect, test } from 'vitest';
import { minuteMs } from './allowance.ts';
import { RateLimiter } from './rate-limiter.ts';

test('a key has its own minute, and one without a limit has none', () => {
  const limiter = new RateLimiter();
  const limited = { keyId: 'a', requestsPerMinute: 1 };
  expect(limiter.admit(limited, 0)).toEqual({ requests: { limit: 1, remaining: 0, resetMs: minuteMs } });
  expect(limiter.admit(limited, 1_000)).toEqual({ requests: { limit: 1, remaining: 0, resetMs: 59_000, retryMs: 59_000 } });
  expect(limiter.admit({ keyId: 'b', requestsPerMinute: 1 }, 1_000).requests).not.toHaveProperty('retryMs');
  expect(limiter.admit({ keyId: 'c' }, 1_000)).toEqual({});
  expect(limiter.look(limited, minuteMs)).toEqual({ requests: { limit: 1, remaining: 1, resetMs: 0 } });
  expect(limiter.size).toBe(2);
});

test('tokens are counted where there is a limit of them, and refuse the request after the one that reached it', () => {
  const limiter = new RateLimiter();
  const limited = { keyId: 'a', tokensPerMinute: 100 };
  limiter.count(limited, 99, 0);
  expect(limiter.admit(limited, 0)).toEqual({ tokens: { limit: 100, remaining: 1, resetMs: minuteMs } });
  limiter.count(limited, 151, 200);
  expect(limiter.admit(limited, 1_000).tokens).toMatchObject({ remaining: 0, retryMs: 59_200 });
  limiter.count({ keyId: 'b' }, 99, 0);
  expect(limiter.size).toBe(1);
});

test('a request that is refused for its tokens is not counted among the requests', () => {
  const limiter = new RateLimiter();
  const limited = { keyId: 'a', requestsPerMinute: 5, tokensPerMinute: 100 };
  limiter.count(limited, 100, 0);
  for (const at of [1, 2, 3])
    expect(limiter.admit(limited, at)).toMatchObject({ requests: { remaining: 5 }, tokens: { retryMs: minuteMs - at } });
  expect(limiter.admit(limited, minuteMs)).toMatchObject({ requests: { remaining: 4 }, tokens: { remaining: 100 } });
});

test('keys that were silent for a minute are forgotten, others are not', () => {
  const limiter = new RateLimiter();
  for (let index = 0; index < 100; index++) {
    limiter.admit({ keyId: `key_${index}`, requestsPerMinute: 1 }, 0);
    limiter.count({ keyId: `other_${index}`, tokensPerMinute: 1 }, 1, 0);
  }
  const busy = { keyId: 'busy', requestsPerMinute: 1 };
  limiter.admit(busy, 30_000);
  limiter.look(busy, 2 * minuteMs - 30_001);
  expect(limiter.size).toBe(1);
  expect(limiter.admit(busy, 2 * minuteMs - 30_001).requests).toHaveProperty('retryMs', 1);
});
