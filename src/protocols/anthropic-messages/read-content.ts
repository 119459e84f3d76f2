import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type {
  CacheMark,
  Citation,
  MediaPart,
  Part,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../../model/part.ts';
import { readCacheMark } from '../wire/cache-mark.ts';
import { unknownFields } from '../wire/carried.ts';
import { at, isArray, optionalArray, optionalBoolean, refuse, requireObject, requiredString } from '../wire/fields.ts';
import { carryOf } from './carry-of.ts';
import { readCitation } from './citations.ts';
import { readSource } from './read-source.ts';
import { readSignature, redactedSeal } from './signature.ts';
import { readInput } from './tool-input.ts';

/** Where blocks stand: each kind of block has places at which it means something. */
export type Place = 'system' | 'user' | 'assistant' | 'result';

const contentForms = 'a string or an array of content blocks';

const textKeys = new Set(['type', 'text', 'citations', 'cache_control']);
const mediaKeys = new Set(['type', 'source', 'cache_control']);
const thinkingKeys = new Set(['type', 'thinking', 'signature']);
const redactedKeys = new Set(['type', 'data']);
const callKeys = new Set(['type', 'id', 'name', 'input', 'caller', 'cache_control']);
const resultKeys = new Set(['type', 'tool_use_id', 'content', 'is_error', 'cache_control']);

/** Content of a message: a string is one text block, and the empty string is none. */
export function readContent(content: Json | undefined, path: string, place: Place): readonly Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', text: content }];
  if (!isArray(content)) throw refuse(path, content, contentForms);
  return content.map((block, index) => readBlock(block, `${path}[${index}]`, place));
}

const places: Readonly<Record<string, readonly Place[]>> = {
  image: ['user', 'result'],
  document: ['user', 'result'],
  thinking: ['assistant'],
  redacted_thinking: ['assistant'],
  tool_use: ['assistant'],
  tool_result: ['user'],
};

const placeNames: Readonly<Record<Place, string>> = {
  system: 'the system prompt',
  user: 'a user message',
  assistant: 'an assistant message',
  result: 'a tool result',
};

function readBlock(value: Json, path: string, place: Place): Part {
  const block = requireObject(value, path, 'a content block: an object with a type');
  const type = requiredString(block, 'type', path, 'a string such as "text"');
  const allowed = places[type];
  if (allowed !== undefined && !allowed.includes(place)) {
    throw refuse(
      at(path, 'type'),
      type,
      `a block of ${placeNames[place]}; this one stands in ${allowed.map((one) => placeNames[one]).join(' or ')}`,
    );
  }
  switch (type) {
    case 'text':
      return readText(block, path);
    case 'image':
    case 'document':
      return readMedia(block, path, type);
    case 'thinking':
      return readThinking(block, path);
    case 'redacted_thinking':
      return readRedacted(block, path);
    case 'tool_use':
      return readCall(block, path);
    case 'tool_result':
      return readResult(block, path);
    default:
      return { kind: 'opaque', protocol: 'anthropic-messages', value: block };
  }
}

/** Citations of web pages have words; one of another kind makes that all are carried, so that their order stays. */
function readText(block: JsonObject, path: string): TextPart {
  const list = optionalArray(block, 'citations', path) ?? [];
  const citations = list.map(readCitation).filter((citation): citation is Citation => citation !== undefined);
  const isWhole = citations.length === list.length;
  const unknown = unknownFields(block, textKeys);
  return {
    kind: 'text',
    text: requiredString(block, 'text', path),
    ...(isWhole && citations.length > 0 ? { citations } : {}),
    ...markOf(block, path),
    ...carryOf(isWhole ? unknown : { citations: list, ...unknown }),
  };
}

function readMedia(block: JsonObject, path: string, medium: 'image' | 'document'): Part {
  const read = readSource(block, path, medium);
  if (read === undefined) return { kind: 'opaque', protocol: 'anthropic-messages', value: block };
  const part: MediaPart = { kind: 'media', medium, source: read.source };
  return { ...part, ...markOf(block, path), ...carryOf(unknownFields(block, mediaKeys), { source: read.unknown }) };
}

function readThinking(block: JsonObject, path: string): ReasoningPart {
  refuseMark(block, path);
  const seal = readSignature(requiredString(block, 'signature', path, 'the signature that came with the thought'));
  return {
    kind: 'reasoning',
    text: requiredString(block, 'thinking', path),
    ...(seal === undefined ? {} : { seal }),
    ...carryOf(unknownFields(block, thinkingKeys)),
  };
}

function readRedacted(block: JsonObject, path: string): ReasoningPart {
  refuseMark(block, path);
  const seal = redactedSeal(requiredString(block, 'data', path, 'the data that came with the thought'));
  return { kind: 'reasoning', text: '', seal, ...carryOf(unknownFields(block, redactedKeys)) };
}

function readCall(block: JsonObject, path: string): ToolCallPart {
  const inside = at(path, 'input');
  const input = requireObject(block['input'], inside, 'an object of arguments');
  const caller = block['caller'];
  return {
    kind: 'tool-call',
    callId: requiredString(block, 'id', path, 'the id of the tool call'),
    name: requiredString(block, 'name', path, 'the name of the tool'),
    argumentsText: argumentsOf(input, inside),
    ranBy: 'caller',
    ...markOf(block, path),
    ...carryOf(unknownFields(block, callKeys), {
      caller: isDirect(caller) ? undefined : requireObject(caller, at(path, 'caller')),
    }),
  };
}

/** Called by the model itself, which is what no word about it means too. */
export function isDirect(caller: Json | undefined): boolean {
  if (caller === undefined || caller === null) return true;
  return isJsonObject(caller) && caller['type'] === 'direct' && Object.keys(caller).length === 1;
}

function argumentsOf(input: JsonObject, path: string): string {
  try {
    return readInput(input);
  } catch (error) {
    // Only what is nested deeper than the stack reaches cannot be written as text.
    if (error instanceof RangeError) throw refuse(path, input, 'an object that is nested less deeply');
    throw error;
  }
}

function readResult(block: JsonObject, path: string): ToolResultPart {
  const content = block['content'];
  const isError = optionalBoolean(block, 'is_error', path);
  return {
    kind: 'tool-result',
    callId: requiredString(block, 'tool_use_id', path, 'the id of the tool call that this block answers'),
    parts: content === undefined || content === null ? [] : readContent(content, at(path, 'content'), 'result'),
    ...(isError === undefined ? {} : { outcome: isError ? 'error' : 'ok' }),
    ...markOf(block, path),
    ...carryOf(unknownFields(block, resultKeys)),
  };
}

const markForm = 'an object such as {"type": "ephemeral", "ttl": "5m"}';

function markOf(block: JsonObject, path: string): { readonly cacheMark?: CacheMark } {
  const control = block['cache_control'];
  if (control === undefined || control === null) return {};
  const cacheMark = readCacheMark(control);
  if (cacheMark === undefined) throw refuse(at(path, 'cache_control'), control, markForm);
  return { cacheMark };
}

function refuseMark(block: JsonObject, path: string): void {
  const control = block['cache_control'];
  if (control === undefined || control === null) return;
  throw refuse(at(path, 'cache_control'), control, 'absent: a thought is cached with the message it stands in');
}
