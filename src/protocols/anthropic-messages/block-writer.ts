import type { PartDelta, PartOpening } from '../../model/event.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Seal } from '../../model/part.ts';
import { withCarried } from '../wire/carried.ts';
import { writeCitation } from './citations.ts';
import { eventFrame } from './event-frame.ts';
import { redactedData, writeSignature } from './signature.ts';
import { callStart, carriedOf, splitInput } from './write-part.ts';

type BlockOpening = Exclude<PartOpening, { readonly kind: 'media' }>;

/**
 * The frames of one block, from its start to its stop. It gathers them until they are taken: the writer of the message takes from one
 * block at a time. A block begins with its first content, so that a part which says nothing leaves no trace.
 */
export class BlockWriter {
  readonly #opening: BlockOpening;
  readonly #takePlace: () => number;
  /** What is to be written, up to the place among the blocks, which is known only when it is taken. */
  #waiting: WaitingFrame[] = [];
  #place: number | undefined;
  #hasBegun = false;
  #seal: Seal | undefined;
  /** Unknown fields of the block, which stand in its start. */
  readonly #fields: JsonObject;
  hasEnded = false;

  /** `takePlace` gives the place of the next block of this message. */
  constructor(opening: BlockOpening, takePlace: () => number) {
    this.#opening = opening;
    this.#fields = 'carry' in opening ? carriedOf(opening) : {};
    this.#takePlace = takePlace;
    if (opening.kind === 'tool-call') this.#begin(callStart(opening, {}));
    if (opening.kind === 'opaque') {
      const { start, inputText } = splitInput(opening.value);
      this.#begin(start);
      if (inputText !== undefined) this.#delta(JSON.stringify({ type: 'input_json_delta', partial_json: inputText }));
    }
  }

  add(delta: PartDelta): void {
    if (this.hasEnded) return;
    switch (delta.kind) {
      case 'text':
        if (delta.text === '') return;
        this.#beginOwn();
        this.#delta(`{"type":"text_delta","text":${JSON.stringify(delta.text)}}`);
        return;
      case 'reasoning':
        if (delta.text === '') return;
        this.#beginOwn();
        this.#delta(`{"type":"thinking_delta","thinking":${JSON.stringify(delta.text)}}`);
        return;
      case 'citation':
        this.cite(writeCitation(delta.citation));
        return;
      case 'seal':
        // Written at the end of the thought, where the wire has it.
        this.#seal = delta.seal;
        return;
      case 'arguments':
        this.#delta(`{"type":"input_json_delta","partial_json":${JSON.stringify(delta.text)}}`);
        return;
      case 'media':
        return;
    }
  }

  /** A citation as the wire has it: one that points into a document. */
  cite(citation: Json): void {
    this.#beginOwn();
    this.#delta(JSON.stringify({ type: 'citations_delta', citation }));
  }

  end(): void {
    if (this.hasEnded) return;
    if (this.#opening.kind === 'reasoning') this.#sign();
    this.hasEnded = true;
    if (this.#hasBegun) this.#waiting.push({ head: heads.stop, members: '' });
  }

  /** The frames so far. Ask only when all blocks before this one have ended. */
  take(): string {
    if (this.#waiting.length === 0) return '';
    this.#place ??= this.#takePlace();
    let text = '';
    for (const { head, members } of this.#waiting) text += `${head}${this.#place}${members}}\n\n`;
    this.#waiting = [];
    return text;
  }

  /** Every thought is signed, if only with our mark: @ai-sdk/anthropic sends back no thought whose signature it never heard. */
  #sign(): void {
    const data = this.#hasBegun ? undefined : redactedData(this.#seal);
    if (data !== undefined) {
      this.#begin(withCarried({ type: 'redacted_thinking', data }, this.#fields));
      return;
    }
    if (!this.#hasBegun && this.#seal === undefined) return;
    this.#beginOwn();
    this.#delta(JSON.stringify({ type: 'signature_delta', signature: writeSignature(this.#seal) }));
  }

  #beginOwn(): void {
    if (this.#hasBegun) return;
    const isThought = this.#opening.kind === 'reasoning';
    const start = isThought ? { type: 'thinking', thinking: '', signature: '' } : { type: 'text', text: '' };
    this.#begin(withCarried(start, this.#fields));
  }

  #begin(block: Json): void {
    this.#hasBegun = true;
    this.#waiting.push({ head: heads.start, members: `,"content_block":${JSON.stringify(block)}` });
  }

  /** The delta as JSON text, since this runs for every token. */
  #delta(delta: string): void {
    this.#waiting.push({ head: heads.delta, members: `,"delta":${delta}` });
  }
}

/** A frame without its place, which stands between the two. */
interface WaitingFrame {
  readonly head: string;
  /** Further members as JSON text, each with a comma before it. */
  readonly members: string;
}

const heads = { start: headOf('content_block_start'), delta: headOf('content_block_delta'), stop: headOf('content_block_stop') };

function headOf(type: string): string {
  return eventFrame(type, { index: 0 }).slice(0, -'0}\n\n'.length);
}
