import type { AnswerEvent, PartDelta, PartOpening } from '../../model/event.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import { unknownFields } from '../wire/carried.ts';
import { unwrapItem } from './foreign-item.ts';

/** One item of a response, read from the events of a stream or at once from the finished item: both end with `done`. */
export interface ItemReader {
  /** An event that names this item. Unknown ones say nothing. */
  read(event: JsonObject, out: AnswerEvent[]): void;
  /** The finished item: what the events have not told is taken from it. */
  done(item: JsonObject, out: AnswerEvent[]): void;
}

/** The parts of an answer as they begin, go on and end. */
export class AnswerParts {
  #next = 0;

  start(part: PartOpening, out: AnswerEvent[]): number {
    const index = this.#next++;
    out.push({ kind: 'part-start', answer: 0, index, part });
    return index;
  }

  delta(index: number, delta: PartDelta, out: AnswerEvent[]): void {
    out.push({ kind: 'part-delta', answer: 0, index, delta });
  }

  end(index: number, out: AnswerEvent[]): void {
    out.push({ kind: 'part-end', answer: 0, index });
  }
}

/** An item of a kind that the model has no word for is kept whole, once it is. */
export class ForeignReader implements ItemReader {
  readonly #parts: AnswerParts;

  constructor(parts: AnswerParts) {
    this.#parts = parts;
  }

  read(): void {
    // Its events tell in pieces what the finished item holds.
  }

  done(item: JsonObject, out: AnswerEvent[]): void {
    const index = this.#parts.start({ kind: 'opaque', protocol: 'openai-responses', value: unwrapItem(item) }, out);
    this.#parts.end(index, out);
  }
}

export function itemIdOf(item: JsonObject): { readonly itemId?: string } {
  const itemId = text(item['id']);
  return itemId === undefined ? {} : { itemId };
}

/** Fields of an item without a word in the model. Null says nothing in an answer, and how far an item is its events tell. */
export function fieldsBeyond(item: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  const told = Object.entries(unknownFields(item, known) ?? {}).filter(([key, value]) => value !== null && key !== 'status');
  return told.length === 0 ? undefined : Object.fromEntries(told);
}

/** The type of an event or item; empty where it has none. */
export function typeOf({ type }: JsonObject): string {
  return typeof type === 'string' ? type : '';
}

export function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** An index of the wire; hosts that leave it out mean the first. */
export function place(value: Json | undefined): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}
