import { isUtf8 } from 'node:buffer';
import { FlashmuxError } from '../model/fault.ts';
import type { Json } from '../model/json.ts';
import type { ByteChunks } from './byte-chunks.ts';
import { firstJsonFault } from './json-fault.ts';
import { JsonOutline } from './json-outline.ts';
import { readJsonSlices } from './read-json-slices.ts';

/** Below it a body is parsed in one go: what is gained for longer ones is less than what it costs. */
const longBytes = 64 * 1024;

/** Parses a JSON body. Throws `invalid_json` with the place of the first mistake. A byte order mark is skipped. */
export function readJson(bytes: ByteChunks, maxDepth: number): Json {
  return (bytes.length < longBytes ? undefined : readJsonSlices(bytes, maxDepth)) ?? readWhole(bytes.all(), maxDepth);
}

function readWhole(bytes: Buffer, maxDepth: number): Json {
  if (!isUtf8(bytes)) throw invalidJson('it is not valid UTF-8');
  const decoded = bytes.toString('utf8');
  const text = decoded.startsWith('\ufeff') ? decoded.slice(1) : decoded;
  const outline = new JsonOutline({ maxDepth });
  outline.read(text);
  const { tooDeepAt } = outline;
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
