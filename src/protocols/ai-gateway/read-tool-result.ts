import type { Json, JsonObject } from '../../model/json.ts';
import type { Part, ToolResultPart } from '../../model/part.ts';
import { unknownFields } from '../wire/carried.ts';
import { at, isArray, oneOf, optionalString, refuse, requireObject, requiredString } from '../wire/fields.ts';
import { readMediaUrl } from '../wire/media-url.ts';
import { carryOf } from './carry-of.ts';
import { readFile } from './read-file.ts';
import { opaque, readText } from './read-text.ts';
import { Words } from './words.ts';

/** Names of tool calls by their id. */
export type CallNames = Map<string, string>;

const resultKeys = new Set(['type', 'toolCallId', 'toolName', 'output', 'providerOptions']);
const outputKeys = new Set(['type', 'value']);
const outputTypes = ['text', 'json', 'error-text', 'error-json', 'execution-denied', 'content'];

/** What every provider package of the AI SDK tells the model where no reason was given. */
const denied = 'Tool execution denied.';

interface Output {
  readonly parts: readonly Part[];
  readonly outcome: 'ok' | 'error';
  readonly unknown: JsonObject | undefined;
}

/** The result of a tool: text, JSON, an error of either, a denial, or content parts. */
export function readToolResult(part: JsonObject, path: string, names: CallNames): ToolResultPart {
  const callId = requiredString(part, 'toolCallId', path, 'the id of the tool call that this part answers');
  const name = optionalString(part, 'toolName', path);
  const words = new Words(part['providerOptions']);
  const isError = words.take('flashmux', 'outcome', isErrorWord) !== undefined;
  const cacheMark = words.takeCacheMark();
  const output = readOutput(part['output'], at(path, 'output'));
  // The name is that of the call; one that is not is carried.
  const isUntold = name !== undefined && name !== '' && names.get(callId) !== name;
  const outer = { ...(isUntold ? { toolName: name } : {}), ...unknownFields(part, resultKeys) };
  return {
    kind: 'tool-result',
    callId,
    parts: output.parts,
    outcome: isError ? 'error' : output.outcome,
    ...(cacheMark === undefined ? {} : { cacheMark }),
    ...carryOf(Object.keys(outer).length === 0 ? undefined : outer, { output: output.unknown, providerOptions: words.rest() }),
  };
}

function readOutput(value: Json | undefined, path: string): Output {
  const output = requireObject(value, path, 'an object with type and value');
  const type = requiredString(output, 'type', path, oneOf(outputTypes));
  const unknown = unknownFields(output, outputKeys);
  const inside = at(path, 'value');
  switch (type) {
    case 'text':
    case 'error-text':
      return { parts: textOf(requiredString(output, 'value', path)), outcome: outcomeOf(type), unknown };
    case 'json':
    case 'error-json': {
      const json = output['value'];
      if (json === undefined) throw refuse(inside, json, 'any JSON');
      return { parts: textOf(JSON.stringify(json)), outcome: outcomeOf(type), unknown };
    }
    case 'execution-denied': {
      const reason = optionalString(output, 'reason', path);
      return { parts: textOf(reason ?? denied), outcome: 'error', unknown: { type, ...unknown } };
    }
    case 'content': {
      const list = output['value'];
      if (!isArray(list)) throw refuse(inside, list, 'an array of content parts');
      return { parts: list.map((entry, index) => readEntry(entry, `${inside}[${index}]`)), outcome: 'ok', unknown };
    }
    default:
      throw refuse(at(path, 'type'), type, oneOf(outputTypes));
  }
}

function textOf(text: string): readonly Part[] {
  return text === '' ? [] : [{ kind: 'text', text }];
}

function outcomeOf(type: 'text' | 'json' | 'error-text' | 'error-json'): 'ok' | 'error' {
  return type.startsWith('error') ? 'error' : 'ok';
}

/** Specification 4 has files here as in a prompt; 3 has six kinds of them, read as the files that they are. */
function readEntry(value: Json, path: string): Part {
  const entry = requireObject(value, path, 'a content part: an object with a type');
  const type = requiredString(entry, 'type', path, 'a string such as "text"');
  switch (type) {
    case 'text':
      return readText(entry, path);
    case 'file':
      return readFile(entry, path) ?? opaque(entry);
    case 'file-data':
    case 'image-data':
    case 'media':
      return asFile(entry, path, 'data');
    case 'file-url':
    case 'image-url':
      return asFile(entry, path, 'url');
    default:
      return opaque(entry);
  }
}

function asFile(entry: JsonObject, path: string, key: 'data' | 'url'): Part {
  const accepted = key === 'data' ? 'base64 text' : 'an address or a data: URL';
  const text = requiredString(entry, key, path, accepted);
  if (readMediaUrl(text) === undefined) throw refuse(at(path, key), text, accepted);
  const { [key]: _, type, mediaType, ...rest } = entry;
  const family = type === 'image-url' || type === 'image-data' ? 'image/*' : 'application/*';
  const file = { ...rest, type: 'file', mediaType: typeof mediaType === 'string' ? mediaType : family, data: text };
  return readFile(file, path) ?? opaque(entry);
}

function isErrorWord(value: Json): value is 'error' {
  return value === 'error';
}
