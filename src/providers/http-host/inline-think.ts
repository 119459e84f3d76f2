import type { AnswerEvent, PartOpening } from '../../model/event.ts';
import type { TokenLogprob } from '../../model/part.ts';

/**
 * Takes the thinking out of a text that begins with `<think>`: servers that run without a reasoning parser send it so. Only the
 * beginning of an answer counts, and only where the host has not sent reasoning by itself; the tag anywhere else is text.
 * Give it every event in order, then `flush`. Part indexes of what comes out are counted anew.
 */
export class InlineThink {
  readonly #answers = new Map<number, SplitAnswer>();

  take(events: readonly AnswerEvent[]): AnswerEvent[] {
    const out: AnswerEvent[] = [];
    for (const event of events) {
      switch (event.kind) {
        case 'part-start':
          out.push(...this.#of(event.answer).start(event.index, event.part));
          break;
        case 'part-delta': {
          const split = this.#of(event.answer);
          // All of an answer but its beginning, and nearly every event there is.
          if (split.passes(event.index)) out.push(event);
          else out.push(...split.delta(event));
          break;
        }
        case 'part-end':
          out.push(...this.#of(event.answer).end(event.index));
          break;
        case 'answer-end':
          out.push(...this.#of(event.answer).flush(), event);
          break;
        case 'answer-start':
        case 'usage':
        case 'notice':
        case 'carry':
          out.push(event);
      }
    }
    return out;
  }

  /** What was held back, for a stream that breaks off. */
  flush(): AnswerEvent[] {
    return Array.from(this.#answers.values()).flatMap((answer) => answer.flush());
  }

  #of(answer: number): SplitAnswer {
    let split = this.#answers.get(answer);
    if (split === undefined) {
      split = new SplitAnswer(answer);
      this.#answers.set(answer, split);
    }
    return split;
  }
}

type Delta = Extract<AnswerEvent, { kind: 'part-delta' }>;

const openTag = '<think>';
const closeTag = '</think>';

/**
 * The text part that may hold a thought goes through these: `unsure` keeps its deltas until they cannot be a tag any more,
 * `thinking` sends reasoning, `after` drops the blank lines that templates put behind the closing tag.
 */
type Stage = 'unsure' | 'thinking' | 'after' | 'done';

class SplitAnswer {
  readonly #answer: number;
  /** Index at the host to index here. */
  readonly #indexes = new Map<number, number>();
  #next = 0;
  #stage: Stage = 'unsure';
  /** Host's index of the part in question, while the stage is not `done`. */
  #part: number | undefined;
  #held: Delta[] = [];
  #heldText = '';
  /** The line end behind the opening tag has been dropped. */
  #begun = false;
  #thought: number | undefined;

  constructor(answer: number) {
    this.#answer = answer;
  }

  /** Whether a delta of this part goes through as it is. */
  passes(index: number): boolean {
    return this.#stage === 'done' && (this.#indexes.get(index) ?? index) === index;
  }

  start(index: number, part: PartOpening): AnswerEvent[] {
    if (this.#stage === 'unsure' && this.#part === undefined && part.kind === 'text') {
      this.#part = index;
      return [];
    }
    // Order is meaning: what came before this part is out before it starts, and what begins later is no beginning.
    const before = this.#stage === 'unsure' ? this.#asText() : [];
    return [...before, this.#open(index, part)];
  }

  delta(event: Delta): AnswerEvent[] {
    if (event.index !== this.#part || this.#stage === 'done') return [this.#renumbered(event)];
    // A citation belongs to the text, so there is a text.
    if (event.delta.kind !== 'text') return [...this.#settle(event.index), this.#renumbered(event)];
    switch (this.#stage) {
      case 'unsure':
        return this.#whileUnsure(event);
      case 'thinking':
        return this.#whileThinking(event);
      case 'after':
        return this.#afterThought(event, 0);
    }
  }

  end(index: number): AnswerEvent[] {
    if (index !== this.#part) return this.#closed(index);
    return [...this.flush(), ...this.#closed(index)];
  }

  flush(): AnswerEvent[] {
    if (this.#part === undefined) return [];
    const stage = this.#stage;
    this.#stage = 'done';
    switch (stage) {
      case 'unsure':
        return this.#asText();
      case 'thinking':
        return [...this.#think(this.#heldText), ...this.#endThought()];
      case 'after':
      case 'done':
        return [];
    }
  }

  #settle(index: number): AnswerEvent[] {
    const rest = this.flush();
    return this.#indexes.has(index) ? rest : [...rest, this.#open(index, { kind: 'text' })];
  }

  #whileUnsure(event: Delta): AnswerEvent[] {
    this.#held.push(event);
    this.#heldText += textOf(event);
    const text = this.#heldText.trimStart();
    if (text.length < openTag.length && openTag.startsWith(text)) return [];
    if (!text.startsWith(openTag)) return this.#asText();
    this.#stage = 'thinking';
    this.#held = [];
    this.#heldText = '';
    // Only the last delta can hold more than the tag, so its token probabilities are the ones that still count.
    const rest = text.slice(openTag.length);
    return this.#whileThinking({ ...event, delta: { ...event.delta, kind: 'text', text: rest } }, textOf(event));
  }

  /** `wholeText` is the text that the token probabilities of the delta belong to, where some of it was cut off before. */
  #whileThinking(event: Delta, wholeText = textOf(event)): AnswerEvent[] {
    const text = this.#heldText + textOf(event);
    const close = text.indexOf(closeTag);
    if (close === -1) {
      const kept = tagBeginning(text);
      this.#heldText = text.slice(text.length - kept);
      return this.#think(text.slice(0, text.length - kept));
    }
    this.#heldText = '';
    this.#stage = 'after';
    const after = text.slice(close + closeTag.length);
    return [
      ...this.#think(text.slice(0, close).replace(/\n$/, '')),
      ...this.#endThought(),
      ...this.#afterThought({ ...event, delta: { ...event.delta, kind: 'text', text: after } }, wholeText.length - after.length),
    ];
  }

  /** `cut`: characters of the host's delta that are gone from its beginning. */
  #afterThought(event: Delta, cut: number): AnswerEvent[] {
    const whole = textOf(event);
    const text = whole.trimStart();
    if (text === '' || this.#part === undefined) return [];
    this.#stage = 'done';
    const logprobs = event.delta.kind === 'text' ? event.delta.logprobs : undefined;
    const kept = logprobs === undefined ? {} : { logprobs: tokensFrom(logprobs, cut + whole.length - text.length) };
    const opening = this.#open(this.#part, { kind: 'text' });
    return [opening, this.#renumbered({ ...event, delta: { kind: 'text', text, ...kept } })];
  }

  /** The part opens with its first word: an empty block, which Qwen writes when it does not think, is no thought. */
  #think(text: string): AnswerEvent[] {
    if (text === '') return [];
    const at = { answer: this.#answer, index: this.#thought ?? this.#next };
    if (this.#thought !== undefined) return [{ kind: 'part-delta', ...at, delta: { kind: 'reasoning', text } }];
    const beginning = this.#begun ? text : text.replace(/^\n/, '');
    this.#begun = true;
    if (beginning === '') return [];
    this.#thought = this.#next++;
    return [
      { kind: 'part-start', ...at, part: { kind: 'reasoning' } },
      { kind: 'part-delta', ...at, delta: { kind: 'reasoning', text: beginning } },
    ];
  }

  #endThought(): AnswerEvent[] {
    return this.#thought === undefined ? [] : [{ kind: 'part-end', answer: this.#answer, index: this.#thought }];
  }

  #asText(): AnswerEvent[] {
    this.#stage = 'done';
    if (this.#part === undefined) return [];
    const held = this.#held;
    this.#held = [];
    const opening = this.#open(this.#part, { kind: 'text' });
    return [opening, ...held.map((event) => this.#renumbered(event))];
  }

  #open(index: number, part: PartOpening): AnswerEvent {
    const own = this.#next++;
    this.#indexes.set(index, own);
    return { kind: 'part-start', answer: this.#answer, index: own, part };
  }

  #closed(index: number): AnswerEvent[] {
    const own = this.#indexes.get(index);
    return own === undefined ? [] : [{ kind: 'part-end', answer: this.#answer, index: own }];
  }

  #renumbered(event: Delta): AnswerEvent {
    return { ...event, index: this.#indexes.get(event.index) ?? event.index };
  }
}

function textOf(event: Delta): string {
  return event.delta.kind === 'text' ? event.delta.text : '';
}

/** How many characters at the end of the text may be the beginning of the closing tag, with the line end before it. */
function tagBeginning(text: string): number {
  const closing = `\n${closeTag}`;
  for (let length = Math.min(closing.length - 1, text.length); length > 0; length--) {
    const end = text.slice(-length);
    if (closing.startsWith(end) || closeTag.startsWith(end)) return length;
  }
  return 0;
}

/** The tokens that begin at or after this character. */
function tokensFrom(logprobs: readonly TokenLogprob[], character: number): readonly TokenLogprob[] {
  let position = 0;
  return logprobs.filter(({ token }) => {
    const start = position;
    position += token.length;
    return start >= character;
  });
}
