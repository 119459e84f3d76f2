import { expect, test } from 'vitest';
import type { ModelEntry } from '../catalogue/catalogue.ts';
import { createCatalogue } from '../catalogue/create-catalogue.ts';
import { operatorModel } from '../catalogue/operator-model.ts';
import type { GenerateRequest } from '../model/request.ts';
import type { LocalModel } from './local-model.ts';
import { createRouting, type Routing } from './routing.ts';
import type { Host } from './plan.ts';

const local: ModelEntry = {
  ...operatorModel({ id: 'local' }),
  standsInFor: ['qwen-flash'],
  limits: { context: 4_096, output: 4_096, thinking: 512 },
};
const catalogue = createCatalogue({ extra: [local] });

const ask = (model: string, thinking: GenerateRequest['thinking'] = { kind: 'unsaid' }): GenerateRequest => ({
  model,
  turns: [{ role: 'user', parts: [{ kind: 'text', text: 'Hello' }] }],
  tools: [],
  sampling: {},
  limits: {},
  thinking,
  form: { kind: 'unsaid' },
  delivery: { kind: 'whole', said: false },
});

const running: LocalModel = { modelId: 'local', provider: 'embedded', ready: true };
const routingOf = (hosts: readonly Host[], engine: LocalModel | undefined = running): Routing =>
  createRouting({ catalogue, hosts, local: () => engine });
const plan = (routing: Routing, request: GenerateRequest): ReturnType<Routing['plan']> =>
  routing.plan(catalogue.resolve(request), request);

test('hosts that really have the model come first, in the order of the configuration', () => {
  const hosts = ['b', 'a'].map((provider) => ({ provider, model: 'qwen3.5-flash', upstreamModel: `${provider}-name` }));
  const attempts = plan(routingOf(hosts), ask('alibaba/qwen3.5-flash'));
  expect(attempts.map(({ provider, upstreamModel }) => [provider, upstreamModel])).toEqual([
    ['b', 'b-name'],
    ['a', 'a-name'],
  ]);
  expect(attempts[0]?.notices).toEqual([]);
});

test('without a host the local model stands in, says so, and costs what it costs', () => {
  const [attempt] = plan(routingOf([]), ask('qwen3.5-flash'));
  expect(attempt).toMatchObject({
    provider: 'embedded',
    upstreamModel: 'local',
    answeringModel: 'local',
    notices: [{ code: 'stand-in' }],
  });
  expect(attempt?.priceList).toBe(local.priceList);
});

test('a stand-in is paid at what the account pays for it', () => {
  const dearer = { ...local.priceList, id: 'dearer' };
  const forSome: typeof catalogue = {
    ...catalogue,
    priceList: (sold, accountId) => (accountId === 'some' ? dearer : sold.priceList),
  };
  const routing = createRouting({ catalogue: forSome, hosts: [], local: () => running });
  const request = ask('qwen3.5-flash');
  const [attempt] = routing.plan(catalogue.resolve(request, 'some'), request);
  expect(attempt?.priceList.id).toBe('dearer');
});

test('what the caller left to the defaults follows the model that answers, what it said stays', () => {
  expect(catalogue.resolve(ask('qwen3.5-flash')).request.thinking.kind).toBe('on');
  expect(plan(routingOf([]), ask('qwen3.5-flash'))[0]?.request.thinking).toEqual({ kind: 'off' });
  expect(plan(routingOf([]), ask('qwen3.5-flash', { kind: 'on', budgetTokens: 100 }))[0]?.request.thinking).toMatchObject({
    kind: 'on',
    budgetTokens: 100,
  });
  expect(plan(routingOf([]), ask('qwen3.5-flash', { kind: 'unsaid', effort: 'max' }))[0]?.request.thinking).toMatchObject({
    kind: 'on',
    effort: 'max',
    budgetTokens: 512,
  });
});

test('a thinking budget beyond the stand-in is cut with a notice', () => {
  const [attempt] = plan(routingOf([]), ask('qwen3.5-flash', { kind: 'on', budgetTokens: 10_000 }));
  expect(attempt?.request.thinking).toMatchObject({ budgetTokens: 512 });
  expect(attempt?.notices.map(({ code }) => code)).toEqual(['stand-in', 'clamped']);
});

test('the local model answers for itself without a notice', () => {
  expect(plan(routingOf([]), ask('local'))[0]).toMatchObject({ provider: 'embedded', notices: [] });
});

test('a variant is served by the hosts of the variant only', () => {
  const hosts = [
    { provider: 'base', model: 'qwen3.5-flash', upstreamModel: 'x' },
    { provider: 'variant', model: 'qwen3.5-flash:variant1', upstreamModel: 'x' },
  ];
  expect(plan(routingOf(hosts), ask('qwen3.5-flash:variant1')).map(({ provider }) => provider)).toEqual(['variant']);
  expect(plan(routingOf(hosts), ask('qwen3.5-flash')).map(({ provider }) => provider)).toEqual(['base']);
});

test('a model that nobody serves is refused with what to do about it', () => {
  const alone = createRouting({ catalogue, hosts: [], local: () => undefined });
  expect(() => plan(alone, ask('qwen3.5-flash'))).toThrow(/No configured provider serves "qwen3.5-flash"/);
  expect(() => plan(alone, ask('qwen3.5-0.8b'))).toThrow(/flashmux models pull qwen3.5-0.8b/);
});

test('a local model that is missing is refused with why, by its own name and as a stand-in; hosts are not touched by it', () => {
  const missing = { ...running, ready: false, missing: '"flashmux models pull local" brings it.' };
  for (const id of ['local', 'qwen3.5-flash'])
    expect(() => plan(routingOf([], missing), ask(id))).toThrow(
      expect.objectContaining({ code: 'model_not_ready', message: missing.missing, retryAfterSeconds: 30 }),
    );
  const host = { provider: 'a', model: 'qwen3.5-flash', upstreamModel: 'x' };
  expect(plan(routingOf([host], missing), ask('qwen3.5-flash'))).toHaveLength(1);
});

test('only what somebody would answer for is listed, stand-ins as such', () => {
  expect(createRouting({ catalogue, hosts: [], local: () => undefined }).listings()).toEqual([]);
  const listings = routingOf([], { ...running, ready: false }).listings();
  expect(listings.find(({ model }) => model.id === 'local')).toMatchObject({ ready: false });
  expect(listings.find(({ model }) => model.id === 'qwen3.5-flash')).toMatchObject({ standIn: { model: 'local' }, ready: false });
});
