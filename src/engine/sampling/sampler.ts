import type { Sampling } from '../../model/request.ts';
import { SeededRandom } from './random.ts';

export interface Candidate {
  readonly token: number;
  /** Raw, before any option of the request. */
  readonly logit: number;
}

/**
 * Chooses tokens for one answer, in the order of llama.cpp's default chain (common/sampling.cpp, v0.5.0): logit bias, penalties, top_k,
 * top_p, min_p, temperature, draw. An option that is absent is off; an absent temperature is 1. The same seed over the same
 * candidates chooses the same tokens.
 */
export class Sampler {
  readonly #sampling: Sampling;
  readonly #random: SeededRandom;
  readonly #bias: ReadonlyMap<number, number>;
  readonly #counts = new Map<number, number>();

  constructor(sampling: Sampling, seed: number) {
    this.#sampling = sampling;
    this.#random = new SeededRandom(seed);
    this.#bias = new Map(Object.entries(sampling.logitBias ?? {}).map(([token, bias]) => [Number(token), bias]));
  }

  /** Chooses one of the candidates, which come by falling logit, and remembers it. Throws RangeError where there is none. */
  choose(candidates: readonly Candidate[]): number {
    const ranked = this.#ranked(candidates);
    const best = ranked[0];
    if (best === undefined) throw new RangeError('no candidates to choose from');
    const temperature = this.#sampling.temperature ?? 1;
    const token = temperature <= 0 ? best.token : this.#draw(this.#nucleus(ranked), temperature);
    this.remember(token);
    return token;
  }

  /** Counts a token that was not chosen here (a forced one, say) for the penalties. */
  remember(token: number): void {
    this.#counts.set(token, (this.#counts.get(token) ?? 0) + 1);
  }

  /** Bias and penalties move single candidates only, so most steps keep the order they came in. */
  #ranked(candidates: readonly Candidate[]): readonly Candidate[] {
    if (this.#bias.size === 0 && !this.#punishes()) return candidates;
    const moved = candidates.map(({ token, logit }) => ({
      token,
      logit: this.#punished(token, logit + (this.#bias.get(token) ?? 0)),
    }));
    return moved.toSorted((one, other) => other.logit - one.logit);
  }

  #punishes(): boolean {
    const { repetitionPenalty = 1, frequencyPenalty = 0, presencePenalty = 0 } = this.#sampling;
    return this.#counts.size > 0 && (repetitionPenalty !== 1 || frequencyPenalty !== 0 || presencePenalty !== 0);
  }

  /**
   * Frequency and presence as OpenAI defines them: logit - count x frequency - (count > 0) x presence. The repetition penalty
   * (Keskar et al. 2019) divides a positive logit and multiplies a negative one, so that either falls.
   */
  #punished(token: number, logit: number): number {
    const count = this.#counts.get(token) ?? 0;
    if (count === 0) return logit;
    const { repetitionPenalty = 1, frequencyPenalty = 0, presencePenalty = 0 } = this.#sampling;
    const scaled = logit > 0 ? logit / repetitionPenalty : logit * repetitionPenalty;
    return scaled - count * frequencyPenalty - presencePenalty;
  }

  /** What top_k, top_p and min_p leave: never less than the best. */
  #nucleus(ranked: readonly Candidate[]): readonly Candidate[] {
    const { topK = 0, topP = 1, minP = 0 } = this.#sampling;
    const first = topK > 0 ? ranked.slice(0, topK) : ranked;
    const probable = topP < 1 ? first.slice(0, coveringCount(weights(first, 1), topP)) : first;
    if (minP <= 0) return probable;
    // The best candidate's weight is 1, so the others' weights are their shares of it.
    const shares = weights(probable, 1);
    return probable.filter((_, index) => index === 0 || (shares[index] ?? 0) >= minP);
  }

  #draw(candidates: readonly Candidate[], temperature: number): number {
    const shares = weights(candidates, temperature);
    let rest = this.#random.next() * sum(shares);
    for (const [index, candidate] of candidates.entries()) {
      rest -= shares[index] ?? 0;
      if (rest < 0) return candidate.token;
    }
    // Rounding may leave a crumb; it belongs to the best.
    return candidates[0]?.token ?? 0;
  }
}

/** Probabilities up to a common factor: the best candidate has 1. */
function weights(candidates: readonly Candidate[], temperature: number): readonly number[] {
  const highest = candidates[0]?.logit ?? 0;
  return candidates.map(({ logit }) => Math.exp((logit - highest) / temperature));
}

/** How many of the first weights reach the share of their sum. */
function coveringCount(shares: readonly number[], share: number): number {
  const wanted = share * sum(shares);
  let covered = 0;
  for (const [index, weight] of shares.entries()) {
    covered += weight;
    if (covered >= wanted) return index + 1;
  }
  return shares.length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
