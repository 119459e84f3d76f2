import { expect, test } from 'vitest';
import { operatorModel } from '../catalogue/operator-model.ts';
import type { PlannedAttempt } from '../routing/plan.ts';
import { withOwnKeys } from './own-keys.ts';
import { request } from './serve.test-support.ts';
import { holdBounds } from './worst-case.ts';

const model = operatorModel({ id: 'm', prices: { 'input-text': '1', 'output-text': '2' } });
const { limits, priceList } = model;
const ownKeys = { p0: ['first', 'second'] };
const asked = { ...request, routing: { saidAt: 'provider', only: ['p0', 'p1'], ownKeys } };
const planned = ['p0', 'p1'].map((provider): PlannedAttempt => {
  return { provider, upstreamModel: 'm', hostId: provider, answeringModel: 'm', request: asked, limits, priceList, notices: [] };
});

test('each host is asked with the keys of the caller first, for nothing, then with one of this server, at its price', () => {
  const plan = withOwnKeys(planned, asked.routing, () => undefined);
  expect(plan.map(({ provider, ownKey }) => [provider, ownKey])).toEqual([
    ['p0', 'first'],
    ['p0', 'second'],
    ['p0', undefined],
    ['p1', undefined],
  ]);
  expect(plan[0]?.priceList.id).toContain('[own key]');
  expect(plan[2]?.priceList).toBe(priceList);
  const order = { request: asked, model, limits, priceList, notices: [] };
  expect(holdBounds(order, plan.slice(0, 2)).amount).toBe(0n);
  expect(holdBounds(order, plan).amount).toBe(holdBounds(order, planned).amount);
});

test('the key of an account counts where the call brings none', () => {
  const kept = withOwnKeys(planned, undefined, (provider) => (provider === 'p1' ? 'kept' : undefined));
  expect(kept.map(({ ownKey }) => ownKey)).toEqual([undefined, 'kept', undefined]);
  const both = withOwnKeys(planned, asked.routing, () => 'kept');
  expect(both.map(({ ownKey }) => ownKey)).toEqual(['first', 'second', undefined, 'kept', undefined]);
});

test('no request that goes out still has the keys in it', () => {
  for (const { request: sent } of withOwnKeys(planned, asked.routing, () => undefined)) {
    expect(JSON.stringify(sent)).not.toContain('first');
    expect(sent.routing?.only).toEqual(['p0', 'p1']);
  }
});
