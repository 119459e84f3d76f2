import type { Json, JsonObject } from '../../model/json.ts';
import type { Part } from '../../model/part.ts';
import type { Turn } from '../../model/turn.ts';
import { unknownFields } from '../wire/carried.ts';
import { at, isArray, oneOf, refuse, requireObject, requiredString } from '../wire/fields.ts';
import { carryOf } from './carry-of.ts';
import { readPart } from './read-content.ts';
import type { CallNames } from './read-tool-result.ts';
import { isText, Words } from './words.ts';

const messageKeys = new Set(['role', 'content', 'providerOptions']);
const roles = ['system', 'user', 'assistant', 'tool'] as const;

/** The `prompt` of a call as turns. Throws with the path of the first message, part or field that is wrong. */
export function readPrompt(value: Json | undefined): readonly Turn[] {
  if (!isArray(value) || value.length === 0) throw refuse('prompt', value, 'an array of at least one message');
  const names: CallNames = new Map();
  return value.map((message, index) => readMessage(message, `prompt[${index}]`, names));
}

function readMessage(value: Json, path: string, names: CallNames): Turn {
  const message = requireObject(value, path, 'a message: an object with role and content');
  const said = requiredString(message, 'role', path, oneOf(roles));
  const role = roles.find((known) => known === said);
  if (role === undefined) throw refuse(at(path, 'role'), said, oneOf(roles));
  const words = new Words(message['providerOptions']);
  const name = words.take('flashmux', 'name', isText);
  const isDeveloper = role === 'system' && words.take('flashmux', 'role', isDeveloperWord) !== undefined;
  const parts = role === 'system' ? readSystem(message, path) : readContent(message['content'], path, role, names);
  return {
    role: isDeveloper ? 'developer' : role,
    parts: marked(parts, words, role),
    ...(name === undefined ? {} : { name }),
    ...carryOf(unknownFields(message, messageKeys), { providerOptions: words.rest() }),
  };
}

function readSystem(message: JsonObject, path: string): readonly Part[] {
  const text = requiredString(message, 'content', path, 'a string');
  return text === '' ? [] : [{ kind: 'text', text }];
}

function readContent(content: Json | undefined, path: string, role: (typeof roles)[number], names: CallNames): readonly Part[] {
  const inside = at(path, 'content');
  if (typeof content === 'string' && role !== 'tool') return [{ kind: 'text', text: content }];
  if (!isArray(content)) throw refuse(inside, content, 'an array of content parts');
  return content.map((part, index) => readPart(part, `${inside}[${index}]`, role, names));
}

/** A cache mark on a message stands for its last part, as all provider packages read it. A system message has no part for its item's id either. */
function marked(parts: readonly Part[], words: Words, role: (typeof roles)[number]): readonly Part[] {
  const last = parts.at(-1);
  if (last === undefined || last.cacheMark !== undefined) return parts;
  const cacheMark = words.takeCacheMark();
  const itemId = role === 'system' ? words.takeItemId() : undefined;
  if (cacheMark === undefined && itemId === undefined) return parts;
  const whole = { ...last, ...(cacheMark === undefined ? {} : { cacheMark }), ...(itemId === undefined ? {} : { itemId }) };
  return [...parts.slice(0, -1), whole];
}

function isDeveloperWord(value: Json): value is 'developer' {
  return value === 'developer';
}
