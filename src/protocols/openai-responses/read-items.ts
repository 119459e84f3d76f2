import { FlashmuxError } from '../../model/fault.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { OpaquePart, Part, ReasoningPart, ToolCallPart, ToolResultPart } from '../../model/part.ts';
import type { Turn } from '../../model/turn.ts';
import { unknownFields } from '../wire/carried.ts';
import { at, isArray, oneOf, optionalArray, optionalString, refuse, requireObject, requiredString } from '../wire/fields.ts';
import { said } from '../wire/said.ts';
import { carryOf } from './carry-of.ts';
import { unwrapItem } from './foreign-item.ts';
import { readContent } from './read-content.ts';
import { readSeal } from './seal.ts';

const messageKeys = new Set(['type', 'role', 'content', 'id']);
const reasoningKeys = new Set(['type', 'id', 'summary', 'content', 'encrypted_content']);
const callKeys = new Set(['type', 'id', 'call_id', 'name', 'arguments']);
const outputKeys = new Set(['type', 'id', 'call_id', 'output']);
const roles = ['user', 'assistant', 'system', 'developer'];

/** Says whether results may answer calls that are not in this body, but in what the API around the codec stores. */
export interface Elsewhere {
  readonly mayHaveCalls: boolean;
}

/**
 * The `input` of a request as turns. All items that the model said in a row are one assistant turn, because other wires want thoughts,
 * text and calls of one answer in one message. Throws with the path of the first item, part or field that is wrong.
 */
export function readItems(input: readonly Json[], { mayHaveCalls }: Elsewhere): readonly Turn[] {
  const turns: Turn[] = [];
  /** The parts of the last turn, as long as the model speaks. */
  let oneTurn: Part[] | undefined;
  const called = new Set<string>();
  let mayKnowCalls = mayHaveCalls;
  for (const [number, value] of input.entries()) {
    const path = `input[${number}]`;
    const item = requireObject(value, path, 'an item: an object with a type');
    const read = readItem(item, path);
    for (const part of read.parts) {
      if (part.kind === 'tool-call') called.add(part.callId);
      // An item of another kind may stand for calls: a reference does.
      if (part.kind === 'opaque') mayKnowCalls = true;
      if (part.kind === 'tool-result' && !mayKnowCalls && !called.has(part.callId)) throw withoutCall(path);
    }
    if (read.role === 'assistant' && oneTurn !== undefined) {
      // One at a time: a message may have more parts than a call can have arguments.
      for (const part of read.parts) oneTurn.push(part);
      continue;
    }
    oneTurn = read.role === 'assistant' ? [...read.parts] : undefined;
    turns.push(oneTurn === undefined ? read : { ...read, parts: oneTurn });
  }
  return turns;
}

function withoutCall(path: string): FlashmuxError {
  const param = at(path, 'call_id');
  return new FlashmuxError('invalid_request', `${param} must be the call_id of a function_call item before it.`, { param });
}

/** The type of an item: a role without one is a message, as in OpenAI's own examples, and a lone id is a reference. */
export function itemType(item: JsonObject): Json | undefined {
  const { type } = item;
  if (type !== undefined && type !== null) return type;
  if (item['role'] !== undefined) return 'message';
  return item['id'] === undefined ? undefined : 'item_reference';
}

function readItem(item: JsonObject, path: string): Turn {
  const type = itemType(item);
  if (typeof type !== 'string') throw refuse(at(path, 'type'), type, 'a string such as "message"');
  switch (type) {
    case 'message':
      return readMessage(item, path);
    case 'reasoning':
      return { role: 'assistant', parts: readReasoning(item, path) };
    case 'function_call':
      return { role: 'assistant', parts: [readCall(item, path)] };
    case 'function_call_output':
      return { role: 'tool', parts: [readOutput(item, path)] };
    default:
      // What callers answer to kinds of calls that are not known here is no word of the model.
      return { role: /_(?:output|response)$/.test(type) ? 'tool' : 'assistant', parts: [opaque(unwrapItem(item))] };
  }
}

function opaque(value: Json): OpaquePart {
  return { kind: 'opaque', protocol: 'openai-responses', value };
}

function readMessage(item: JsonObject, path: string): Turn {
  const role = requiredString(item, 'role', path, oneOf(roles));
  const parts = readContent(item['content'], at(path, 'content'));
  const id = optionalString(item, 'id', path);
  const unknown = notCompleted(unknownFields(item, messageKeys));
  switch (role) {
    case 'user':
    case 'system':
    case 'developer':
      return { role, parts: inItem(parts, id), ...carryOf(withId(unknown, parts, id)) };
    case 'assistant':
      return { role, parts: readSpoken(item, parts, id, unknown) };
    default:
      throw refuse(at(path, 'role'), role, oneOf(roles));
  }
}

/** A message of the model: what its item says beside the content is carried by its first part, under `item`. */
function readSpoken(
  item: JsonObject,
  parts: readonly Part[],
  id: string | undefined,
  unknown: JsonObject | undefined,
): readonly Part[] {
  const [first, ...rest] = parts.map(spoken);
  const isTaken = first?.carry?.fields['item'] !== undefined;
  if (isTaken || (first === undefined && (id !== undefined || unknown !== undefined))) return [opaque(item)];
  if (first === undefined) return [];
  const carried = unknown === undefined ? first : { ...first, ...carryOf(first.carry?.fields, { item: unknown }) };
  return inItem([carried, ...rest], id);
}

/** An unknown content part of the model is wrapped, because an opaque part of an assistant turn is an item. */
function spoken(part: Part): Part {
  return part.kind === 'opaque' ? { ...part, value: { content_part: part.value } } : part;
}

function inItem<Any extends Part>(parts: readonly Any[], id: string | undefined): readonly Any[] {
  return id === undefined ? parts : parts.map((part) => ({ ...part, itemId: id }));
}

/** A message without content has no part to keep its id. */
function withId(unknown: JsonObject | undefined, parts: readonly Part[], id: string | undefined): JsonObject | undefined {
  return id === undefined || parts.length > 0 ? unknown : { id, ...unknown };
}

/** `status: "completed"` is what a reader assumes of every item. */
function notCompleted(unknown: JsonObject | undefined): JsonObject | undefined {
  if (unknown === undefined || (unknown['status'] !== 'completed' && unknown['status'] !== null)) return unknown;
  const { status: _, ...rest } = unknown;
  return Object.keys(rest).length === 0 ? undefined : rest;
}

/**
 * A thought: a part for each piece of its summary, or of its full text where it has no summary. The full text is carried as it came, for
 * the writer to put back. The seal stands on the last part.
 */
function readReasoning(item: JsonObject, path: string): readonly (ReasoningPart | OpaquePart)[] {
  const summary = readTexts(item, 'summary', 'summary_text', path);
  const content = readTexts(item, 'content', 'reasoning_text', path);
  if (summary === undefined || content === undefined) return [opaque(item)];
  const encrypted = optionalString(item, 'encrypted_content', path);
  const texts = summary.length > 0 ? summary : content.length > 0 ? content : [''];
  const carry = carryOf(notCompleted(unknownFields(item, reasoningKeys)), {
    content: content.length === 0 ? undefined : item['content'],
  });
  const parts = texts.map((text, index): ReasoningPart => ({
    kind: 'reasoning',
    text,
    ...(encrypted === undefined || index < texts.length - 1 ? {} : { seal: readSeal(encrypted) }),
    ...(index === 0 ? carry : {}),
  }));
  return inItem(parts, optionalString(item, 'id', path));
}

/** The pieces of a thought, or undefined where one says more than its text, so that the item must be kept whole. */
function readTexts(item: JsonObject, key: string, type: string, path: string): readonly string[] | undefined {
  let isPlain = true;
  const texts = (optionalArray(item, key, path) ?? []).map((value, index) => {
    const inside = `${at(path, key)}[${index}]`;
    const piece = requireObject(value, inside, `an object with type "${type}" and text`);
    isPlain &&= piece['type'] === type && Object.keys(piece).length === 2;
    return requiredString(piece, 'text', inside);
  });
  return isPlain ? texts.filter((text) => text !== '') : undefined;
}

function readCall(item: JsonObject, path: string): ToolCallPart {
  return {
    kind: 'tool-call',
    callId: requiredString(item, 'call_id', path, 'the id of the call, which its output names'),
    name: requiredString(item, 'name', path),
    argumentsText: requiredString(item, 'arguments', path, 'a string of JSON text'),
    ranBy: 'caller',
    ...said({ itemId: optionalString(item, 'id', path) }),
    ...carryOf(notCompleted(unknownFields(item, callKeys))),
  };
}

function readOutput(item: JsonObject, path: string): ToolResultPart {
  const callId = requiredString(item, 'call_id', path, 'the call_id of the function_call item that this answers');
  const { output } = item;
  if (typeof output !== 'string' && !isArray(output))
    throw refuse(at(path, 'output'), output, 'a string or an array of content parts');
  return {
    kind: 'tool-result',
    callId,
    parts: readContent(output, at(path, 'output')),
    ...said({ itemId: optionalString(item, 'id', path) }),
    ...carryOf(notCompleted(unknownFields(item, outputKeys))),
  };
}

/** The turns of an `input` that may be a string, and that may be missing where the whole conversation is stored elsewhere. */
export function readInput(input: Json | undefined, elsewhere: Elsewhere): readonly Turn[] {
  if (typeof input === 'string') return [{ role: 'user', parts: readContent(input, 'input') }];
  const isMissing = input === undefined || input === null || (isArray(input) && input.length === 0);
  if (isMissing && elsewhere.mayHaveCalls) return [];
  if (isMissing || !isArray(input)) throw refuse('input', input, 'a string or an array of at least one item');
  return readItems(input, elsewhere);
}
