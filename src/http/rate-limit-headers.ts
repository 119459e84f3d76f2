import type { RequestAllowance } from '../access/request-window.ts';

/** The headers of OpenAI, whose reset is a duration such as `59.5s`. */
export function rateLimitHeaders({ limit, remaining, resetMs }: RequestAllowance): Readonly<Record<string, string>> {
  return {
    'x-ratelimit-limit-requests': String(limit),
    'x-ratelimit-remaining-requests': String(remaining),
    'x-ratelimit-reset-requests': `${Math.ceil(resetMs) / 1000}s`,
  };
}
