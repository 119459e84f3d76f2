import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sampling } from '../../model/request.ts';
import { SeededRandom } from './random.ts';
import { Sampler } from './sampler.ts';
import type { Candidate } from './sampler.ts';

const candidates = fc
  .uniqueArray(fc.record({ token: fc.integer({ min: 0, max: 999 }), logit: fc.double({ min: -20, max: 20, noNaN: true }) }), {
    minLength: 1,
    maxLength: 40,
    selector: (candidate) => candidate.token,
  })
  .map((unsorted) => unsorted.toSorted((one, other) => other.logit - one.logit));
const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const anySampling: fc.Arbitrary<Sampling> = fc.record(
  {
    temperature: fc.double({ min: 0, max: 2, noNaN: true }),
    topP: fc.double({ min: 0, max: 1, noNaN: true }),
    topK: fc.integer({ min: 0, max: 50 }),
    minP: fc.double({ min: 0, max: 1, noNaN: true }),
    frequencyPenalty: fc.double({ min: -2, max: 2, noNaN: true }),
    presencePenalty: fc.double({ min: -2, max: 2, noNaN: true }),
    repetitionPenalty: fc.double({ min: 0.5, max: 2, noNaN: true }),
    logitBias: fc.dictionary(fc.integer({ min: 0, max: 999 }).map(String), fc.integer({ min: -100, max: 100 }), { maxKeys: 3 }),
  },
  { requiredKeys: [] },
);

function list(...logits: number[]): Candidate[] {
  return logits.map((logit, token) => ({ token, logit }));
}

function shares(sampling: Sampling, from: readonly Candidate[], draws = 4_000): Map<number, number> {
  const counts = new Map<number, number>();
  for (let number = 0; number < draws; number++) {
    const token = new Sampler(sampling, number).choose(from);
    counts.set(token, (counts.get(token) ?? 0) + 1 / draws);
  }
  return counts;
}

describe('Sampler', () => {
  it('takes the best at temperature 0', () => {
    fc.assert(
      fc.property(candidates, anySampling, seed, (from, { topP, topK, minP }, number) => {
        const sampling = {
          temperature: 0,
          ...(topP === undefined ? {} : { topP }),
          ...(topK === undefined ? {} : { topK }),
          ...(minP === undefined ? {} : { minP }),
        };
        expect(new Sampler(sampling, number).choose(from)).toBe(from[0]?.token);
      }),
    );
  });

  it('chooses the same for the same seed, whatever the options', () => {
    fc.assert(
      fc.property(fc.array(candidates, { minLength: 1, maxLength: 8 }), anySampling, seed, (steps, sampling, number) => {
        const choices = (): number[] => {
          const sampler = new Sampler(sampling, number);
          return steps.map((from) => sampler.choose(from));
        };
        expect(choices()).toEqual(choices());
      }),
    );
  });

  it('chooses a candidate, and none outside of top_k, top_p and min_p', () => {
    fc.assert(
      fc.property(candidates, anySampling, seed, (from, { temperature, topP = 1, topK = 0, minP = 0 }, number) => {
        const token = new Sampler({ temperature: temperature ?? 1, topP, topK, minP }, number).choose(from);
        const rank = from.findIndex((candidate) => candidate.token === token);
        expect(rank).toBeGreaterThanOrEqual(0);
        if (topK > 0) expect(rank).toBeLessThan(topK);
        const kept = topK > 0 ? from.slice(0, topK) : from;
        const weights = kept.map(({ logit }) => Math.exp(logit - (kept[0]?.logit ?? 0)));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const before = weights.slice(0, rank).reduce((sum, weight) => sum + weight, 0);
        if (rank > 0) expect(before / total).toBeLessThan(topP + 1e-9);
        if (rank > 0) expect(weights[rank]).toBeGreaterThanOrEqual(minP - 1e-9);
      }),
    );
  });

  it('draws by the softmax of the logits over the temperature', () => {
    const from = list(2, 1, 0);
    const plain = shares({}, from);
    const hot = shares({ temperature: 2 }, from);
    const expected = (temperature: number): number[] => {
      const weights = from.map(({ logit }) => Math.exp(logit / temperature));
      return weights.map((weight) => weight / weights.reduce((sum, one) => sum + one, 0));
    };
    for (const token of [0, 1, 2]) {
      expect(plain.get(token)).toBeCloseTo(expected(1)[token] ?? 0, 1);
      expect(hot.get(token)).toBeCloseTo(expected(2)[token] ?? 0, 1);
    }
  });

  it('cuts by top_p before it heats, as llama.cpp does', () => {
    // At temperature 1 the first has 0.88 of the weight; heated first, it would have 0.54 and the second would stay.
    expect([...shares({ topP: 0.8, temperature: 10 }, list(2, 0), 200).keys()]).toEqual([0]);
  });

  it('lets a bias ban and force', () => {
    expect([...shares({ logitBias: { 0: -100 } }, list(3, 2, 1), 500).keys()].toSorted((one, other) => one - other)).toEqual([
      1, 2,
    ]);
    expect([...shares({ logitBias: { 2: 100 } }, list(3, 2, 1), 500).keys()]).toEqual([2]);
  });

  it.each([
    ['frequency, once for each time', { frequencyPenalty: 0.6 }, [0, 0, 1, 0]],
    ['presence, once for all times', { presencePenalty: 1.5 }, [0, 1, 0, 0]],
    ['repetition, of positive logits', { repetitionPenalty: 3 }, [0, 1, 0, 0]],
  ])('lowers tokens by their %s', (_, penalties, expected) => {
    const sampler = new Sampler({ temperature: 0, ...penalties }, 1);
    expect(expected.map(() => sampler.choose(list(2, 1)))).toEqual(expected);
  });

  it('lowers negative logits by the repetition penalty too', () => {
    const sampler = new Sampler({ temperature: 0, repetitionPenalty: 3 }, 1);
    expect([sampler.choose(list(-1, -2)), sampler.choose(list(-1, -2))]).toEqual([0, 1]);
  });

  it('counts forced tokens for the penalties', () => {
    const sampler = new Sampler({ temperature: 0, presencePenalty: 2 }, 1);
    sampler.remember(0);
    expect(sampler.choose(list(2, 1))).toBe(1);
  });

  it('refuses to choose from nothing', () => {
    expect(() => new Sampler({}, 1).choose([])).toThrow(RangeError);
  });
});

describe('SeededRandom', () => {
  it('gives other numbers for other seeds, all from 0 to below 1', () => {
    const first = new Set<number>();
    for (let number = 0; number < 1_000; number++) {
      const drawn = new SeededRandom(number).next();
      expect(drawn).toBeGreaterThanOrEqual(0);
      expect(drawn).toBeLessThan(1);
      first.add(drawn);
    }
    expect(first.size).toBe(1_000);
  });

  it('spreads evenly', () => {
    const random = new SeededRandom(7);
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let number = 0; number < 10_000; number++) {
      const tenth = Math.floor(random.next() * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });
});
