import { expect, test, vi } from 'vitest';
import { InsufficientCredits } from '../ledger/insufficient-credits.ts';
import { drain, exchangeWith, good, request } from './serve.test-support.ts';
import type { Script } from './serve.test-support.ts';

// An account with 1 dollar; a token of output can cost 2,000,000 nano-dollars, so that some 230 of them fit beside the prompt.
const dear = { ...request, limits: { answerTokens: 1_000 } };

test('a request that does not fit is told the balance, what it needed, and what would fit', async () => {
  const { serve } = await exchangeWith('refuse', good);
  const refusal: unknown = await drain(serve({ request: dear })).catch((error: unknown) => error);
  if (!(refusal instanceof InsufficientCredits)) throw new Error('it was not refused');
  expect(refusal.shortage.needed).toBeGreaterThan(2_000_000_000n);
  expect(refusal.message).toMatch(
    /^This request can cost up to \$2\.\d+; the account has \$1\.00 available\. Top up the account, or ask for less output: up to \d+ output tokens/,
  );
  const fitting = Number(/up to (\d+) output tokens/.exec(refusal.message)?.[1]);
  const fits = { ...request, limits: { completionTokens: fitting } };
  expect(await drain(serve({ request: fits }))).not.toHaveLength(0);
  const { serve: anew } = await exchangeWith('refuse', good);
  const tooMuch = { ...request, limits: { completionTokens: fitting + 1 } };
  await expect(drain(anew({ request: tooMuch }))).rejects.toMatchObject({ code: 'insufficient_credits' });
});

test('where requests are clamped, the output is lowered to what fits, and the answer says so', async () => {
  const host = vi.fn<Script>(good);
  const { serve, books } = await exchangeWith('clamp', host);
  const [opening] = await drain(serve({ request: dear }));
  expect(opening).toMatchObject({ kind: 'answer-start' });
  const { serve: again } = await exchangeWith('clamp', good);
  const events = await drain(again({ request: dear }));
  expect(events).toContainEqual({
    kind: 'notice',
    notice: {
      code: 'clamped',
      path: 'max_completion_tokens',
      message: expect.stringMatching(/^Lowered to \d+, thinking included/),
    },
  });
  expect(await books()).toEqual({ spent: 20_000_000n, pending: 0n });
});

test('what is clamped goes to the host as the lower limit', async () => {
  const { serve, requests } = await exchangeWith('clamp', good);
  await drain(serve({ request: dear }));
  expect(requests).toHaveLength(1);
  expect(requests[0]?.limits).toMatchObject({ answerTokens: 1_000, completionTokens: expect.any(Number) });
  expect(requests[0]?.limits.completionTokens).toBeLessThan(500);
});

test('where not even the prompt fits, clamping does not help', async () => {
  const { serve, ledger } = await exchangeWith('clamp', good);
  await ledger.hold({ requestId: 'other', accountId: 'acct', amount: 999_999_999n, expiresAt: 4_000_000_000_000 });
  await expect(drain(serve({ request: dear }))).rejects.toMatchObject({
    code: 'insufficient_credits',
    message: expect.stringContaining('not even its prompt fits'),
  });
});

test('a budget that is used up is told as such', async () => {
  const { serve, ledger } = await exchangeWith('refuse', good);
  await ledger.openAccount({ id: 'key:k', limit: 'prepaid', parentId: 'acct', budget: { amount: 1_000n, period: 'day' } });
  const caller = { keyId: 'k', accountId: 'acct', budgetId: 'key:k' };
  await expect(drain(serve({ caller }))).rejects.toMatchObject({
    code: 'insufficient_credits',
    message: expect.stringContaining('the budget has $0.000001 available'),
  });
});

test('a request pays from the budget of its key and from the account above it alike', async () => {
  const { serve, ledger } = await exchangeWith('refuse', good);
  await ledger.openAccount({
    id: 'key:k',
    limit: 'prepaid',
    parentId: 'acct',
    budget: { amount: 900_000_000n, period: 'month' },
  });
  await drain(serve({ caller: { keyId: 'k', accountId: 'acct', budgetId: 'key:k' } }));
  expect(await ledger.balance('acct')).toMatchObject({ spent: 20_000_000n, pending: 0n });
  expect(await ledger.balance('key:k')).toMatchObject({ available: 880_000_000n, spent: 20_000_000n });
});

test('a request whose worst case fits into free tokens costs nothing for them', async () => {
  const { serve, ledger } = await exchangeWith('refuse', good);
  const expiresAt = Date.now() + 90 * 86_400_000;
  await ledger.grant({ ref: 'free', accountId: 'acct', gift: { unit: 'tokens', count: 1_000_000 }, expiresAt });
  const events = await drain(serve({ request: dear }));
  // The bill says what it would have cost; the ledger gives it back in the same moment.
  expect(events.at(-1)).toMatchObject({ bill: { total: 20_000_000n } });
  expect((await ledger.balance('acct')).available).toBe(1_000_000_000n);
  expect(await ledger.grants('acct')).toMatchObject([{ used: 15n, pending: 0n, open: true }]);
});
