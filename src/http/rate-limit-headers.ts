import type { Allowance } from '../access/allowance.ts';
import type { RateLimits } from '../access/rate-limiter.ts';
import type { RateLimitFamily } from '../dialects/dialect.ts';

/** Where a key stood, and when that was (Unix milliseconds). */
export interface ToldLimits extends RateLimits {
  readonly at: number;
}

/** One pair of limit and remainder, and the reset, for each limit that the key has. */
export function rateLimitHeaders(family: RateLimitFamily, limits: ToldLimits): Readonly<Record<string, string>> {
  const { requests, tokens, at } = limits;
  const write = families[family];
  return {
    ...(requests === undefined ? {} : write('requests', requests, at)),
    ...(tokens === undefined ? {} : write('tokens', tokens, at)),
  };
}

type WriteAllowance = (what: 'requests' | 'tokens', allowance: Allowance, at: number) => Readonly<Record<string, string>>;

const families: Readonly<Record<RateLimitFamily, WriteAllowance>> = {
  /** The reset is a duration such as `59.5s`. */
  openai: (what, { limit, remaining, resetMs }) => ({
    [`x-ratelimit-limit-${what}`]: String(limit),
    [`x-ratelimit-remaining-${what}`]: String(remaining),
    [`x-ratelimit-reset-${what}`]: `${Math.ceil(resetMs) / 1000}s`,
  }),
  /** The reset is a time (RFC 3339) in whole seconds, rounded up so that nobody comes too early. */
  anthropic: (what, { limit, remaining, resetMs }, at) => ({
    [`anthropic-ratelimit-${what}-limit`]: String(limit),
    [`anthropic-ratelimit-${what}-remaining`]: String(remaining),
    [`anthropic-ratelimit-${what}-reset`]: wholeSecond(at + resetMs),
  }),
};

/** `2026-11-05T12:00:00Z` */
function wholeSecond(unixMs: number): string {
  return `${new Date(Math.ceil(unixMs / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}
