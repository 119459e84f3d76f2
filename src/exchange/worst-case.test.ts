import { expect, test } from 'vitest';
import { operatorModel } from '../catalogue/operator-model.ts';
import type { Order } from '../catalogue/catalogue.ts';
import type { GenerateRequest } from '../model/request.ts';
import type { PriceList } from '../model/money.ts';
import type { PlannedAttempt } from '../routing/plan.ts';
import { request } from './serve.test-support.ts';
import { holdBounds, mostOutput } from './worst-case.ts';

const model = operatorModel({ id: 'm', context: 1_000, output: 1_000, prices: { 'input-text': '1', 'output-text': '2' } });
const cent = { usd: '0.01', per: 1 };
const priced: PriceList = {
  ...model.priceList,
  tiers: model.priceList.tiers.map((tier) => ({ ...tier, rates: { ...tier.rates, 'tool:web_search': cent } })),
};

function boundsOf(asked: GenerateRequest, lists: readonly PriceList[] = [priced]): ReturnType<typeof holdBounds> {
  return holdBounds(
    orderOf(asked),
    lists.map((list) => attemptAt(list, asked)),
  );
}

function orderOf(asked: GenerateRequest): Order {
  return { request: asked, model, limits: model.limits, priceList: priced, notices: [] };
}

function attemptAt(priceList: PriceList, asked = request): PlannedAttempt {
  return {
    provider: 'p',
    upstreamModel: 'm',
    hostId: 'p/m',
    answeringModel: 'm',
    request: asked,
    limits: model.limits,
    priceList,
    notices: [],
  };
}

test('calls of the tools that a host may run are held for, in each answer', () => {
  const plain = boundsOf(request).amount;
  const searching = { ...request, serverTools: { web_search: true, code_interpreter: false } };
  expect(boundsOf(searching).amount - plain).toBe(10n * 10_000_000n);
  const twice = boundsOf({ ...searching, answers: 2 }).amount - boundsOf({ ...request, answers: 2 }).amount;
  expect(twice).toBe(20n * 10_000_000n);
});

test('what free tokens may pay for is what tokens cost, not the calls of tools', () => {
  const { amount, tokens } = boundsOf({ ...request, serverTools: { web_search: true } });
  expect(tokens?.amount).toBe(amount - 10n * 10_000_000n);
  expect(tokens?.amount).toBe(boundsOf(request).tokens?.amount);
});

test('of several hosts that may answer, the dearest counts', () => {
  const dear = operatorModel({ id: 'm', prices: { 'input-text': '100', 'output-text': '200' } }).priceList;
  expect(boundsOf(request, [priced, dear]).amount).toBe(boundsOf(request, [dear]).amount);
});

test('the output that is said to fit does, and one token more does not', () => {
  const available = 650_000n;
  const fitting = mostOutput([attemptAt(priced)], available);
  const withOutput = (tokens: number): bigint => boundsOf({ ...request, limits: { completionTokens: tokens } }).amount;
  expect(withOutput(fitting)).toBeLessThanOrEqual(available);
  expect(fitting).toBeGreaterThan(0);
  expect(withOutput(fitting + 1)).toBeGreaterThan(available);
});

test('a limit that nobody said bounds no hold', () => {
  const long = { ...request, turns: [{ role: 'user' as const, parts: [{ kind: 'text' as const, text: 'a'.repeat(200_000) }] }] };
  const attempt = attemptAt(priced, long);
  const held = (limits: PlannedAttempt['limits']): bigint => holdBounds(orderOf(long), [{ ...attempt, limits }]).amount;
  const { context, output } = operatorModel({ id: 'unsaid' }).limits;
  expect(held({ context, output, isAssumed: true })).toBeGreaterThan(held({ context, output }));
});
