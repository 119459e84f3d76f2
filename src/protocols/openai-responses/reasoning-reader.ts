import type { AnswerEvent } from '../../model/event.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import { isArray } from '../wire/fields.ts';
import { carryOf } from './carry-of.ts';
import { fieldsBeyond, itemIdOf, place, text, typeOf } from './item-reader.ts';
import type { AnswerParts, ItemReader } from './item-reader.ts';
import { readSeal } from './seal.ts';

const itemKeys = new Set(['type', 'id', 'summary', 'content', 'encrypted_content']);

/** Where the words of a thought come from. An item may have both; the one that comes first is the thought. */
type Source = 'summary' | 'content';

interface OpenPiece {
  /** Its place in the summary or the full text. */
  readonly at: number;
  readonly index: number;
  hasText: boolean;
}

/**
 * A thought: each piece of its summary, or of its full text, is a part. The last stays open until the item is done, because the seal
 * comes with that.
 */
export class ReasoningReader implements ItemReader {
  readonly #parts: AnswerParts;
  readonly #opening: { readonly kind: 'reasoning'; readonly itemId?: string };
  #source: Source | undefined;
  #open: OpenPiece;

  /** The first part begins with the item, which keeps its place among others that are open at the same time. */
  constructor(item: JsonObject, parts: AnswerParts, out: AnswerEvent[]) {
    this.#parts = parts;
    this.#opening = { kind: 'reasoning', ...itemIdOf(item) };
    const index = parts.start({ ...this.#opening, ...carryOf(fieldsBeyond(item, itemKeys)) }, out);
    this.#open = { at: 0, index, hasText: false };
  }

  read(event: JsonObject, out: AnswerEvent[]): void {
    const { part } = event;
    switch (typeOf(event)) {
      case 'response.reasoning_summary_part.added':
        this.#at('summary', event['summary_index'], out);
        return;
      case 'response.content_part.added':
        if (isJsonObject(part) && part['type'] === 'reasoning_text') this.#at('content', event['content_index'], out);
        return;
      case 'response.reasoning_summary_text.delta':
        this.#think('summary', event['summary_index'], event['delta'], out);
        return;
      case 'response.reasoning_text.delta':
        this.#think('content', event['content_index'], event['delta'], out);
        return;
      case 'response.reasoning_summary_text.done':
        this.#rest('summary', event['summary_index'], event['text'], out);
        return;
      case 'response.reasoning_text.done':
        this.#rest('content', event['content_index'], event['text'], out);
        return;
      default:
    }
  }

  done(item: JsonObject, out: AnswerEvent[]): void {
    this.#source ??= hasText(item['content']) ? 'content' : 'summary';
    for (const [at, piece] of textsOf(item[this.#source]).entries()) this.#rest(this.#source, at, piece, out);
    const encrypted = text(item['encrypted_content']);
    if (encrypted !== undefined) this.#parts.delta(this.#open.index, { kind: 'seal', seal: readSeal(encrypted) }, out);
    this.#parts.end(this.#open.index, out);
  }

  #think(source: Source, at: Json | undefined, delta: Json | undefined, out: AnswerEvent[]): void {
    const open = this.#at(source, at, out);
    const piece = text(delta);
    if (open === undefined || piece === undefined) return;
    open.hasText = true;
    this.#parts.delta(open.index, { kind: 'reasoning', text: piece }, out);
  }

  /** The whole piece, where none of it came before. */
  #rest(source: Source, at: Json | undefined, whole: Json | undefined, out: AnswerEvent[]): void {
    if (this.#at(source, at, out)?.hasText === false) this.#think(source, at, whole, out);
  }

  /** The piece at a place; undefined for words of the other source, and for a piece that is over. */
  #at(source: Source, given: Json | undefined, out: AnswerEvent[]): OpenPiece | undefined {
    this.#source ??= source;
    const at = place(given);
    if (source !== this.#source || at < this.#open.at) return undefined;
    if (at > this.#open.at) {
      this.#parts.end(this.#open.index, out);
      this.#open = { at, index: this.#parts.start(this.#opening, out), hasText: false };
    }
    return this.#open;
  }
}

function hasText(value: Json | undefined): boolean {
  return textsOf(value).some((piece) => piece !== '');
}

function textsOf(value: Json | undefined): readonly string[] {
  if (!isArray(value)) return [];
  return value.map((piece) => (isJsonObject(piece) ? text(piece['text']) : undefined) ?? '');
}
