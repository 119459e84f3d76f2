import type { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Part, ReasoningPart, ToolCallPart } from '../../model/part.ts';
import { unknownFields } from '../wire/carried.ts';
import { at, oneOf, optionalBoolean, refuse, requireObject, requiredString } from '../wire/fields.ts';
import { carryOf } from './carry-of.ts';
import { readFile } from './read-file.ts';
import { readToolResult, type CallNames } from './read-tool-result.ts';
import { readSeal, sealOfRest } from './seal.ts';
import { marks, opaque, readText } from './read-text.ts';
import { isText, Words } from './words.ts';

export type WireRole = 'system' | 'user' | 'assistant' | 'tool';

const reasoningKeys = new Set(['type', 'text', 'providerOptions']);
const callKeys = new Set(['type', 'toolCallId', 'toolName', 'input', 'providerExecuted', 'providerOptions']);

/** The parts that a role may hold; those of no known type are kept as they are, whoever says them. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  user: ['text', 'file'],
  assistant: ['text', 'file', 'reasoning', 'tool-call', 'tool-result'],
  tool: ['tool-result'],
};
const known = ['text', 'file', 'reasoning', 'tool-call', 'tool-result'];

/** One part of a message. `names`: of the tool calls so far, by id. */
export function readPart(value: Json, path: string, role: WireRole, names: CallNames): Part {
  const part = requireObject(value, path, 'a content part: an object with a type');
  const type = requiredString(part, 'type', path, 'a string such as "text"');
  if (known.includes(type) && allowed[role]?.includes(type) !== true) throw misplaced(type, at(path, 'type'), role);
  switch (type) {
    case 'text':
      return readText(part, path);
    case 'file':
      return readFile(part, path) ?? opaque(part);
    case 'reasoning':
      return readReasoning(part, path);
    case 'tool-call':
      return readCall(part, path, names);
    case 'tool-result':
      return readToolResult(part, path, names);
    default:
      return opaque(part);
  }
}

function misplaced(type: string, path: string, role: WireRole): FlashmuxError {
  return refuse(path, type, `${oneOf(allowed[role] ?? [])} in a message of the role "${role}"`);
}

/** The options that no vendor word of ours explains are the proof of the thought: a signature, an encrypted content. */
function readReasoning(part: JsonObject, path: string): ReasoningPart {
  const words = new Words(part['providerOptions']);
  const marked = marks(words);
  const told = words.take('flashmux', 'seal', isJsonObject);
  const seal = told === undefined ? sealOfRest(words.rest()) : readSeal(told);
  const rest = told === undefined ? undefined : words.rest();
  return {
    kind: 'reasoning',
    text: requiredString(part, 'text', path),
    ...(seal === undefined ? {} : { seal }),
    ...marked,
    ...carryOf(unknownFields(part, reasoningKeys), { providerOptions: rest }),
  };
}

function readCall(part: JsonObject, path: string, names: CallNames): ToolCallPart {
  const words = new Words(part['providerOptions']);
  const callId = requiredString(part, 'toolCallId', path, 'the id of the tool call');
  const name = requiredString(part, 'toolName', path, 'the name of the tool');
  names.set(callId, name);
  const isForeign = optionalBoolean(part, 'providerExecuted', path) === true;
  const isServer = words.take('flashmux', 'ranBy', isServerWord) !== undefined;
  const text = words.take('flashmux', 'input', isText);
  return {
    kind: 'tool-call',
    callId,
    name,
    argumentsText: text ?? inputText(part['input'], at(path, 'input')),
    ranBy: isForeign ? (isServer ? 'server' : 'provider') : 'caller',
    ...marks(words),
    ...carryOf(unknownFields(part, callKeys), { providerOptions: words.rest() }),
  };
}

/** Clients send the parsed arguments, and as a string those that could not be parsed. */
function inputText(input: Json | undefined, path: string): string {
  if (input === undefined) throw refuse(path, input, 'the arguments of the call');
  return typeof input === 'string' ? input : JSON.stringify(input);
}

function isServerWord(value: Json): value is 'server' {
  return value === 'server';
}
