import type { PartDelta, PartOpening } from '../../model/event.ts';
import { isJsonObject } from '../../model/json.ts';
import type { JsonObject } from '../../model/json.ts';
import { carriedFields } from '../../model/protocol.ts';
import type { Carry } from '../../model/protocol.ts';
import { CallWriter } from './call-writer.ts';
import type { EventSink } from './event-sink.ts';
import { wrapItem } from './foreign-item.ts';
import { ItemFrame } from './item-frame.ts';
import type { ItemWriter } from './item-frame.ts';
import { MessageWriter } from './message-writer.ts';
import type { PartWriter } from './part-writer.ts';
import { ReasoningWriter } from './reasoning-writer.ts';
import { ServerToolWriter } from './server-tool-writer.ts';

/**
 * The output of a response, from the parts of an answer. Parts with the same item id share an item, as long as no other begins between
 * them; a part without one is an item of its own. Items begin in the order of their parts and may be open at the same time (parallel
 * calls), which openai 6 and 7 and @ai-sdk/openai 3 and 4 fold rightly, because each event names its item.
 */
export class ResponseItems {
  readonly #sink: EventSink;
  readonly #answerId: string;
  readonly #frames: ItemFrame[] = [];
  readonly #ids = new Set<string>();
  readonly #parts = new Map<number, PartWriter>();
  readonly #unfinished = new Set<ItemWriter>();
  /** The item that the next part may join. It stays unfinished until that is known. */
  #shared: { readonly itemId: string; readonly item: MessageWriter | ReasoningWriter } | undefined;

  /** `answerId` makes the ids of items unique that no host named. */
  constructor(sink: EventSink, answerId: string) {
    this.#sink = sink;
    this.#answerId = answerId;
  }

  get output(): JsonObject[] {
    return this.#frames.map((frame) => frame.item);
  }

  /** False where the wire has no place for the part. */
  start(index: number, opening: PartOpening): boolean {
    switch (opening.kind) {
      case 'text':
      case 'refusal': {
        const { item: fields, ...carried } = own(opening.carry);
        const item = this.#message(opening.itemId) ?? this.#newMessage(opening.itemId, isJsonObject(fields) ? fields : {});
        this.#begin(index, opening.kind === 'text' ? item.openText(carried) : item.openRefusal(carried));
        this.#shared = opening.itemId === undefined ? undefined : { itemId: opening.itemId, item };
        return true;
      }
      case 'reasoning': {
        const item = this.#thought(opening.itemId) ?? this.#newThought(opening.itemId, own(opening.carry));
        this.#begin(index, item.open());
        this.#shared = opening.itemId === undefined ? undefined : { itemId: opening.itemId, item };
        return true;
      }
      case 'tool-call': {
        const isForCaller = opening.ranBy === 'caller';
        const frame = this.#frame(isForCaller ? 'fc' : 'tool', opening.itemId, own(opening.carry));
        this.#begin(index, isForCaller ? new CallWriter(frame, opening) : new ServerToolWriter(frame, opening));
        return true;
      }
      case 'opaque':
        return this.#pass(opening);
      case 'media':
        return false;
    }
  }

  delta(index: number, delta: PartDelta): void {
    this.#parts.get(index)?.delta(delta);
  }

  end(index: number): void {
    const part = this.#parts.get(index);
    if (part === undefined) return;
    this.#parts.delete(index);
    part.end();
    if (part.item !== this.#shared?.item) this.#finishWhereEnded(part.item);
  }

  /** Ends what is open. An item with a part that never ended is incomplete. */
  endAll(): void {
    for (const item of this.#unfinished) {
      const status = item.openParts === 0 ? 'completed' : 'incomplete';
      for (const part of this.#parts.values()) if (part.item === item) part.end();
      item.finish(status);
    }
    this.#unfinished.clear();
    this.#parts.clear();
  }

  #message(itemId: string | undefined): MessageWriter | undefined {
    const { item } = itemId !== undefined && this.#shared?.itemId === itemId ? this.#shared : {};
    return item instanceof MessageWriter ? item : undefined;
  }

  #thought(itemId: string | undefined): ReasoningWriter | undefined {
    const { item } = itemId !== undefined && this.#shared?.itemId === itemId ? this.#shared : {};
    return item instanceof ReasoningWriter && !item.isSealed ? item : undefined;
  }

  #newMessage(itemId: string | undefined, carried: JsonObject): MessageWriter {
    return new MessageWriter(this.#frame('msg', itemId, carried));
  }

  #newThought(itemId: string | undefined, carried: JsonObject): ReasoningWriter {
    return new ReasoningWriter(this.#frame('rs', itemId, carried));
  }

  #begin(index: number, part: PartWriter): void {
    this.#parts.set(index, part);
    this.#unfinished.add(part.item);
  }

  #pass({ protocol, value }: Extract<PartOpening, { kind: 'opaque' }>): boolean {
    // An unknown piece of a message is wrapped by the reader and has no type; the published clients know no such piece.
    if (protocol !== 'openai-responses' || !isJsonObject(value) || value['type'] === undefined) return false;
    const given = value['id'];
    const frame = this.#frame('item', typeof given === 'string' && given !== '' ? given : undefined, {});
    frame.pass(wrapItem(value, frame.id));
    return true;
  }

  /** The frame of a new item, which nothing that came before can join any more. */
  #frame(prefix: string, given: string | undefined, carried: JsonObject): ItemFrame {
    const before = this.#shared?.item;
    this.#shared = undefined;
    if (before !== undefined) this.#finishWhereEnded(before);
    const outputIndex = this.#frames.length;
    const isFree = given !== undefined && !this.#ids.has(given);
    const id = isFree ? given : `${prefix}_${this.#answerId}_${outputIndex}`;
    const frame = new ItemFrame(id, outputIndex, this.#sink, carried);
    this.#ids.add(id);
    this.#frames.push(frame);
    return frame;
  }

  #finishWhereEnded(item: ItemWriter): void {
    if (item.openParts > 0 || !this.#unfinished.delete(item)) return;
    item.finish('completed');
  }
}

function own(carry: Carry | undefined): JsonObject {
  return carriedFields(carry, 'openai-responses');
}
