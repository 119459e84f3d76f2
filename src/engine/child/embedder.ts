import type { LlamaEmbeddingContext, Token } from 'node-llama-cpp';
import type { Prompt } from '../../model/continuation.ts';
import { FlashmuxError } from '../../model/fault.ts';
import type { Vectors } from '../wire.ts';
import type { LoadedModel } from './loaded-model.ts';

/** Texts of vectors are short: a context of its own costs memory for each of its tokens. */
const mostTokens = 8192;

/** Turns texts into vectors with the loaded model, one text after the other, in a context of its own that the first text makes. */
export class Embedder {
  readonly #loaded: LoadedModel;
  readonly #contextTokens: number;
  #context: Promise<LlamaEmbeddingContext> | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(loaded: LoadedModel) {
    this.#loaded = loaded;
    this.#contextTokens = Math.min(mostTokens, loaded.ready.contextTokens);
  }

  /** Throws FlashmuxError for a text that does not fit and for a model without vectors; an abort ends it before the next text. */
  async embed(inputs: readonly Prompt[], signal: AbortSignal): Promise<Vectors> {
    const tokens = inputs.map((input, index) => this.#tokens(input, inputs.length === 1 ? 'input' : `input[${index}]`));
    const vectors: (readonly number[])[] = [];
    for (const text of tokens) {
      if (signal.aborted) throw new FlashmuxError('cancelled', 'The request was cancelled.');
      vectors.push(await this.#next(text));
    }
    return { vectors, tokens: tokens.reduce((sum, text) => sum + text.length, 0) };
  }

  #tokens(input: Prompt, path: string): readonly Token[] {
    const { model, tokenText } = this.#loaded;
    const tokens = input.kind === 'text' ? model.tokenize(input.text) : input.tokens.filter((id) => tokenText.isToken(id));
    if (input.kind === 'tokens' && tokens.length < input.tokens.length) {
      throw new FlashmuxError('invalid_request', `${path} has ids that are no token of this model.`, { param: path });
    }
    // The library puts a mark of beginning and of end around a text, where the model has them.
    const most = this.#contextTokens - 2;
    if (tokens.length <= most) return tokens;
    const message = `${path} has ${tokens.length} tokens; vectors are made of at most ${most}.`;
    throw new FlashmuxError('context_length_exceeded', message, { param: path });
  }

  /** Texts of several requests take turns. */
  #next(text: readonly Token[]): Promise<readonly number[]> {
    const turn = this.#queue.then(async () => {
      const context = await this.#open();
      return unitVector((await context.getEmbeddingFor([...text])).vector);
    });
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  async #open(): Promise<LlamaEmbeddingContext> {
    const { model } = this.#loaded;
    if (model.fileInsights.hasEncoder && model.fileInsights.hasDecoder) {
      throw new FlashmuxError('unsupported_value', 'The local model has no vectors.', { param: 'model' });
    }
    this.#context ??= model.createEmbeddingContext({ contextSize: this.#contextTokens });
    return await this.#context;
  }
}

/** As OpenAI's are, so that the product of two is the cosine of their angle. */
function unitVector(vector: readonly number[]): readonly number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}
