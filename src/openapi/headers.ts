import type { RateLimitFamily } from '../dialects/dialect.ts';
import type { JsonObject } from '../model/json.ts';
import { text, wholeFrom } from '../model/json-schema.ts';

const kinds = ['requests', 'tokens'] as const;

/** Each header once, so that answers only name them. */
export const headerComponents: Readonly<Record<string, JsonObject>> = {
  'x-request-id': header('Id of this request, for whoever reads the log.', text),
  'request-id': header('The same, under the name that Anthropic uses.', text),
  'x-remaining-credits': header('What the account has left. Absent for an account without a limit.', text),
  'retry-after': header('Seconds after which to try again.', wholeFrom(1)),
  'x-should-retry': header('false where the same request will fail again.', { const: 'false' }),
  'www-authenticate': header('How to present a key.', { const: 'Bearer' }),
  ...Object.fromEntries(kinds.flatMap(rateLimits)),
};

export function headerRefs(names: readonly string[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/** A header that only one answer has. */
export function header(description: string, schema: JsonObject): JsonObject {
  return { description, schema };
}

/** The headers that tell where a key with limits by the minute stands. */
export function rateLimitHeaderNames(family: RateLimitFamily): readonly string[] {
  return Object.keys(headerComponents).filter((name) => name.startsWith(prefixes[family]));
}

const prefixes: Readonly<Record<RateLimitFamily, string>> = { openai: 'x-ratelimit-', anthropic: 'anthropic-ratelimit-' };

function rateLimits(what: (typeof kinds)[number]): readonly (readonly [string, JsonObject])[] {
  const limit = header(`How many ${what} the key may use in a minute. Absent where it has no such limit.`, wholeFrom(0));
  const remaining = header(`How many ${what} are left of them.`, wholeFrom(0));
  return [
    [`x-ratelimit-limit-${what}`, limit],
    [`x-ratelimit-remaining-${what}`, remaining],
    [`x-ratelimit-reset-${what}`, header(`Until all ${what} are there again, such as 59.5s.`, text)],
    [`anthropic-ratelimit-${what}-limit`, limit],
    [`anthropic-ratelimit-${what}-remaining`, remaining],
    [`anthropic-ratelimit-${what}-reset`, header(`When all ${what} are there again.`, { ...text, format: 'date-time' })],
  ];
}
