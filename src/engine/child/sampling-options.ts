import { TokenBias, type LlamaModel, type SequenceEvaluateOptions, type Token } from 'node-llama-cpp';
import { FlashmuxError } from '../../model/fault.ts';
import type { Sampling } from '../../model/request.ts';
import type { TokenText } from './token-text.ts';

/**
 * What the engine takes where nobody said: Qwen's own advice for its small models without thinking (Qwen3 model cards, 2025).
 * Requests that come through the exchange carry the catalogue's values.
 */
export const unsaidSampling = { temperature: 0.7, topP: 0.8, topK: 20, minP: 0 } as const;

/** How the library is to draw the tokens of one answer. `written` gives the tokens of the answer so far. */
export function samplingOptions(
  sampling: Sampling,
  seed: number,
  bias: TokenBias | undefined,
  written: () => Token[],
): SequenceEvaluateOptions {
  const { frequencyPenalty = 0, presencePenalty = 0, repetitionPenalty = 1 } = sampling;
  const punishes = frequencyPenalty !== 0 || presencePenalty !== 0 || repetitionPenalty !== 1;
  return {
    temperature: sampling.temperature ?? unsaidSampling.temperature,
    topP: sampling.topP ?? unsaidSampling.topP,
    topK: sampling.topK ?? unsaidSampling.topK,
    minP: sampling.minP ?? unsaidSampling.minP,
    // Without one the library takes the current second, so that two requests within it would answer the same.
    seed,
    ...(bias === undefined ? {} : { tokenBias: bias }),
    ...(punishes
      ? { repeatPenalty: { punishTokens: written, penalty: repetitionPenalty, frequencyPenalty, presencePenalty } }
      : {}),
  };
}

/** The tokens that `logit_bias` names. Throws `invalid_request` for one that the model does not have. */
export function biasedTokens(sampling: Sampling, tokenText: TokenText): readonly (readonly [token: Token, logit: number])[] {
  return Object.entries(sampling.logitBias ?? {}).map(([name, logit]) => {
    const id = Number(name);
    if (!tokenText.isToken(id)) {
      throw new FlashmuxError('invalid_request', `This model has no token "${name}".`, { param: `logit_bias.${name}` });
    }
    return [id, logit] as const;
  });
}

/**
 * The bias in the library's form. Its `set` leaves out end tokens (3.22.1), although a caller may well want to forbid the end or to
 * hasten it; so these go straight into the map that it keeps.
 */
export function tokenBias(model: LlamaModel, biased: readonly (readonly [token: Token, logit: number])[]): TokenBias | undefined {
  if (biased.length === 0) return undefined;
  const bias = TokenBias.for(model);
  const kept: unknown = Reflect.get(bias, '_biases');
  if (!(kept instanceof Map)) throw new Error('TokenBias of node-llama-cpp has changed its inside');
  for (const [token, logit] of biased) kept.set(token, logit);
  return bias;
}

/** A seed of 32 bits for each answer of a request, so that the answers differ and each can be had again. */
export function seedOfAnswer(seed: number, answer: number): number {
  const golden = 0x9e3779b1;
  return ((seed % 2 ** 32) + answer * golden) % 2 ** 32;
}
