import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Part, ToolCallPart } from '../../model/part.ts';
import type { Role, Turn } from '../../model/turn.ts';
import { unknownFields } from '../wire/carried.ts';
import { carryOf } from './carry-of.ts';
import {
  at,
  isArray,
  oneOf,
  optionalArray,
  optionalObject,
  optionalString,
  refuse,
  requireObject,
  requiredString,
} from '../wire/fields.ts';
import { readContent } from './read-content.ts';
import { readDetails, readReasoning } from './reasoning-details.ts';

const plainKeys = new Set(['role', 'content', 'name']);
const toolKeys = new Set([...plainKeys, 'tool_call_id']);
const assistantKeys = new Set([
  ...plainKeys,
  'refusal',
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'audio',
  'tool_calls',
  'function_call',
]);
const callKeys = new Set(['id', 'type', 'function', 'index']);
const functionKeys = new Set(['name', 'arguments']);
const audioKeys = new Set(['id']);

const roles = ['system', 'developer', 'user', 'assistant', 'tool', 'function'];

/** The `messages` of a request as turns. Throws with the path of the first message, part or field that is wrong. */
export function readMessages(value: Json | undefined): readonly Turn[] {
  if (!isArray(value) || value.length === 0) throw refuse('messages', value, 'an array of at least one message');
  const functionCalls = new Map<string, string>();
  return value.map((message, index) => readMessage(message, `messages[${index}]`, functionCalls));
}

/** `functionCalls`: the ids given to calls of the form before 2023-11, by function name, so that their results find them. */
function readMessage(value: Json, path: string, functionCalls: Map<string, string>): Turn {
  const message = requireObject(value, path, 'a message: an object with role and content');
  const role = requiredString(message, 'role', path, oneOf(roles));
  switch (role) {
    case 'user':
    case 'system':
    case 'developer':
      return turn(role, message, path, readContent(message['content'], at(path, 'content')), plainKeys);
    case 'assistant':
      return turn(role, message, path, readAssistant(message, path, functionCalls), assistantKeys);
    case 'tool': {
      const callId = requiredString(message, 'tool_call_id', path, 'the id of the tool call that this message answers');
      return turn(role, message, path, [toolResult(callId, message, path)], toolKeys);
    }
    case 'function': {
      const name = requiredString(message, 'name', path, 'the name of the function that this message answers for');
      const callId = functionCalls.get(name);
      if (callId === undefined) {
        throw refuse(at(path, 'name'), name, 'the name in the function_call of an assistant message before this one');
      }
      return turn('tool', message, path, [toolResult(callId, message, path)], plainKeys);
    }
    default:
      throw refuse(at(path, 'role'), role, oneOf(roles));
  }
}

function turn(role: Role, message: JsonObject, path: string, parts: readonly Part[], known: ReadonlySet<string>): Turn {
  const name = optionalString(message, 'name', path);
  const unknown = unknownFields(message, known);
  return {
    role,
    parts,
    ...(name === undefined ? {} : { name }),
    ...(role === 'assistant' ? assistantCarry(message, unknown) : carryOf(unknown)),
  };
}

/** Besides unknown fields: a `reasoning` that says something else than `reasoning_content`. */
function assistantCarry(message: JsonObject, unknown: JsonObject | undefined): Pick<Turn, 'carry'> {
  const { reasoning, reasoning_content: first, reasoning_details: details, audio } = message;
  const differs =
    typeof reasoning === 'string' && typeof first === 'string' && first !== '' && reasoning !== first && !isArray(details);
  return carryOf(differs ? { reasoning, ...unknown } : unknown, {
    audio: isJsonObject(audio) ? unknownFields(audio, audioKeys) : undefined,
  });
}

function toolResult(callId: string, message: JsonObject, path: string): Part {
  return { kind: 'tool-result', callId, parts: readContent(message['content'], at(path, 'content')) };
}

/** The parts of an assistant message in the order that this wire implies: thoughts, content, refusal, sound, tool calls. */
function readAssistant(message: JsonObject, path: string, functionCalls: Map<string, string>): readonly Part[] {
  const parts: Part[] = [...readThoughts(message, path)];
  const content = message['content'];
  if (content !== undefined && content !== null) parts.push(...readContent(content, at(path, 'content')));
  const refusal = optionalString(message, 'refusal', path);
  if (refusal !== undefined && refusal !== '') parts.push({ kind: 'refusal', text: refusal });
  const audio = optionalObject(message, 'audio', path);
  if (audio !== undefined) {
    const id = requiredString(audio, 'id', at(path, 'audio'), 'the id of an earlier audio answer');
    parts.push({ kind: 'media', medium: 'audio', source: { kind: 'file', id } });
  }
  const calls = optionalArray(message, 'tool_calls', path);
  if (calls !== undefined) parts.push(...calls.map((call, index) => readCall(call, `${path}.tool_calls[${index}]`, index)));
  const legacy = optionalObject(message, 'function_call', path);
  if (legacy !== undefined) parts.push(readFunctionCall(legacy, path, functionCalls));
  return parts;
}

function readThoughts(message: JsonObject, path: string): readonly Part[] {
  const details = message['reasoning_details'];
  const first = optionalString(message, 'reasoning_content', path);
  const second = optionalString(message, 'reasoning', path);
  if (first === undefined && second === undefined && (details === undefined || details === null)) return [];
  if (details !== undefined && details !== null && !isArray(details))
    throw refuse(at(path, 'reasoning_details'), details, 'an array');
  return readReasoning(first === undefined || first === '' ? (second ?? '') : first, readDetails(details));
}

/** A call of a type other than `function` (OpenAI has `custom`) is kept whole, marked by the key `tool_call`, which no content part has. */
function readCall(value: Json, path: string, index: number): Part {
  const call = requireObject(value, path, 'a tool call: an object with id, type and function');
  const type = optionalString(call, 'type', path) ?? 'function';
  const callId = requiredString(call, 'id', path, 'the id of the tool call');
  if (type !== 'function') return { kind: 'opaque', protocol: 'openai-chat', value: { tool_call: call } };
  const inside = at(path, 'function');
  const inner = requireObject(call['function'], inside, 'an object with name and arguments');
  const unknown = unknownFields(call, callKeys);
  const place = call['index'];
  const isMisplaced = place !== undefined && place !== null && place !== index;
  return {
    kind: 'tool-call',
    callId,
    name: requiredString(inner, 'name', inside),
    argumentsText: requiredString(inner, 'arguments', inside, 'a string of JSON text'),
    ranBy: 'caller',
    // The index that an answer gave the call says nothing beyond its place.
    ...carryOf(isMisplaced ? { index: place, ...unknown } : unknown, { function: unknownFields(inner, functionKeys) }),
  };
}

/** The form before 2023-11 has no ids: one is made from the place of the message, so that the same request reads the same way. */
function readFunctionCall(call: JsonObject, path: string, functionCalls: Map<string, string>): ToolCallPart {
  const inside = at(path, 'function_call');
  const name = requiredString(call, 'name', inside);
  const callId = `call_function_${path.replaceAll(/\D/g, '')}`;
  functionCalls.set(name, callId);
  return {
    kind: 'tool-call',
    callId,
    name,
    argumentsText: requiredString(call, 'arguments', inside, 'a string of JSON text'),
    ranBy: 'caller',
    ...carryOf(undefined, { function: unknownFields(call, functionKeys) }),
  };
}
