import type {
  ControlledEvaluateInputItem,
  LlamaContextSequence,
  SequenceEvaluateOptions,
  SequenceEvaluateOutput,
  Token,
} from 'node-llama-cpp';
import type { TokenLogprob } from '../../model/part.ts';
import type { Sampler } from '../sampling/sampler.ts';
import type { TokenText } from './token-text.ts';

export interface SampledToken {
  readonly token: Token;
  readonly logprob?: TokenLogprob;
}

/** Where the tokens of one answer come from, one at a time. Each that was given out belongs to the state of the next. */
export interface TokenSource {
  next(): Promise<SampledToken>;
  /** Puts tokens behind the last one given out, as if the model had written them. */
  force(tokens: readonly Token[]): void;
  /** Frees what the source holds. No evaluation is under way then, so it takes no time. */
  close(): Promise<void>;
}

/** How the library draws tokens. `written` is filled with the tokens of the answer, for the options that look at them. */
export interface DrawingOptions {
  readonly options: SequenceEvaluateOptions;
  readonly written: Token[];
}

/** Continues the state with the rest of a prompt. */
export function plainSource(sequence: LlamaContextSequence, rest: readonly Token[], drawing: DrawingOptions): TokenSource {
  const tokens = sequence.evaluate([...rest], { ...drawing.options, yieldEogToken: true });
  return new IteratorSource(tokens, (token) => ({ token }), drawing.written);
}

/**
 * Tokens with their probabilities after the sampling filters: the only ones that the library tells together with a grammar.
 * `top` alternatives are told.
 */
export function filteredSource(
  sequence: LlamaContextSequence,
  rest: readonly Token[],
  drawing: DrawingOptions,
  tokenText: TokenText,
  top: number,
): TokenSource {
  const metadata = { probabilities: true, confidence: true } as const;
  const read = (output: SequenceEvaluateOutput<typeof metadata>): SampledToken => {
    const likeliest = [...output.probabilities].toSorted(([, one], [, other]) => other - one).slice(0, top);
    const alternatives = likeliest.map(([token, probability]) => spelled(tokenText, token, Math.log(probability)));
    return {
      token: output.token,
      logprob: { ...spelled(tokenText, output.token, Math.log(output.confidence)), top: alternatives },
    };
  };
  const tokens = sequence.evaluateWithMetadata([...rest], metadata, { ...drawing.options, yieldEogToken: true });
  return new IteratorSource(tokens, read, drawing.written);
}

class IteratorSource<Output> implements TokenSource {
  readonly #iterator: AsyncGenerator<Output, void, void | Token | Token[]>;
  readonly #read: (output: Output) => SampledToken;
  readonly #written: Token[];
  #forced: Token[] = [];

  constructor(
    iterator: AsyncGenerator<Output, void, void | Token | Token[]>,
    read: (output: Output) => SampledToken,
    written: Token[],
  ) {
    this.#iterator = iterator;
    this.#read = read;
    this.#written = written;
  }

  async next(): Promise<SampledToken> {
    const result = await (this.#forced.length === 0 ? this.#iterator.next() : this.#iterator.next(this.#takeForced()));
    if (result.done === true) throw new Error('the library stopped giving tokens');
    const sampled = this.#read(result.value);
    this.#written.push(sampled.token);
    return sampled;
  }

  force(tokens: readonly Token[]): void {
    this.#forced.push(...tokens);
  }

  async close(): Promise<void> {
    await this.#iterator.return();
  }

  /** What is given to the library replaces the token it gave last, so that one goes first. */
  #takeForced(): Token[] {
    const tokens = [...this.#written.slice(-1), ...this.#forced];
    this.#forced = [];
    return tokens;
  }
}

export interface ScoredOptions {
  readonly sampler: Sampler;
  /** The likeliest tokens that the sampler may choose from; at least 1 and at least `top`. */
  readonly candidates: number;
  /** Tokens that the sampler must see although they may be unlikely: those with a bias. */
  readonly always: readonly Token[];
  /** How many alternatives are told. */
  readonly top: number;
}

/** Tokens with exact log probabilities, before any sampling filter. Draws by itself from the raw values that the library gives. */
export class ScoredSource implements TokenSource {
  readonly #sequence: LlamaContextSequence;
  readonly #tokenText: TokenText;
  readonly #options: ScoredOptions;
  #input: Token[];

  constructor(sequence: LlamaContextSequence, rest: readonly Token[], tokenText: TokenText, options: ScoredOptions) {
    this.#sequence = sequence;
    this.#tokenText = tokenText;
    this.#options = options;
    this.#input = [...rest];
  }

  async next(): Promise<SampledToken> {
    const { sampler, candidates: includeTop, always, top } = this.#options;
    // No sampling options are given: any would change the values.
    const generateNext = { logits: { filter: { tokens: always, includeTop } }, totalLogitWeight: true };
    const last = this.#input.length - 1;
    const input = this.#input.map((token, index): ControlledEvaluateInputItem =>
      index < last ? token : [token, { generateNext }],
    );
    const output = (await this.#sequence.controlledEvaluate(input))[last]?.next;
    if (output?.logits === undefined || output.totalLogitWeight === undefined) throw new Error('the library gave no logits');

    const ranked = Array.from(output.logits, ([token, logit]) => ({ token, logit })).toSorted(
      (one, other) => other.logit - one.logit,
    );
    // The weight is the sum of exp(logit - highest logit) over the whole vocabulary.
    const normal = (ranked[0]?.logit ?? 0) + Math.log(output.totalLogitWeight);
    const token = sampler.choose(ranked);
    const chosen = ranked.find((candidate) => candidate.token === token);
    if (chosen === undefined) throw new Error(`the sampler chose ${token}, which was no candidate`);
    const alternatives = ranked.slice(0, top).map((other) => spelled(this.#tokenText, other.token, other.logit - normal));
    this.#input = [chosen.token];
    return {
      token: chosen.token,
      logprob: { ...spelled(this.#tokenText, chosen.token, chosen.logit - normal), top: alternatives },
    };
  }

  force(tokens: readonly Token[]): void {
    this.#input.push(...tokens);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** JSON has no infinity; OpenAI writes this for "very unlikely". */
const veryUnlikely = -9999;

function spelled(tokenText: TokenText, token: Token, logprob: number): Omit<TokenLogprob, 'top'> {
  const bytes = tokenText.bytes(token);
  return {
    token: bytes.toString(),
    // Rounding can put a sure token a hair above 0.
    logprob: Number.isFinite(logprob) ? Math.min(0, logprob) : veryUnlikely,
    bytes: bytes.length === 0 ? null : [...bytes],
  };
}
