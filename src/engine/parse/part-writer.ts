import type { AnswerEvent, PartDelta, PartOpening } from '../../model/event.ts';
import type { TokenLogprob } from '../../model/part.ts';

/** Writes the parts of one answer one after another; deltas of one push that follow each other become one. */
export class PartWriter {
  readonly #answer: number;
  #index = -1;
  #open: PartOpening['kind'] | undefined;
  #events: AnswerEvent[] = [];

  constructor(answer: number) {
    this.#answer = answer;
  }

  /** The kind of the open part. */
  get open(): PartOpening['kind'] | undefined {
    return this.#open;
  }

  start(part: PartOpening): void {
    this.end();
    this.#index++;
    this.#open = part.kind;
    this.#events.push({ kind: 'part-start', answer: this.#answer, index: this.#index, part });
  }

  text(text: string, logprobs: readonly TokenLogprob[]): void {
    if (text === '') return;
    if (this.#open !== 'text') this.start({ kind: 'text' });
    this.#delta({ kind: 'text', text, ...(logprobs.length === 0 ? {} : { logprobs }) });
  }

  reasoning(text: string): void {
    if (text === '') return;
    if (this.#open !== 'reasoning') this.start({ kind: 'reasoning' });
    this.#delta({ kind: 'reasoning', text });
  }

  arguments(text: string): void {
    if (text !== '') this.#delta({ kind: 'arguments', text });
  }

  end(): void {
    if (this.#open === undefined) return;
    this.#open = undefined;
    this.#events.push({ kind: 'part-end', answer: this.#answer, index: this.#index });
  }

  /** The events since the last drain. */
  drain(): readonly AnswerEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #delta(delta: PartDelta): void {
    const last = this.#events.at(-1);
    const joined = last?.kind === 'part-delta' ? join(last.delta, delta) : undefined;
    if (joined !== undefined) this.#events.pop();
    this.#events.push({ kind: 'part-delta', answer: this.#answer, index: this.#index, delta: joined ?? delta });
  }
}

function join(first: PartDelta, second: PartDelta): PartDelta | undefined {
  if (first.kind === 'text' && second.kind === 'text') {
    const logprobs = [...(first.logprobs ?? []), ...(second.logprobs ?? [])];
    return { kind: 'text', text: first.text + second.text, ...(logprobs.length === 0 ? {} : { logprobs }) };
  }
  if (first.kind === 'reasoning' && second.kind === 'reasoning') return { kind: 'reasoning', text: first.text + second.text };
  if (first.kind === 'arguments' && second.kind === 'arguments') return { kind: 'arguments', text: first.text + second.text };
  return undefined;
}
