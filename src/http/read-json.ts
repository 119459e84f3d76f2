import { isUtf8 } from 'node:buffer';
import { FlashmuxError } from '../model/fault.ts';
import type { Json } from '../model/json.ts';
import { firstJsonFault } from './json-fault.ts';

/** Parses a JSON body. Throws `invalid_json` with the place of the first mistake. A byte order mark is skipped. */
export function readJson(bytes: Buffer, maxDepth: number): Json {
  if (!isUtf8(bytes)) throw invalidJson('it is not valid UTF-8');
  const decoded = bytes.toString('utf8');
  const text = decoded.startsWith('\ufeff') ? decoded.slice(1) : decoded;
  const tooDeepAt = findTooDeep(text, maxDepth);
  if (tooDeepAt !== undefined) throw invalidJson(`it is nested deeper than ${maxDepth} levels at ${place(text, tooDeepAt)}`);
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    // V8 names no position for some mistakes, and its message quotes the body, so it is neither shown nor kept as a cause.
    const fault = firstJsonFault(text);
    throw invalidJson(fault === undefined ? 'it cannot be parsed' : `${fault.what} at ${place(text, fault.position)}`);
  }
}

/**
 * Where arrays and objects first lie deeper inside each other than `maxDepth`. Looks at brackets only, before anything is
 * parsed: V8 parses millions of levels without complaint, and the first recursive function after it would overflow the stack.
 */
export function findTooDeep(text: string, maxDepth: number): number | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = endOfString(text, at);
        break;
      case openBrace:
      case openBracket:
        depth++;
        if (depth > maxDepth) return at;
        break;
      case closeBrace:
      case closeBracket:
        depth--;
        break;
      default:
        break;
    }
  }
  return undefined;
}

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** Index of the closing quote, or the text's length where there is none. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === backslash) escapes++;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}

/** Positions count UTF-16 units from 0, lines and columns from 1. */
function place(text: string, position: number): string {
  const before = text.slice(0, position);
  const line = before.split('\n').length;
  const column = position - before.lastIndexOf('\n');
  return `position ${position} (line ${line}, column ${column})`;
}

function invalidJson(why: string): FlashmuxError {
  return new FlashmuxError('invalid_json', `The body is not valid JSON: ${why}. Send one JSON object.`);
}
