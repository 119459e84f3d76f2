import type { AnswerEvent, EventBatch } from '../model/event.ts';
import type { TokenCounter } from '../model/ports.ts';
import type { GenerateRequest } from '../model/request.ts';
import { nothingTold, type Usage } from '../model/usage.ts';
import type { AnswerKeeper } from './kept-answer.ts';
import { promptText } from './prompt-text.ts';

/**
 * Watches one answer go by and knows at any moment what it has used: the host's last word, and where the host said nothing, the
 * text that was produced, counted with our tokenizer and marked as estimated.
 */
export class Tally {
  readonly #request: GenerateRequest;
  readonly #keeper: AnswerKeeper | undefined;
  #told: Usage | undefined;
  #answerText: string[] = [];
  #reasoningText: string[] = [];
  #produced = false;
  #ended = false;
  #endedInError = false;

  /** `keeper` is given everything too, where the answer is to be kept. */
  constructor(request: GenerateRequest, keeper?: AnswerKeeper) {
    this.#request = request;
    this.#keeper = keeper;
  }

  see(batch: EventBatch): void {
    this.#keeper?.see(batch);
    for (const event of batch) this.#see(event);
  }

  /** Whether the model has said anything that a caller pays for. */
  get produced(): boolean {
    return this.#produced;
  }

  /** What the host told of its work, as far as it did. */
  get pace(): { readonly outputTokens?: number; readonly cachedTokens?: number } {
    const { total } = this.#told?.output ?? {};
    const { cacheRead } = this.#told?.input ?? {};
    return {
      ...(total === undefined ? {} : { outputTokens: total }),
      ...(cacheRead === undefined ? {} : { cachedTokens: cacheRead }),
    };
  }

  /** Whether every answer came to its end. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether an answer came to its end because its host failed. */
  get endedInError(): boolean {
    return this.#endedInError;
  }

  /** A failed attempt leaves nothing behind: it is not charged to the caller. */
  reset(): void {
    this.#keeper?.reset();
    this.#told = undefined;
    this.#answerText = [];
    this.#reasoningText = [];
    this.#produced = false;
    this.#ended = false;
    this.#endedInError = false;
  }

  /** Totals are complete afterwards: what the host did not tell is counted here, within so many ms. A told zero stays zero. */
  async usage(counter: TokenCounter, withinMs: number): Promise<Usage> {
    const told = this.#told ?? nothingTold;
    if (told.input.total !== undefined && told.output.total !== undefined) return told;
    const signal = AbortSignal.timeout(withinMs);
    const input = told.input.total ?? (await counter.count(promptText(this.#request), signal));
    const reasoning = told.output.reasoning ?? (await counter.count(this.#reasoningText.join(''), signal));
    const answer = await counter.count(this.#answerText.join(''), signal);
    const output = told.output.total ?? reasoning + answer;
    return {
      ...told,
      input: { ...told.input, total: input },
      // money: counts tokens
      output: { ...told.output, total: output, reasoning: Math.min(reasoning, output) },
      estimated: true,
    };
  }

  #see(event: AnswerEvent): void {
    switch (event.kind) {
      case 'usage':
        this.#told = event.usage;
        return;
      case 'part-start':
        this.#produced = true;
        if (event.part.kind === 'tool-call') this.#answerText.push(event.part.name);
        return;
      case 'part-delta':
        if (event.delta.kind === 'text' || event.delta.kind === 'arguments') this.#answerText.push(event.delta.text);
        else if (event.delta.kind === 'reasoning') this.#reasoningText.push(event.delta.text);
        return;
      case 'answer-end':
        this.#ended = true;
        if (event.reason === 'error') this.#endedInError = true;
        return;
      case 'answer-start':
      case 'part-end':
      case 'notice':
      case 'carry':
        return;
    }
  }
}
