import { isJsonObject, parseJson } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Part, ToolResultPart } from '../../model/part.ts';
import { carriedFields } from '../../model/protocol.ts';
import { withCarried } from '../wire/carried.ts';
import { isArray } from '../wire/fields.ts';
import { wire } from '../wire/said.ts';
import type { Notices } from '../wire/notices.ts';
import { writeBlock, type Writing } from './write-block.ts';
import { writeWords } from './words.ts';

/** A `tool-result` part. Its tool has a name here, which is that of the call. */
export function writeToolResult(part: ToolResultPart, path: string, writing: Writing): JsonObject {
  const { notices, names } = writing;
  const carried = notices.own(part.carry, path);
  const entries = writeEntries(part.parts, path, writing);
  const text = plainText(entries);
  const output = text === undefined ? { type: 'content', value: entries } : plainOutput(text, part.outcome);
  const isUntoldError = part.outcome === 'error' && text === undefined;
  const written = wire({
    type: 'tool-result',
    toolCallId: part.callId,
    toolName: nameOf(part, names.get(part.callId)),
    output: deniedOutput(part, output) ?? output,
    providerOptions: writeWords(part, isUntoldError ? { flashmux: { outcome: 'error' } } : {}),
  });
  return withCarried(written, carried);
}

function nameOf(part: ToolResultPart, name: string | undefined): string {
  const carried = carriedFields(part.carry, 'ai-gateway')['toolName'];
  return typeof carried === 'string' ? carried : (name ?? '');
}

/** The text of an output that is one text without marks, or nothing. */
function plainText([first, ...others]: readonly Json[]): string | undefined {
  if (first === undefined) return '';
  const isPlain = others.length === 0 && isJsonObject(first) && first['type'] === 'text' && Object.keys(first).length === 2;
  return isPlain && typeof first['text'] === 'string' ? first['text'] : undefined;
}

/** Said as text or, where it is an object or array, as JSON. */
function plainOutput(text: string, outcome: ToolResultPart['outcome']): JsonObject {
  const json = parseJson(text);
  const prefix = outcome === 'error' ? 'error-' : '';
  return json !== undefined && isCanonical(text, json)
    ? { type: `${prefix}json`, value: json }
    : { type: `${prefix}text`, value: text };
}

/** True for the one way to write an object or array. */
function isCanonical(text: string, json: Json): boolean {
  return (isJsonObject(json) || isArray(json)) && JSON.stringify(json) === text;
}

/** A denial came as one, and goes back as one: its reason is carried beside the text that models read. */
function deniedOutput(part: ToolResultPart, output: JsonObject): JsonObject | undefined {
  const carried = carriedFields(part.carry, 'ai-gateway')['output'];
  const isDenial = isJsonObject(carried) && carried['type'] === 'execution-denied' && output['type'] === 'error-text';
  return isDenial ? carried : undefined;
}

function writeEntries(parts: readonly Part[], path: string, writing: Writing): readonly Json[] {
  return parts.flatMap((part, index) => {
    const place = `${path}.content[${index}]`;
    switch (part.kind) {
      case 'text':
      case 'refusal':
      case 'media':
      case 'opaque':
        return writeBlock(part, place, writing);
      case 'reasoning':
      case 'tool-call':
      case 'tool-result':
        dropped(writing.notices, place, part.kind);
        return [];
    }
  });
}

function dropped(notices: Notices, path: string, kind: string): void {
  notices.dropped(path, `The result of a tool cannot hold a ${kind} here.`);
}
