import { expect, test } from 'vitest';
import { createCatalogue } from '../catalogue/create-catalogue.ts';
import { operatorModel } from '../catalogue/operator-model.ts';
import type { LocalModel } from './local-model.ts';
import type { Host } from './plan.ts';
import { hello, hostsOf, pricesOf, testModels } from './routing.test-support.ts';
import { createRouting, type Routing } from './routing.ts';

const small = { ...operatorModel({ id: 'small', context: 4_096 }), standsInFor: ['qwen-flash'] };
const catalogue = createCatalogue({ extra: [...testModels, small] });
const running: LocalModel = { modelId: 'small', provider: 'embedded', ready: true };
const routingOf = (hosts: readonly Host[], local?: LocalModel): Routing =>
  createRouting({ catalogue, hosts, local: () => local });

test('every host of a model is shown with what is its own, the rest is as the catalogue has it', () => {
  const privacy = { keepsNoData: true, retainsNothing: false, trainsOnNothing: true };
  const priceList = pricesOf('3', '4');
  const traits = { region: 'eu', quantization: 'fp8', limits: { output: 7 }, missingParameters: ['seed'], privacy, priceList };
  const [own, plain] = routingOf(hostsOf({ a: traits, b: {} })).endpoints('m');
  const model = catalogue.find('m')?.model;
  expect(own).toMatchObject({
    provider: 'a',
    model: 'm',
    region: 'eu',
    quantization: 'fp8',
    limits: { ...model?.limits, output: 7 },
    missingParameters: ['seed'],
    privacy,
    ready: true,
  });
  expect(own?.priceList.tiers).toEqual(priceList.tiers);
  expect(plain).toMatchObject({ provider: 'b', limits: model?.limits, priceList: model?.priceList, missingParameters: [] });
  expect(plain).not.toHaveProperty('region');
});

test('an alias and a variant are looked up like the model itself', () => {
  const hosts = [
    { provider: 'a', model: 'qwen3.5-flash', upstreamModel: 'x' },
    { provider: 'v', model: 'qwen3.5-flash:variant1', upstreamModel: 'x' },
  ];
  const routing = routingOf(hosts);
  expect(routing.endpoints('alibaba/qwen3.5-flash').map(({ provider }) => provider)).toEqual(['a']);
  expect(routing.endpoints('qwen3.5-flash:variant1')).toMatchObject([{ provider: 'v', model: 'qwen3.5-flash:variant1' }]);
  expect(routing.endpoints('nobody')).toEqual([]);
  expect(routing.endpoints('other')).toEqual([]);
});

test('a stand-in is shown as the model that answers, with its own prices and limits', () => {
  expect(routingOf([], running).endpoints('qwen3.5-flash')).toMatchObject([
    { provider: 'embedded', model: 'small', limits: { context: 4_096 }, priceList: small.priceList, ready: true },
  ]);
  expect(routingOf([], { ...running, ready: false }).endpoints('small')).toMatchObject([{ ready: false }]);
});

test('beside hosts of its own the local model is the last resort, and only while it is ready', () => {
  const host = { provider: 'a', model: 'small', upstreamModel: 'x' };
  const asked = { ...hello, model: 'small' };
  const providers = (local: LocalModel): readonly string[] =>
    routingOf([host], local)
      .plan(catalogue.resolve(asked), asked)
      .map(({ provider }) => provider);
  expect(providers(running)).toEqual(['a', 'embedded']);
  expect(providers({ ...running, ready: false })).toEqual(['a']);
  expect(routingOf([host], running).endpoints('small')).toMatchObject([{ provider: 'a' }, { provider: 'embedded' }]);
});

test('the local model keeps what it is told to itself, whatever privacy is wished', () => {
  const asked = { ...hello, model: 'small', routing: { saidAt: 'provider', zeroDataRetention: true, noTraining: true } };
  expect(routingOf([], running).plan(catalogue.resolve(asked), asked)).toHaveLength(1);
});
