import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Caller } from '../access/access.ts';
import type { RateLimitFamily } from '../dialects/dialect.ts';
import type { Call, Serve } from '../exchange/call.ts';
import { opening, plainDialect, says, startListener, type StartedListener } from './listener.test-support.ts';

// Limits by the minute as a caller meets them: each reply in full, on a clock that stands still until it is moved.

const startedAt = Date.UTC(2026, 10, 5, 12, 0, 0, 250);
let time = 0;
const clock = { now: () => startedAt + time, ticks: () => time };
let listener: StartedListener;
let tokens = 0;

const serve: Serve = async function* (call: Call) {
  yield opening();
  yield says('Hello');
  call.onUsage?.({ input: { total: tokens - 1 }, output: { total: 1 }, toolCalls: {} });
  yield [{ kind: 'answer-end', answer: 0, reason: 'stop' }];
};

async function start(limits: Partial<Caller>, family: RateLimitFamily = 'openai'): Promise<void> {
  listener = await startListener(serve, {
    clock,
    dialects: [{ ...plainDialect, rateLimitHeaders: family }],
    access: { authenticate: async () => ({ keyId: 'key_1', accountId: 'acct_1', ...limits }) },
  });
}

beforeEach(() => {
  time = 0;
  tokens = 100;
});
afterEach(() => listener[Symbol.asyncDispose]());

async function say(more: Readonly<Record<string, unknown>> = {}): Promise<Response> {
  return fetch(`${listener.url}/v1/say`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', ...more }),
  });
}

/** Every header that tells a limit. */
function limitsOf({ headers }: Response): Readonly<Record<string, string>> {
  return Object.fromEntries([...headers].filter(([name]) => name.includes('ratelimit') || name === 'retry-after'));
}

test("the tokens of a whole answer stand in its own headers, in OpenAI's words", async () => {
  await start({ requestsPerMinute: 3, tokensPerMinute: 250 });
  const reply = await say();
  expect(reply.status).toBe(200);
  expect(limitsOf(reply)).toEqual({
    'x-ratelimit-limit-requests': '3',
    'x-ratelimit-remaining-requests': '2',
    'x-ratelimit-reset-requests': '60s',
    'x-ratelimit-limit-tokens': '250',
    'x-ratelimit-remaining-tokens': '150',
    'x-ratelimit-reset-tokens': '60s',
  });
});

test('the headers of a stream tell what was left when it began; the next reply knows what it used', async () => {
  await start({ tokensPerMinute: 250 });
  const stream = await say({ stream: true });
  expect(limitsOf(stream)).toEqual({
    'x-ratelimit-limit-tokens': '250',
    'x-ratelimit-remaining-tokens': '250',
    'x-ratelimit-reset-tokens': '0s',
  });
  await stream.text();
  expect(limitsOf(await fetch(`${listener.url}/v1/models`))['x-ratelimit-remaining-tokens']).toBe('150');
});

test('a key whose tokens of the last minute reached its limit is refused until enough of them have left', async () => {
  await start({ tokensPerMinute: 250 });
  for (time = 0; time <= 20_000; time += 10_000) expect((await say()).status).toBe(200);
  time = 25_000;
  const refused = await say();
  expect(refused.status).toBe(429);
  expect(limitsOf(refused)).toEqual({
    'x-ratelimit-limit-tokens': '250',
    'x-ratelimit-remaining-tokens': '0',
    'x-ratelimit-reset-tokens': '55s',
    'retry-after': '35',
  });
  expect(await refused.json()).toEqual({
    error: { code: 'rate_limited', message: 'This key may use 250 tokens in a minute, and has. Try again in 35 s.' },
    request_id: expect.stringMatching(/^req_/),
  });
  expect((await fetch(`${listener.url}/v1/models`)).status).toBe(200);
  time = 59_999;
  expect((await say()).status).toBe(429);
  time = 60_000;
  expect((await say()).status).toBe(200);
});

test('a key over its requests is refused, and the refused requests cost it nothing', async () => {
  await start({ requestsPerMinute: 1, tokensPerMinute: 1_000 });
  await say();
  time = 500;
  for (let round = 0; round < 3; round++) {
    const refused = await say();
    expect(refused.status).toBe(429);
    expect(limitsOf(refused)).toEqual({
      'x-ratelimit-limit-requests': '1',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '59.5s',
      'x-ratelimit-limit-tokens': '1000',
      'x-ratelimit-remaining-tokens': '900',
      'x-ratelimit-reset-tokens': '59.5s',
      'retry-after': '60',
    });
    expect(await refused.json()).toMatchObject({
      error: { code: 'rate_limited', message: 'This key may make 1 requests in a minute, and has. Try again in 60 s.' },
    });
  }
  time = 60_000;
  expect((await say()).status).toBe(200);
});

test("a dialect that speaks Anthropic's words tells the same in them, with the time of the reset", async () => {
  await start({ requestsPerMinute: 2, tokensPerMinute: 100 }, 'anthropic');
  expect(limitsOf(await say())).toEqual({
    'anthropic-ratelimit-requests-limit': '2',
    'anthropic-ratelimit-requests-remaining': '1',
    'anthropic-ratelimit-requests-reset': '2026-11-05T12:01:01Z',
    'anthropic-ratelimit-tokens-limit': '100',
    'anthropic-ratelimit-tokens-remaining': '0',
    'anthropic-ratelimit-tokens-reset': '2026-11-05T12:01:01Z',
  });
  time = 1_500;
  const refused = await say();
  expect(refused.status).toBe(429);
  expect(limitsOf(refused)).toEqual({
    'anthropic-ratelimit-requests-limit': '2',
    'anthropic-ratelimit-requests-remaining': '1',
    'anthropic-ratelimit-requests-reset': '2026-11-05T12:01:01Z',
    'anthropic-ratelimit-tokens-limit': '100',
    'anthropic-ratelimit-tokens-remaining': '0',
    'anthropic-ratelimit-tokens-reset': '2026-11-05T12:01:01Z',
    'retry-after': '59',
  });
});

test('a key without limits is told nothing of any', async () => {
  await start({});
  expect(limitsOf(await say())).toEqual({});
});
