import { HeldText, heldLength } from './held-text.ts';
import type { Stretch } from './held-text.ts';
import type { PartWriter } from './part-writer.ts';

/**
 * The visible text of an answer. Holds back what may become a stop sequence, and white space until something visible follows,
 * so that no part is empty and none ends in the blank lines before a tool call.
 */
export class AnswerText {
  readonly #writer: PartWriter;
  readonly #stop: readonly string[];
  readonly #held = new HeldText();
  #skipsNewlines = false;
  #stoppedBy: string | undefined;

  constructor(writer: PartWriter, stop: readonly string[]) {
    this.#writer = writer;
    this.#stop = stop.filter((text) => text !== '');
  }

  /** The stop sequence that ended the answer. */
  get stoppedBy(): string | undefined {
    return this.#stoppedBy;
  }

  /** Newlines that come next separate parts and belong to none; a stop sequence does not see them. */
  skipNewlines(): void {
    this.#skipsNewlines = true;
  }

  add(stretch: Stretch): void {
    if (this.#stoppedBy !== undefined) return;
    this.#held.add(stretch);
    if (this.#skipsNewlines) {
      this.#held.take(/^[\r\n]*/.exec(this.#held.text)?.[0].length ?? 0);
      if (this.#held.text === '') return;
      this.#skipsNewlines = false;
    }
    const stop = firstStop(this.#held.text, this.#stop);
    if (stop !== undefined) {
      this.#write(stop.start);
      this.#held.take(this.#held.text.length);
      this.#stoppedBy = stop.text;
      return;
    }
    const safe = this.#held.text.slice(0, this.#held.text.length - heldLength(this.#held.text, this.#stop));
    this.#write(safe.trimEnd().length);
  }

  /** A tool call follows: what was held is text after all, the white space at its end is not. */
  endBeforeCall(): void {
    this.#write(this.#held.text.trimEnd().length);
    this.#held.take(this.#held.text.length);
    this.#writer.end();
    this.#skipsNewlines = true;
  }

  /** No more text follows. */
  end(): void {
    this.#write(this.#held.text.length);
    this.#held.take(this.#held.text.length);
    this.#writer.end();
  }

  #write(length: number): void {
    // White space alone opens no part.
    if (this.#writer.open !== 'text' && this.#held.text.slice(0, length).trim() === '') return;
    const { text, marks } = this.#held.take(length);
    this.#writer.text(
      text,
      marks.map((mark) => mark.logprob),
    );
  }
}

/** The stop sequence that is complete first; of two that end together, the longer. */
function firstStop(text: string, stop: readonly string[]): { readonly text: string; readonly start: number } | undefined {
  const found = stop.map((candidate) => ({ text: candidate, start: text.indexOf(candidate) })).filter(({ start }) => start >= 0);
  return found.toSorted(
    (one, other) => one.start + one.text.length - other.start - other.text.length || one.start - other.start,
  )[0];
}
