import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';

/*
 * Guards for the fields of a caller's request. Written by hand rather than as schemas for two reasons: each refusal names the
 * one path and what would be accepted there (a schema's union names every branch that failed), and a request is read in one pass.
 * `null` means "not said" everywhere: OpenAI's own clients send it for options that were left out.
 */

export interface Range {
  readonly min?: number;
  readonly max?: number;
  /** The value must be greater than this. */
  readonly above?: number;
  readonly whole?: true;
}

export function at(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

/** `value` is undefined where the field is missing. */
export function refuse(path: string, value: Json | undefined, accepted: string): FlashmuxError {
  const subject = path === '' ? 'The request body' : path;
  const param = path === '' ? {} : { param: path };
  return new FlashmuxError('invalid_request', `${subject} is ${describe(value)}; it must be ${accepted}.`, param);
}

export function optionalString(object: JsonObject, key: string, path: string): string | undefined {
  const value = object[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw refuse(at(path, key), value, 'a string');
  return value;
}

export function requiredString(object: JsonObject, key: string, path: string, accepted = 'a string'): string {
  const value = object[key];
  if (typeof value !== 'string') throw refuse(at(path, key), value, accepted);
  return value;
}

export function optionalBoolean(object: JsonObject, key: string, path: string): boolean | undefined {
  const value = object[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw refuse(at(path, key), value, 'true or false');
  return value;
}

export function optionalNumber(object: JsonObject, key: string, path: string, range: Range): number | undefined {
  const value = object[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !inRange(value, range)) throw refuse(at(path, key), value, rangeWords(range));
  return value;
}

export function optionalObject(object: JsonObject, key: string, path: string): JsonObject | undefined {
  const value = object[key];
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) throw refuse(at(path, key), value, 'an object');
  return value;
}

export function optionalArray(object: JsonObject, key: string, path: string): readonly Json[] | undefined {
  const value = object[key];
  if (value === undefined || value === null) return undefined;
  if (!isArray(value)) throw refuse(at(path, key), value, 'an array');
  return value;
}

export function optionalChoice<Word extends string>(
  object: JsonObject,
  key: string,
  path: string,
  words: readonly Word[],
): Word | undefined {
  const value = object[key];
  if (value === undefined || value === null) return undefined;
  const word = words.find((known) => known === value);
  if (word === undefined) throw refuse(at(path, key), value, oneOf(words));
  return word;
}

export function requireObject(value: Json | undefined, path: string, accepted = 'an object'): JsonObject {
  if (!isJsonObject(value)) throw refuse(path, value, accepted);
  return value;
}

/** `Array.isArray` does not narrow a readonly array out of a union. */
export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

export function oneOf(words: readonly string[]): string {
  return `one of ${words.map((word) => `"${word}"`).join(', ')}`;
}

export function inRange(value: number, range: Range): boolean {
  if (range.whole === true && !Number.isSafeInteger(value)) return false;
  return (
    Number.isFinite(value) &&
    value >= (range.min ?? -Infinity) &&
    value <= (range.max ?? Infinity) &&
    (range.above === undefined || value > range.above)
  );
}

function rangeWords(range: Range): string {
  const noun = range.whole === true ? 'a whole number' : 'a number';
  if (range.above !== undefined) return `${noun} greater than ${range.above}`;
  if (range.max === undefined) return range.min === undefined ? noun : `${noun} of at least ${range.min}`;
  return `${noun} from ${range.min ?? -Infinity} to ${range.max}`;
}

/** Names what came without repeating it: a value may be a prompt. Short words are shown, because they are mostly misspelt options. */
function describe(value: Json | undefined): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (typeof value === 'string') return value.length <= 32 ? JSON.stringify(value) : `a string of ${value.length} characters`;
  return typeof value === 'object' ? 'an object' : String(value);
}
