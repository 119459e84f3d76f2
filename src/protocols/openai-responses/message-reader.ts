import type { AnswerEvent, PartDelta } from '../../model/event.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import { isArray } from '../wire/fields.ts';
import { readLogprobs } from '../wire/logprobs.ts';
import { carryOf } from './carry-of.ts';
import { readCitation } from './citations.ts';
import { fieldsBeyond, itemIdOf, place, text, typeOf } from './item-reader.ts';
import type { AnswerParts, ItemReader } from './item-reader.ts';

const itemKeys = new Set(['type', 'id', 'role', 'content']);
const partKeys = new Set(['type', 'text', 'annotations', 'logprobs', 'refusal']);

interface OpenPart {
  readonly kind: 'text' | 'refusal';
  readonly index: number;
  /** Whether any of its text came. */
  hasText: boolean;
  annotations: number;
}

/** A message: each of its texts and refusals is a part. */
export class MessageReader implements ItemReader {
  readonly #parts: AnswerParts;
  readonly #item: { readonly itemId?: string };
  readonly #fields: JsonObject | undefined;
  readonly #open = new Map<number, OpenPart>();
  /** Places whose part has ended, or was kept whole. */
  readonly #ended = new Set<number>();

  constructor(item: JsonObject, parts: AnswerParts) {
    this.#parts = parts;
    this.#item = itemIdOf(item);
    this.#fields = fieldsBeyond(item, itemKeys);
  }

  read(event: JsonObject, out: AnswerEvent[]): void {
    const at = place(event['content_index']);
    if (this.#ended.has(at)) return;
    const { part } = event;
    switch (typeOf(event)) {
      case 'response.content_part.added':
        if (isJsonObject(part)) this.#begin(at, part, out);
        return;
      case 'response.output_text.delta':
        this.#text(this.#part(at, 'text', {}, out), event['delta'], event['logprobs'], out);
        return;
      case 'response.refusal.delta':
        this.#text(this.#part(at, 'refusal', {}, out), event['delta'], undefined, out);
        return;
      case 'response.output_text.annotation.added':
        this.#annotation(this.#part(at, 'text', {}, out), event['annotation'], out);
        return;
      case 'response.output_text.done':
        this.#rest(this.#part(at, 'text', {}, out), event['text'], event['logprobs'], out);
        return;
      case 'response.refusal.done':
        this.#rest(this.#part(at, 'refusal', {}, out), event['refusal'], undefined, out);
        return;
      case 'response.content_part.done':
        if (isJsonObject(part)) this.#finish(at, part, out);
        return;
      default:
    }
  }

  done(item: JsonObject, out: AnswerEvent[]): void {
    const content = item['content'];
    if (isArray(content)) {
      for (const [at, part] of content.entries()) if (isJsonObject(part) && !this.#ended.has(at)) this.#finish(at, part, out);
    }
    for (const { index } of this.#open.values()) this.#parts.end(index, out);
    this.#open.clear();
  }

  #begin(at: number, part: JsonObject, out: AnswerEvent[]): OpenPart | undefined {
    if (part['type'] === 'output_text') return this.#part(at, 'text', part, out);
    return part['type'] === 'refusal' ? this.#part(at, 'refusal', part, out) : undefined;
  }

  /** The part at a place, which begins here where the host did not announce it. */
  #part(at: number, kind: OpenPart['kind'], said: JsonObject, out: AnswerEvent[]): OpenPart {
    const known = this.#open.get(at);
    if (known !== undefined) return known;
    const isFirst = this.#open.size === 0 && this.#ended.size === 0;
    const carry = carryOf(fieldsBeyond(said, partKeys), { item: isFirst ? this.#fields : undefined });
    const index = this.#parts.start({ kind, ...this.#item, ...carry }, out);
    const part: OpenPart = { kind, index, hasText: false, annotations: 0 };
    this.#open.set(at, part);
    return part;
  }

  #finish(at: number, said: JsonObject, out: AnswerEvent[]): void {
    const part = this.#begin(at, said, out);
    this.#open.delete(at);
    this.#ended.add(at);
    if (part === undefined) {
      const index = this.#parts.start({ kind: 'opaque', protocol: 'openai-responses', value: { content_part: said } }, out);
      this.#parts.end(index, out);
      return;
    }
    this.#rest(part, said[part.kind], said['logprobs'], out);
    const { annotations } = said;
    if (isArray(annotations)) for (const one of annotations.slice(part.annotations)) this.#annotation(part, one, out);
    this.#parts.end(part.index, out);
  }

  #text(part: OpenPart, delta: Json | undefined, logprobs: Json | undefined, out: AnswerEvent[]): void {
    const figures = part.kind === 'text' ? readLogprobs(logprobs) : undefined;
    const piece = text(delta);
    if (piece === undefined && figures === undefined) return;
    part.hasText = true;
    const said: PartDelta = { kind: 'text', text: piece ?? '' };
    this.#parts.delta(part.index, figures === undefined ? said : { ...said, logprobs: figures }, out);
  }

  /** The whole text, where none of it came before. */
  #rest(part: OpenPart, whole: Json | undefined, logprobs: Json | undefined, out: AnswerEvent[]): void {
    if (!part.hasText) this.#text(part, whole, logprobs, out);
  }

  #annotation(part: OpenPart, annotation: Json | undefined, out: AnswerEvent[]): void {
    if (part.kind !== 'text' || annotation === undefined) return;
    part.annotations += 1;
    const citation = readCitation(annotation);
    if (citation !== undefined) this.#parts.delta(part.index, { kind: 'citation', citation }, out);
    else {
      const what = isJsonObject(annotation) ? text(annotation['type']) : undefined;
      const message = `An annotation of the text has no word here and was left out: ${what ?? 'no type'}.`;
      out.push({ kind: 'notice', notice: { code: 'dropped', path: `output[${part.index}]`, message } });
    }
  }
}
