import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCatalogue } from '../catalogue/create-catalogue.ts';
import { operatorModel } from '../catalogue/operator-model.ts';
import type { Capabilities } from '../model/capability.ts';
import type { GenerateRequest } from '../model/request.ts';
import type { RoutingPreferences } from '../model/routing-preferences.ts';
import type { HostTraits } from './plan.ts';
import { benchOf, hello, hostsOf, pricesOf, testCatalogue, wishing } from './routing.test-support.ts';

const runs = { numRuns: Number(process.env['FLASHMUX_FUZZ_RUNS'] ?? 200) };
const all: Capabilities = testCatalogue.find('m')?.model.capabilities ?? { input: [], output: [], features: [] };
const without = (missing: string): Capabilities => ({
  input: all.input.filter((each) => each !== missing),
  output: all.output.filter((each) => each !== missing),
  features: all.features.filter((each) => each !== missing),
});
const words = (count: number): string => Array.from({ length: count }, (_, index) => `word${index}`).join(' ');
const saying = (text: string): GenerateRequest => ({ ...hello, turns: [{ role: 'user', parts: [{ kind: 'text', text }] }] });
const tool = { kind: 'function', name: 'f' } as const;
const picture = { kind: 'media', medium: 'image', source: { kind: 'url', url: 'https://example.org/a.png' } } as const;

/** A trait that cannot answer a request, the request, and what is said of it. */
const abilities: readonly (readonly [what: string, traits: HostTraits, request: GenerateRequest, why: string])[] = [
  ['pictures', { capabilities: without('image') }, { ...hello, turns: [{ role: 'user', parts: [picture] }] }, 'takes no image'],
  [
    'pictures in the result of a tool',
    { capabilities: without('image') },
    { ...hello, tools: [tool], turns: [...hello.turns, ...called(picture)] },
    'takes no image',
  ],
  [
    'speech',
    { capabilities: without('audio') },
    { ...hello, modalities: ['text', 'audio'], audio: { format: 'wav', voice: 'a' } },
    'answers in no audio',
  ],
  ['tools', { capabilities: without('tools') }, { ...hello, tools: [tool] }, 'has no tools'],
  ['logprobs', { capabilities: without('logprobs') }, { ...hello, logprobs: { wanted: true } }, 'has no logprobs'],
  ['several answers', { capabilities: without('answers') }, { ...hello, answers: 2 }, 'has no answers'],
  ['thinking', { capabilities: without('thinking') }, { ...hello, thinking: { kind: 'on' } }, 'has no thinking'],
  ['a long answer', { limits: { output: 500 } }, { ...hello, limits: { answerTokens: 501 } }, 'answers with at most 500 tokens'],
  ['a long input', { limits: { context: 500 } }, saying(words(501)), 'takes 500 tokens of input, and this has at least 501'],
];

function called(part: typeof picture): GenerateRequest['turns'] {
  return [
    { role: 'assistant', parts: [{ kind: 'tool-call', callId: 'c', name: 'f', argumentsText: '{}', ranBy: 'caller' }] },
    { role: 'tool', parts: [{ kind: 'tool-result', callId: 'c', parts: [part] }] },
  ];
}

test.each(abilities)('%s: a host that cannot is passed over', (_, traits, request) => {
  expect(benchOf(hostsOf({ poor: traits, able: {} })).providers(request)).toEqual(['able']);
  expect(benchOf(hostsOf({ poor: traits, able: {} })).providers(hello)).toEqual(['poor', 'able']);
});

test.each(abilities)(
  '%s: where nobody can, it is a mistake of the request that says which host lacks what',
  (_, traits, request, why) => {
    const code = why.includes('tokens of input') ? 'context_length_exceeded' : 'unsupported_value';
    expect(() => benchOf(hostsOf({ one: traits, two: traits })).plan(request)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(`one ${why}; two ${why}`) }),
    );
  },
);

test('what was not asked for is not needed: a model that thinks by default may be answered by a host that does not', () => {
  const bench = benchOf(hostsOf({ 'a=qwen3.5-flash': { capabilities: without('thinking') } }));
  const [attempt] = bench.plan({ ...hello, model: 'qwen3.5-flash' });
  expect(attempt).toMatchObject({ provider: 'a', request: { thinking: { kind: 'on' } } });
  expect(() => bench.plan({ ...hello, model: 'qwen3.5-flash', thinking: { kind: 'on' } })).toThrow('has no thinking');
});

test('what this server makes up for is only a matter of the order, unless every parameter is required', () => {
  const request: GenerateRequest = { ...hello, form: { kind: 'json' } };
  const bench = benchOf(hostsOf({ instructed: { capabilities: without('json') }, native: {} }));
  expect(bench.providers(request)).toEqual(['native', 'instructed']);
  expect(bench.providers(wishing({ requireParameters: true }, request))).toEqual(['native']);
});

const privacy = { keepsNoData: false, retainsNothing: false, trainsOnNothing: false };
const wishes: readonly (readonly [what: string, traits: HostTraits, wish: Partial<RoutingPreferences>, why: string])[] = [
  ['only', {}, { only: ['good'] }, 'is not among "only"'],
  ['ignore', {}, { ignore: ['BAD'] }, 'is in "ignore"'],
  ['require_parameters', { missingParameters: ['seed'] }, { requireParameters: true }, 'does not have seed'],
  ['quantizations', { quantization: 'int4' }, { quantizations: ['FP8', 'unknown'] }, 'has weights in int4'],
  ['data_collection', { privacy: { ...privacy, trainsOnNothing: true } }, { dataCollection: 'deny' }, 'keeps no prompts'],
  ['zdr', { privacy: { ...privacy, keepsNoData: true } }, { zeroDataRetention: true }, 'retains nothing'],
  ['no training', { privacy }, { noTraining: true }, 'trains on nothing'],
  [
    'max_price of prompts',
    { priceList: pricesOf('0.41', '1') },
    { maxPrice: { prompt: '0.40' } },
    'more than $0.40 for a million tokens of prompt',
  ],
  [
    'max_price of completions',
    { priceList: pricesOf('0', '2.01') },
    { maxPrice: { completion: '2' } },
    'more than $2 for a million tokens of completion',
  ],
];
const pleasing: HostTraits = { quantization: 'fp8', privacy: { keepsNoData: true, retainsNothing: true, trainsOnNothing: true } };

describe.each(wishes)('%s', (_, traits, wish, why) => {
  const request = wishing(wish, { ...hello, sampling: { seed: 1 } });

  test('a host against the wish is passed over', () => {
    expect(benchOf(hostsOf({ bad: traits, good: pleasing })).providers(request)).toEqual(['good']);
  });

  test('with no other host the answer is 503, and says what stood against it', () => {
    expect(() => benchOf(hostsOf({ bad: traits })).plan(request)).toThrow(
      expect.objectContaining({ code: 'no_host', message: expect.stringContaining(why) }),
    );
  });
});

test('who retains nothing keeps no prompts either, and has nothing to train on; who keeps none has neither', () => {
  const bench = benchOf(
    hostsOf({ nothing: { privacy: { ...privacy, retainsNothing: true } }, none: { privacy: { ...privacy, keepsNoData: true } } }),
  );
  expect(bench.providers(wishing({ dataCollection: 'deny' }))).toEqual(['nothing', 'none']);
  expect(bench.providers(wishing({ noTraining: true }))).toEqual(['nothing', 'none']);
});

test('a provider is meant by its name, the part before its slash, and its region or number format', () => {
  const hosts = hostsOf({ 'alibaba/sg': { region: 'singapore' }, vercel: { region: 'us' }, own: { quantization: 'fp8' } });
  const only = (name: string): readonly string[] => benchOf(hosts).providers(wishing({ only: [name] }));
  expect(only('ALIBABA')).toEqual(['alibaba/sg']);
  expect(only('vercel/US')).toEqual(['vercel']);
  expect(only('own/fp8')).toEqual(['own']);
  expect(() => only('vercel/eu')).toThrow('is not among "only"');
});

test('a price limit is compared exactly, at the tier that the input surely reaches', () => {
  const rates = (usd: string) => ({ 'input-text': { usd, per: 1_000_000 } });
  const priceList = { ...pricesOf('0', '0'), tiers: [{ maxInputTokens: 100, rates: rates('0.1') }, { rates: rates('0.3') }] };
  const bench = benchOf(hostsOf({ a: { priceList } }));
  const most = (prompt: string, request: GenerateRequest) => () => bench.plan(wishing({ maxPrice: { prompt } }, request));
  expect(most('0.1', hello)).not.toThrow();
  expect(most('0.099999999999', hello)).toThrow('a costs more');
  expect(most('0.1', saying(words(101)))).toThrow('a costs more');
  expect(most('0.3', saying(words(101)))).not.toThrow();
});

test('a fault about many hosts stays short', () => {
  const hosts = hostsOf(Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`host${index}`, {}])));
  expect(() => benchOf(hosts).plan(wishing({ only: ['nobody'] }))).toThrow(/and 492 more\. /);
});

test('what has no effect is announced, and nothing else', () => {
  const bench = benchOf(hostsOf({ a: {}, b: {} }));
  const told = (wish: Partial<RoutingPreferences>): readonly string[] =>
    bench.plan(wishing(wish))[0]?.notices.map(({ code, path }) => `${code}:${path}`) ?? [];
  expect(told({ order: ['a'], ignore: ['b'], sort: 'price', maxPrice: { prompt: '9' }, allowFallbacks: true })).toEqual([]);
  expect(told({ order: ['a', 'x'], ignore: ['y'] })).toEqual(['ignored:provider.order', 'ignored:provider.ignore']);
  expect(told({ sort: 'exacto', enforceDistillableText: true, maxPrice: { image: '1' } })).toEqual([
    'ignored:provider.sort',
    'ignored:provider.enforce_distillable_text',
    'ignored:provider.max_price.image',
  ]);
});

test('no input that fits is ever refused for its length', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 300 });
  fc.assert(
    fc.property(text, (each) => {
      // A token is at least one byte, so that a limit of as many tokens as bytes always holds the text.
      const context = Math.max(1, Buffer.byteLength(each));
      expect(benchOf(hostsOf({ a: { limits: { context } } })).providers(saying(each))).toEqual(['a']);
    }),
    runs,
  );
});

const name = fc.constantFrom('a', 'b', 'c', 'd');
const names = fc.uniqueArray(name, { maxLength: 3 });
const anyWishes: fc.Arbitrary<Partial<RoutingPreferences>> = fc.record(
  {
    order: names,
    only: names,
    ignore: names,
    sort: fc.constantFrom('price' as const, 'throughput' as const, 'latency' as const, 'exacto' as const),
    allowFallbacks: fc.boolean(),
    zeroDataRetention: fc.boolean(),
    quantizations: fc.uniqueArray(fc.constantFrom('fp8', 'unknown'), { maxLength: 2 }),
  },
  { requiredKeys: [] },
);
const anyTraits: fc.Arbitrary<HostTraits> = fc.record(
  {
    quantization: fc.constantFrom('fp8', 'int4'),
    privacy: fc.constant({ keepsNoData: true, retainsNothing: true, trainsOnNothing: true }),
    weight: fc.constantFrom(0, 1, 5),
    priceList: fc.constantFrom(pricesOf('0.1', '1'), pricesOf('0.2', '1'), pricesOf('0', '0')),
  },
  { requiredKeys: [] },
);

test('whatever is wished: exactly the hosts that please are planned, each once, whatever became of them before', () => {
  const history = fc.array(fc.tuple(name, fc.boolean()), { maxLength: 30 });
  fc.assert(
    fc.property(fc.dictionary(name, anyTraits, { minKeys: 1 }), anyWishes, history, fc.nat(), (traits, wish, past, seed) => {
      const bench = benchOf(hostsOf(traits));
      for (const [who, isGood] of past) {
        if (traits[who] === undefined) continue;
        if (isGood) bench.answers(who, 100 + (seed % 1_000));
        else bench.fails(who);
      }
      const pleases = ([each, { quantization = 'unknown', privacy: said }]: [string, HostTraits]): boolean =>
        (wish.only?.includes(each) ?? true) &&
        wish.ignore?.includes(each) !== true &&
        (wish.zeroDataRetention !== true || said?.retainsNothing === true) &&
        (wish.quantizations?.includes(quantization) ?? true);
      const pleasingOnes = Object.entries(traits)
        .filter(pleases)
        .map(([each]) => each);
      bench.lots.push((seed % 100) / 100, (seed % 7) / 7);
      if (pleasingOnes.length === 0) {
        expect(() => bench.plan(wishing(wish))).toThrow('No host of "m" is left');
        return;
      }
      const planned = bench.providers(wishing(wish));
      if (wish.allowFallbacks === false) expect(planned).toHaveLength(1);
      else expect(planned.toSorted()).toEqual(pleasingOnes.toSorted());
      for (const each of planned) expect(pleasingOnes).toContain(each);
    }),
    runs,
  );
});

test('limits that nobody said refuse nothing, and those that the operator says of a host do', () => {
  const catalogue = createCatalogue({ extra: [operatorModel({ id: 'unsaid' })] });
  const long = { ...saying(words(140_000)), model: 'unsaid', limits: { answerTokens: 200_000 } };
  const plan = (traits: HostTraits): number =>
    benchOf([{ provider: 'p', model: 'unsaid', upstreamModel: 'theirs', traits }], {}, catalogue).plan(long).length;
  expect(plan({})).toBe(1);
  expect(() => plan({ limits: { context: 100_000 } })).toThrow(/takes 100000 tokens of input/);
});
