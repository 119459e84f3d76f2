import type { TokenLogprob } from '../../model/part.ts';

/** A stretch of text with the log probabilities of the tokens that begin in it. */
export interface Stretch {
  readonly text: string;
  readonly marks: readonly Mark[];
}

interface Mark {
  /** Offset in the text at which the token's own text begins. */
  readonly at: number;
  readonly logprob: TokenLogprob;
}

/** Text that waits until it is clear what it is. Each token's log probability moves with the character the token begins at. */
export class HeldText {
  #text = '';
  #marks: Mark[] = [];

  get text(): string {
    return this.#text;
  }

  add(stretch: Stretch): void {
    for (const mark of stretch.marks) this.#marks.push({ at: this.#text.length + mark.at, logprob: mark.logprob });
    this.#text += stretch.text;
  }

  /** Takes characters from the front. A token that wrote nothing yet stays with the character that will follow it. */
  take(length: number): Stretch {
    const text = this.#text.slice(0, length);
    this.#text = this.#text.slice(length);
    const taken = this.#marks.filter((mark) => mark.at < length);
    this.#marks = this.#marks
      .filter((mark) => mark.at >= length)
      .map((mark) => ({ at: mark.at - length, logprob: mark.logprob }));
    return { text, marks: taken };
  }
}

/** How many characters at the end of the text may be the beginning of one of the endings. */
export function heldLength(text: string, endings: readonly string[]): number {
  let longest = 0;
  for (const ending of endings) {
    for (let length = Math.min(ending.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(ending.slice(0, length))) longest = length;
    }
  }
  return longest;
}
