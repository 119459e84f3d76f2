import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCatalogue } from './create-catalogue.ts';
import { operatorModel } from './operator-model.ts';
import { chatRequest, refusal, resolve } from './request.test-support.ts';

const catalogue = createCatalogue();

describe('finding a model', () => {
  test.each([
    ['qwen3.5-flash', 'qwen3.5-flash'],
    ['alibaba/qwen3.5-flash', 'qwen3.5-flash'],
    ['qwen/qwen3.5-flash-02-23', 'qwen3.5-flash'],
    ['qwen3-5-flash', 'qwen3.5-flash'],
    ['qwen-flash-2025-07-28', 'qwen-flash'],
    ['alibaba/qwen3.5-omni-flash', 'qwen3.5-omni-flash'],
    ['Qwen/Qwen3.5-0.8B', 'qwen3.5-0.8b'],
  ])('%s means %s', (id, model) => {
    expect(catalogue.find(id)?.model.id).toBe(model);
    expect(catalogue.find(id)?.variant).toBeUndefined();
  });

  test.each(['qwen3-5-flash:variant1', 'qwen3.5-flash:variant1', 'alibaba/qwen3.5-flash:variant1'])(
    '%s is the deployment in China, by whichever name of the model',
    (id) => {
      expect(catalogue.find(id)?.variant).toMatchObject({ id: 'qwen3.5-flash:variant1', region: 'China' });
    },
  );

  test.each(['', 'qwen', 'QWEN3.5-FLASH', 'qwen-flash:variant1', 'constructor', '__proto__'])('%j is no model', (id) => {
    expect(catalogue.find(id)).toBeUndefined();
  });

  test('every model is found by its id and every alias, and no id means two things', () => {
    const ids = catalogue.list().flatMap((model) => [model.id, ...model.aliases, ...model.variants.map((variant) => variant.id)]);
    expect(new Set(ids).size).toBe(ids.length);
    for (const model of catalogue.list()) {
      for (const id of [model.id, ...model.aliases]) expect(catalogue.find(id)?.model).toBe(model);
    }
  });
});

describe('an unknown model', () => {
  test('is refused with the closest ids', () => {
    const { code, param, message } = refusal('qwen3.5-flsh');
    expect({ code, param }).toEqual({ code: 'unknown_model', param: 'model' });
    expect(message).toMatch(/^No model "qwen3\.5-flsh"\. Did you mean "qwen3\.5-flash" or .*\? GET \/v1\/models lists them\.$/);
  });

  test('that differs in case only is named first', () => {
    expect(refusal('Qwen-Flash').message).toContain('Did you mean "qwen-flash"');
  });

  test('with a variant that the model does not have is told the plain model', () => {
    expect(refusal('qwen3.5-flash:variant2').message).toContain('"qwen3.5-flash:variant1"');
  });

  test('that is near nothing gets no suggestion', () => {
    expect(refusal('a-model-of-somebody-else').message).toBe('No model "a-model-of-somebody-else". GET /v1/models lists them.');
  });

  test('may be any text: the message stays short and the answer quick', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (id) => {
        fc.pre(catalogue.find(id) === undefined);
        expect(refusal(id).code).toBe('unknown_model');
      }),
    );
    expect(refusal('x'.repeat(1_000_000)).message.length).toBeLessThan(200);
  });
});

describe('models of the operator', () => {
  const wish = { id: 'my-model', context: 8192, output: 2048, prices: { 'input-text': '0.2', 'output-text': '0.4' } } as const;

  test('are listed and resolved with their own ranges, and nothing is filled in', () => {
    const own = createCatalogue({ extra: [operatorModel(wish)] });
    const request = chatRequest('my-model', { limits: { answerTokens: 2048 }, thinking: { kind: 'unsaid', effort: 'low' } });
    const order = own.resolve(request);
    expect(order.request).toEqual(request);
    expect(order.priceList.tiers[0]?.rates['output-text']).toEqual({ usd: '0.4', per: 1_000_000 });
    expect(() => own.resolve({ ...request, limits: { answerTokens: 2049 } })).toThrow('a whole number from 1 to 2048');
    expect(own.list().at(-1)?.id).toBe('my-model');
  });

  test('of which no limits are known refuse no length', () => {
    const own = createCatalogue({ extra: [operatorModel({ id: 'unknown-size' })] });
    const order = own.resolve(chatRequest('unknown-size', { limits: { answerTokens: 10_000_000 }, answers: 128 }));
    expect(order.limits).toEqual({ context: 131_072, output: 131_072, isAssumed: true });
  });

  test('replace the built-in model of the same id', () => {
    const own = createCatalogue({ extra: [operatorModel({ ...wish, id: 'qwen-flash' })] });
    expect(own.find('qwen-flash')?.model.owner).toBe('operator');
    expect(own.list().filter((model) => model.id === 'qwen-flash')).toHaveLength(1);
  });

  test('must not share an id', () => {
    expect(() => createCatalogue({ extra: [operatorModel(wish), operatorModel(wish)] })).toThrow(RangeError);
  });

  test('with a price that is no decimal text do not start', () => {
    expect(() => operatorModel({ id: 'dear', prices: { 'input-text': '1e-6' } })).toThrow('the price of input-text is "1e-6"');
  });

  test('price tokens by the million and tool calls by the call', () => {
    const { priceList } = operatorModel({ id: 'tools', prices: { 'tool:web_search': '0.01', 'cache-read-implicit': '0.02' } });
    expect(priceList.tiers[0]?.rates).toMatchObject({
      'tool:web_search': { usd: '0.01', per: 1 },
      'cache-read-implicit': { usd: '0.02', per: 1_000_000 },
      'input-text': { usd: '0', per: 1_000_000 },
    });
  });
});

test('an order carries the prices and limits of the variant that was named', () => {
  expect(resolve('qwen3-5-flash:variant1')).toMatchObject({
    model: { id: 'qwen3.5-flash' },
    variant: { id: 'qwen3.5-flash:variant1' },
    limits: { output: 65_536, thinking: 80_000 },
    priceList: { tiers: [{ maxInputTokens: 128_000 }, { maxInputTokens: 256_000 }, { maxInputTokens: 1_000_000 }] },
  });
});
