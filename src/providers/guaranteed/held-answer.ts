import type { AnswerEvent } from '../../model/event.ts';
import { FlashmuxError } from '../../model/fault.ts';
import type { Usage } from '../../model/usage.ts';

/** Of one answer: characters, and 16 for each event that they came in. 131,072 tokens, the most of the family, are about 2.7 million. */
const maxHeldWeight = 4_000_000;
const eventWeight = 16;
/** Log probabilities weigh far more than their text; beyond this many candidates they are given up. */
const maxHeldCandidates = 200_000;

/** The indexes of the parts that the caller gets, over all the tries of one answer. */
export class PartIndexes {
  #next = 0;

  take(): number {
    return this.#next++;
  }
}

export interface HeldAnswerOptions {
  /** The number of the answer as the caller counts. */
  readonly answer: number;
  readonly indexes: PartIndexes;
}

/**
 * One try at one answer. Thoughts, calls and sounds pass at once; text waits until somebody decides about it, or until a call or a refusal
 * shows that it is not the answer that was asked for. Parts are numbered anew, in the order in which they leave.
 */
export class HeldAnswer {
  readonly #options: HeldAnswerOptions;
  /** Indexes of the host that have one here. */
  readonly #indexes = new Map<number, number>();
  readonly #textParts = new Set<number>();
  #held: PartEvent[] = [];
  #weight = 0;
  #candidates = 0;
  #lostProbabilities = false;
  #isReleased = false;
  #end: AnswerEnd | undefined;
  #usage: Usage | undefined;

  constructor(options: HeldAnswerOptions) {
    this.#options = options;
  }

  /** Whether the answer turned out to be something else than a text: a call or a refusal. */
  get isReleased(): boolean {
    return this.#isReleased;
  }

  get end(): AnswerEnd | undefined {
    return this.#end === undefined ? undefined : { ...this.#end, answer: this.#options.answer };
  }

  get usage(): Usage | undefined {
    return this.#usage;
  }

  /** The text that waits. */
  get text(): string {
    return this.#held.map((event) => (isTextDelta(event) ? event.delta.text : '')).join('');
  }

  /** What of the host's events the caller gets now. Throws `upstream_failed` for a text that is longer than can be held. */
  take(batch: readonly AnswerEvent[]): readonly AnswerEvent[] {
    return batch.flatMap((event) => this.#event(event));
  }

  /** Gives out the text that waits, as it came. */
  release(): readonly AnswerEvent[] {
    const held = this.#held;
    this.#held = [];
    this.#isReleased = true;
    const tooMany = 'They were too many to be held until the answer was checked.';
    return [...(this.#lostProbabilities ? dropped('logprobs', tooMany) : []), ...held.map((event) => this.#numbered(event))];
  }

  /** Gives out another text in place of the one that waits. What spoke of places in the old one is left out. */
  replace(text: string): readonly AnswerEvent[] {
    const changed = 'They speak of a text that was changed to get at its JSON.';
    const lost = [
      ...(this.#lostProbabilities || this.#held.some((event) => hasLogprobs(event)) ? dropped('logprobs', changed) : []),
      ...(this.#held.some((event) => isCitation(event)) ? dropped('annotations', changed) : []),
    ];
    this.#held = [];
    this.#isReleased = true;
    const at = { answer: this.#options.answer, index: this.#options.indexes.take() };
    return [
      ...lost,
      { kind: 'part-start', ...at, part: { kind: 'text' } },
      { kind: 'part-delta', ...at, delta: { kind: 'text', text } },
      { kind: 'part-end', ...at },
    ];
  }

  #event(event: AnswerEvent): readonly AnswerEvent[] {
    // The host was asked for one answer.
    if ('answer' in event && event.answer !== undefined && event.answer !== 0) return [];
    switch (event.kind) {
      case 'answer-start':
      case 'notice':
        return [event];
      case 'carry':
        return [event.answer === undefined ? event : { ...event, answer: this.#options.answer }];
      case 'usage':
        this.#usage = event.usage;
        return [];
      case 'answer-end':
        this.#end = event;
        return [];
      case 'part-start':
        return this.#start(event);
      case 'part-delta':
      case 'part-end':
        return this.#isReleased || !this.#textParts.has(event.index) ? [this.#numbered(event)] : this.#hold(event);
    }
  }

  #start(event: PartStart): readonly AnswerEvent[] {
    const { part } = event;
    if (part.kind === 'text' && !this.#isReleased) {
      this.#textParts.add(event.index);
      return this.#hold(event);
    }
    const releases = part.kind === 'refusal' || (part.kind === 'tool-call' && part.ranBy === 'caller');
    const before = releases && !this.#isReleased ? this.release() : [];
    return [...before, this.#numbered(event)];
  }

  #hold(event: PartEvent): readonly AnswerEvent[] {
    this.#held.push(this.#weighed(event));
    if (this.#weight <= maxHeldWeight) return [];
    throw new FlashmuxError('upstream_failed', 'The answer grew too long to be held until its form could be checked.');
  }

  #weighed(event: PartEvent): PartEvent {
    this.#weight += eventWeight;
    if (!isTextDelta(event)) return event;
    const { logprobs, ...delta } = event.delta;
    this.#weight += delta.text.length;
    if (logprobs === undefined) return event;
    for (const { top } of logprobs) this.#candidates += 1 + top.length;
    if (this.#candidates <= maxHeldCandidates) return event;
    if (!this.#lostProbabilities) this.#held = this.#held.map((earlier) => withoutLogprobs(earlier));
    this.#lostProbabilities = true;
    return { ...event, delta };
  }

  #numbered<Event extends PartEvent>(event: Event): Event {
    const known = this.#indexes.get(event.index);
    const index = known ?? this.#options.indexes.take();
    if (known === undefined) this.#indexes.set(event.index, index);
    return { ...event, answer: this.#options.answer, index };
  }
}

type PartStart = Extract<AnswerEvent, { kind: 'part-start' }>;
type PartEvent = Extract<AnswerEvent, { kind: 'part-start' | 'part-delta' | 'part-end' }>;
type AnswerEnd = Extract<AnswerEvent, { kind: 'answer-end' }>;
type PartDelta = Extract<AnswerEvent, { kind: 'part-delta' }>;
type TextDelta = PartDelta & { readonly delta: Extract<PartDelta['delta'], { kind: 'text' }> };

function isTextDelta(event: PartEvent): event is TextDelta {
  return event.kind === 'part-delta' && event.delta.kind === 'text';
}

function hasLogprobs(event: PartEvent): boolean {
  return isTextDelta(event) && event.delta.logprobs !== undefined;
}

function isCitation(event: PartEvent): boolean {
  return event.kind === 'part-delta' && event.delta.kind === 'citation';
}

function withoutLogprobs(event: PartEvent): PartEvent {
  if (!isTextDelta(event)) return event;
  const { logprobs: _, ...delta } = event.delta;
  return { ...event, delta };
}

function dropped(path: string, message: string): readonly AnswerEvent[] {
  return [{ kind: 'notice', notice: { code: 'dropped', path, message } }];
}
