import type { AnswerEvent, EventBatch } from '../model/event.ts';
import type { Provider, TokenCounter } from '../model/ports.ts';
import type { GenerateRequest } from '../model/request.ts';
import type { PlannedAttempt } from '../routing/plan.ts';
import type { Call } from './call.ts';
import { promptText } from './prompt-text.ts';

export interface EarlyInputOptions {
  readonly call: Pick<Call, 'wantsInputTokens' | 'signal'>;
  readonly request: GenerateRequest;
  readonly planned: readonly PlannedAttempt[];
  readonly providers: ReadonlyMap<string, Provider>;
  readonly counter: TokenCounter;
}

/**
 * Tells the tokens of the input before the first word, to callers whose wire begins with them: the host's own count, or where it has told
 * none, the text counted with our tokenizer while the host works. The usage at the end replaces it.
 */
export class EarlyInput {
  readonly #isWanted: boolean;
  readonly #counted: Promise<number | undefined> | undefined;

  constructor({ call, request, planned, providers, counter }: EarlyInputOptions) {
    this.#isWanted = call.wantsInputTokens === true;
    const allTell = planned.every(({ provider }) => providers.get(provider)?.countInput !== undefined);
    if (!this.#isWanted || allTell) return;
    // A count that fails must not fail the answer; what the host says at its end is the same to the caller.
    this.#counted = counter.count(promptText(request), call.signal).catch(() => undefined);
  }

  /** The usage event for the opening, made of the host's first batch; nothing where it is not wanted or nobody knows. */
  async of(first: EventBatch): Promise<readonly AnswerEvent[]> {
    if (!this.#isWanted) return [];
    const told = first.findLast((event) => event.kind === 'usage');
    const total = told?.usage.input.total ?? (await this.#counted);
    return total === undefined ? [] : [inputTold(total)];
  }
}

export function inputTold(total: number): AnswerEvent {
  return { kind: 'usage', usage: { input: { total }, output: {}, toolCalls: {} } };
}
