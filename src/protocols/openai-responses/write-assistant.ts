import { isJsonObject } from '../../model/json.ts';
import type { JsonObject } from '../../model/json.ts';
import type { OpaquePart, Part, ReasoningPart, RefusalPart, TextPart, ToolCallPart } from '../../model/part.ts';
import { withCarried } from '../wire/carried.ts';
import { wire } from '../wire/said.ts';
import type { Notices } from '../wire/notices.ts';
import { placedParts, writeOpaque } from './placed.ts';
import type { PlacedPart, PlacedTurn } from './placed.ts';
import { writeSpoken } from './write-content.ts';
import { writeReasoning } from './write-reasoning.ts';

interface Spoken {
  readonly part: TextPart | RefusalPart | OpaquePart;
  readonly path: string;
}

/**
 * What the model said until another spoke, as items in their order: an item has no turn, so turns in a row are one. Text and refusals that
 * stand beside each other share a message.
 */
export function writeAssistant(turns: readonly PlacedTurn[], notices: Notices): readonly JsonObject[] {
  const writer = new SpokenItems(notices);
  for (const placed of turns) {
    const { turn, path } = placed;
    if (turn.name !== undefined) notices.dropped(path, 'Responses have no names of participants.');
    const carried = notices.own(turn.carry, path);
    if (Object.keys(carried).length > 0) {
      writer.end();
      writer.head = { ...writer.head, ...carried };
      notices.add('moved', path, 'A turn of the model is several items in Responses; its further fields stand on the first.');
    }
    for (const one of placedParts(placed)) writer.add(one);
  }
  writer.end();
  return writer.items.length === 0 ? [withCarried(emptyMessage, writer.head)] : writer.items;
}

interface PlacedThought {
  readonly part: ReasoningPart;
  readonly path: string;
}

/** Gathers the parts that share an item. */
class SpokenItems {
  readonly items: JsonObject[] = [];
  /** Further fields of the next item. */
  head: JsonObject = {};
  readonly #notices: Notices;
  #message: Spoken[] = [];
  #thought: PlacedThought[] = [];

  constructor(notices: Notices) {
    this.#notices = notices;
  }

  add({ part, path }: PlacedPart): void {
    const spoken = asSpoken(part, path, this.#notices);
    if (spoken !== undefined) {
      if (this.#thought.length > 0 || !isSameMessage(this.#message[0], spoken)) this.end();
      this.#message.push({ part: spoken, path });
    } else if (part.kind === 'reasoning') {
      if (this.#message.length > 0 || !isSameThought(this.#thought.at(-1)?.part, part)) this.end();
      this.#thought.push({ part, path });
    } else {
      const item = writeItem(part, path, this.#notices);
      if (item === undefined) return;
      this.end();
      this.#push(item);
    }
  }

  end(): void {
    if (this.#message.length > 0) this.#push(writeMessage(this.#message, this.#notices));
    if (this.#thought.length > 0) this.#push(writeReasoning(this.#thought, this.#notices));
    this.#message = [];
    this.#thought = [];
  }

  #push(item: JsonObject): void {
    this.items.push(withCarried(item, this.head));
    this.head = {};
  }
}

/** Stands for a turn of the model that said nothing, or nothing that this wire has. */
const emptyMessage: JsonObject = { type: 'message', role: 'assistant', content: [] };

/** The part as content of a message; undefined where it is an item, or nothing that the model can say here. */
function asSpoken(part: Part, path: string, notices: Notices): Spoken['part'] | undefined {
  if (part.kind === 'text' || part.kind === 'refusal') return part;
  if (part.kind === 'opaque') return contentPart(part) === undefined ? undefined : part;
  if (part.kind !== 'media' || part.transcript === undefined) return undefined;
  notices.add('moved', path, 'The model says no sound in Responses; its words are sent as text.');
  return { kind: 'text', text: part.transcript };
}

/** What the reader wrapped because it stood in a message. */
function contentPart({ protocol, value }: OpaquePart): JsonObject | undefined {
  if (protocol !== 'openai-responses' || !isJsonObject(value) || value['type'] !== undefined) return undefined;
  const inner = value['content_part'];
  return isJsonObject(inner) ? inner : undefined;
}

function isSameMessage(first: Spoken | undefined, next: Spoken['part']): boolean {
  return first === undefined || (first.part.itemId === next.itemId && itemFields(next) === undefined);
}

/** Pieces of one summary share the id of their item, and the seal ends it. */
function isSameThought(last: ReasoningPart | undefined, next: ReasoningPart): boolean {
  return last === undefined || (last.itemId !== undefined && last.itemId === next.itemId && last.seal === undefined);
}

function itemFields(part: Part): JsonObject | undefined {
  const fields = part.carry?.protocol === 'openai-responses' ? part.carry.fields['item'] : undefined;
  return isJsonObject(fields) ? fields : undefined;
}

function writeMessage(spoken: readonly Spoken[], notices: Notices): JsonObject {
  const [first] = spoken;
  const content = spoken.map(({ part, path }) =>
    part.kind === 'opaque' ? (contentPart(part) ?? {}) : writeSpoken(part, path, notices),
  );
  const written = wire({ type: 'message', role: 'assistant', content, id: first?.part.itemId });
  return first === undefined ? written : withCarried(written, itemFields(first.part) ?? {});
}

function writeItem(part: Part, path: string, notices: Notices): JsonObject | undefined {
  switch (part.kind) {
    case 'tool-call':
      return writeCall(part, path, notices);
    case 'opaque':
      return writeOpaque(part, path, notices);
    case 'media':
      notices.dropped(path, `The model says no ${part.medium} in Responses.`);
      return undefined;
    case 'tool-result':
      notices.dropped(path, 'Responses have no results of tools that a server ran.');
      return undefined;
    case 'text':
    case 'refusal':
    case 'reasoning':
      return undefined;
  }
}

function writeCall(part: ToolCallPart, path: string, notices: Notices): JsonObject | undefined {
  if (part.ranBy !== 'caller') {
    notices.dropped(path, 'A tool call that a server ran goes back in Responses only as the item it came in.');
    return undefined;
  }
  if (part.cacheMark !== undefined) notices.dropped(path, 'Responses have no cache mark on a tool call.');
  const { callId, name, argumentsText, itemId } = part;
  const written = wire({ type: 'function_call', call_id: callId, name, arguments: argumentsText, id: itemId });
  return withCarried(written, notices.own(part.carry, path));
}
