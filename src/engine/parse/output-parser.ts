import type { AnswerEvent } from '../../model/event.ts';
import type { TokenLogprob } from '../../model/part.ts';
import type { Tool } from '../../model/request.ts';
import { AnswerText } from './answer-text.ts';
import { HeldText, heldLength } from './held-text.ts';
import { PartWriter } from './part-writer.ts';
import { ToolCallReader, callOpen } from './tool-call-reader.ts';

/** The six tags that are one token each in Qwen's vocabulary. */
export type OutputTag =
  | 'think-open'
  | 'think-close'
  | 'tool-call-open'
  | 'tool-call-close'
  | 'tool-response-open'
  | 'tool-response-close';

export interface OutputPiece {
  /** Whole characters: the next piece of the output. */
  readonly text: string;
  /** The piece is the token of this tag, whatever its text. */
  readonly tag?: OutputTag;
  readonly logprob?: TokenLogprob;
}

export interface OutputParserOptions {
  /** Number of the answer its events name. */
  readonly answer: number;
  readonly startsInThought: boolean;
  readonly tools: readonly Tool[];
  /** False: `<tool_call>` is text like any other. */
  readonly parseTools: boolean;
  /** True: a thought has no beginning here, all is text. */
  readonly isPlain?: boolean;
  /** They act on answer text, not on thoughts and calls. Empty ones are ignored. */
  readonly stop: readonly string[];
  readonly newCallId: () => string;
}

/**
 * Reads what a model writes into the parts of an answer: thought, text, tool calls. Works on text alone, so a tag may come as its
 * own token or as ordinary text cut anywhere, and the parts do not depend on the cuts.
 */
export class OutputParser {
  readonly #writer: PartWriter;
  readonly #text: AnswerText;
  readonly #calls: ToolCallReader;
  readonly #parseTools: boolean;
  readonly #input = new HeldText();
  #place: 'thought' | 'answer' | 'tool-call';
  /** Nothing visible was written since the answer or the thought before it began, so that a thought may begin. */
  #fresh: boolean;
  #thought: boolean;

  constructor(options: OutputParserOptions) {
    this.#writer = new PartWriter(options.answer);
    this.#text = new AnswerText(this.#writer, options.stop);
    this.#calls = new ToolCallReader(this.#writer, options.tools, options.newCallId, () => this.#text.endBeforeCall());
    this.#parseTools = options.parseTools;
    this.#fresh = options.isPlain !== true;
    this.#place = options.startsInThought ? 'thought' : 'answer';
    this.#thought = options.startsInThought;
  }

  /** Where the last piece left the model. */
  get place(): 'thought' | 'answer' | 'tool-call' {
    return this.#place;
  }

  /** The stop sequence that ended the answer; everything after it is dropped. */
  get stoppedBy(): string | undefined {
    return this.#text.stoppedBy;
  }

  /** How many tool calls are complete. */
  get toolCalls(): number {
    return this.#calls.completed;
  }

  push(piece: OutputPiece): readonly AnswerEvent[] {
    if (this.stoppedBy !== undefined) return [];
    const text = piece.tag === undefined ? piece.text : tagTexts[piece.tag];
    this.#input.add({ text, marks: piece.logprob === undefined ? [] : [{ at: 0, logprob: piece.logprob }] });
    this.#read(false);
    return this.#writer.drain();
  }

  /** No more output follows: what was held back is written and the open part ends. */
  end(): readonly AnswerEvent[] {
    this.#read(true);
    this.#text.end();
    return this.#writer.drain();
  }

  #read(atEnd: boolean): void {
    for (;;) {
      if (this.stoppedBy !== undefined) return;
      if (!this.#readPlace(atEnd)) return;
    }
  }

  /** True where there may be more to read at once. */
  #readPlace(atEnd: boolean): boolean {
    switch (this.#place) {
      case 'thought':
        return this.#readThought(atEnd);
      case 'answer':
        return this.#readAnswer(atEnd);
      case 'tool-call':
        return this.#readCall(atEnd);
    }
  }

  #readThought(atEnd: boolean): boolean {
    const begun = this.#writer.open === 'reasoning';
    if (!begun) {
      this.#input.take(this.#input.text.length - this.#input.text.trimStart().length);
      // The model repeats the tag that the prompt already wrote.
      if (this.#input.text.startsWith(thinkOpen)) {
        this.#input.take(thinkOpen.length);
        return true;
      }
      if (!atEnd && thinkOpen.startsWith(this.#input.text)) return false;
    }
    const text = this.#input.text;
    const end = text.indexOf(thinkClose);
    if (end >= 0) {
      this.#writer.reasoning(text.slice(0, end).trimEnd());
      this.#input.take(end + thinkClose.length);
      this.#endThought();
      return true;
    }
    const ready = atEnd ? text.length : text.slice(0, text.length - heldLength(text, [thinkClose])).trimEnd().length;
    this.#writer.reasoning(this.#input.take(ready).text);
    return false;
  }

  #endThought(): void {
    this.#writer.end();
    this.#text.skipNewlines();
    this.#place = 'answer';
    this.#fresh = true;
  }

  #readAnswer(atEnd: boolean): boolean {
    if (this.#fresh) {
      const body = this.#input.text.trimStart();
      const lead = this.#input.text.length - body.length;
      if (body.startsWith(thinkOpen)) {
        this.#input.take(lead + thinkOpen.length);
        this.#place = 'thought';
        this.#thought = true;
        return true;
      }
      // A second end of a thought that is already over, such as one that a budget ended.
      if (this.#thought && body.startsWith(thinkClose)) {
        this.#input.take(lead + thinkClose.length);
        return true;
      }
      const undecided = thinkOpen.startsWith(body) || (this.#thought && thinkClose.startsWith(body));
      if (undecided && !atEnd) return false;
      this.#fresh = false;
    }
    const text = this.#input.text;
    const call = this.#parseTools ? text.indexOf(callOpen) : -1;
    if (call >= 0) {
      this.#text.add(this.#input.take(call));
      this.#place = 'tool-call';
      return true;
    }
    const held = this.#parseTools && !atEnd ? heldLength(text, [callOpen]) : 0;
    this.#text.add(this.#input.take(text.length - held));
    return false;
  }

  #readCall(atEnd: boolean): boolean {
    const progress = this.#calls.read(this.#input, atEnd);
    if (progress.kind === 'more') return false;
    if (progress.kind === 'text') this.#text.add(this.#input.take(progress.length));
    this.#place = 'answer';
    return true;
  }
}

const thinkOpen = '<think>';
const thinkClose = '</think>';

const tagTexts: Readonly<Record<OutputTag, string>> = {
  'think-open': thinkOpen,
  'think-close': thinkClose,
  'tool-call-open': callOpen,
  'tool-call-close': '</tool_call>',
  'tool-response-open': '<tool_response>',
  'tool-response-close': '</tool_response>',
};
