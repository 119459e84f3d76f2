import type { Json, JsonObject } from '../../model/json.ts';
import type { Role, Turn } from '../../model/turn.ts';
import { unknownFields } from '../wire/carried.ts';
import { at, isArray, oneOf, refuse, requireObject, requiredString } from '../wire/fields.ts';
import { carryOf } from './carry-of.ts';
import { checkToolPairs } from './check-tool-pairs.ts';
import { readContent } from './read-content.ts';

const messageKeys = new Set(['role', 'content']);
const roles = ['user', 'assistant', 'system'];

/**
 * `system` and `messages` as turns, in their order. Messages of one role in a row are allowed, as Anthropic allows them; they stay apart.
 * Throws with the path of the first message, block or field that is wrong.
 */
export function readMessages(body: JsonObject): readonly Turn[] {
  const messages = body['messages'];
  if (!isArray(messages) || messages.length === 0) throw refuse('messages', messages, 'an array of at least one message');
  const turns = messages.map((message, index) => readMessage(message, `messages[${index}]`));
  checkToolPairs(turns);
  return [...readSystem(body['system']), ...turns];
}

function readSystem(system: Json | undefined): readonly Turn[] {
  if (system === undefined || system === null) return [];
  const parts = readContent(system, 'system', 'system');
  return parts.length === 0 ? [] : [{ role: 'system', parts }];
}

function readMessage(value: Json, path: string): Turn {
  const message = requireObject(value, path, 'a message: an object with role and content');
  const role = requiredString(message, 'role', path, oneOf(roles));
  switch (role) {
    case 'user':
    case 'assistant':
    case 'system':
      return turn(role, message, path);
    default:
      throw refuse(at(path, 'role'), role, oneOf(roles));
  }
}

/** A message of nothing but tool results is the tools' turn, which this wire gives to the user. */
function turn(role: 'user' | 'assistant' | 'system', message: JsonObject, path: string): Turn {
  const parts = readContent(message['content'], at(path, 'content'), role);
  const isTools = parts.length > 0 && parts.every((part) => part.kind === 'tool-result');
  const speaker: Role = isTools ? 'tool' : role;
  return { role: speaker, parts, ...carryOf(unknownFields(message, messageKeys)) };
}
