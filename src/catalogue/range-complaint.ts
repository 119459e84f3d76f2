import type { Json, JsonObject } from '../model/json.ts';
import { isJsonObject } from '../model/json.ts';

/** What is wrong with a value, and where below the parameter. */
export interface Complaint {
  /** Such as `.format` or `[2]`; empty for the value itself. */
  readonly path: string;
  /** Such as `is 3` or `has 5 entries`. */
  readonly fault: string;
  /** Such as `a number from 0 to 2`. */
  readonly accepted: string;
}

/**
 * The first way in which a value leaves the range of its schema: minimum, maximum, exclusiveMinimum, integer, enum and maxItems,
 * also inside lists and objects. Types are the codec's business, so a keyword that does not apply to the value says nothing.
 */
export function rangeComplaint(value: Json, schema: JsonObject): Complaint | undefined {
  const choices = schema['enum'];
  if (Array.isArray(choices) && !choices.includes(value)) return complain(schema, `is ${shown(value)}`);
  if (typeof value === 'number') return isWithin(value, schema) ? undefined : complain(schema, `is ${value}`);
  if (Array.isArray(value)) {
    const most = schema['maxItems'];
    if (typeof most === 'number' && value.length > most) return complain(schema, `has ${value.length} entries`);
    return firstComplaint(value.map((entry, index) => [`[${index}]`, entry, schema['items']]));
  }
  if (isJsonObject(value)) {
    const properties = schema['properties'];
    const known = isJsonObject(properties) ? properties : {};
    return firstComplaint(
      Object.entries(value).map(([key, entry]) => [`.${key}`, entry, known[key] ?? schema['additionalProperties']]),
    );
  }
  return undefined;
}

function firstComplaint(entries: readonly (readonly [string, Json, Json | undefined])[]): Complaint | undefined {
  for (const [path, value, schema] of entries) {
    const complaint = isJsonObject(schema) ? rangeComplaint(value, schema) : undefined;
    if (complaint !== undefined) return { ...complaint, path: path + complaint.path };
  }
  return undefined;
}

function isWithin(value: number, schema: JsonObject): boolean {
  const { minimum, maximum, exclusiveMinimum } = bounds(schema);
  return (
    (minimum === undefined || value >= minimum) &&
    (maximum === undefined || value <= maximum) &&
    (exclusiveMinimum === undefined || value > exclusiveMinimum) &&
    (!isWhole(schema) || Number.isInteger(value))
  );
}

function complain(schema: JsonObject, fault: string): Complaint {
  return { path: '', fault, accepted: accepted(schema) };
}

function accepted(schema: JsonObject): string {
  const choices = schema['enum'];
  if (Array.isArray(choices)) return `one of ${choices.filter((choice) => choice !== null).join(', ')}`;
  if (typeof schema['maxItems'] === 'number') return `at most ${schema['maxItems']} entries`;
  const { minimum, maximum, exclusiveMinimum } = bounds(schema);
  const noun = isWhole(schema) ? 'a whole number' : 'a number';
  if (exclusiveMinimum !== undefined) return `${noun} above ${exclusiveMinimum}`;
  if (minimum === undefined) return maximum === undefined ? noun : `${noun} up to ${maximum}`;
  return maximum === undefined ? `${noun} from ${minimum}` : `${noun} from ${minimum} to ${maximum}`;
}

function bounds(schema: JsonObject): { minimum?: number; maximum?: number; exclusiveMinimum?: number } {
  const { minimum, maximum, exclusiveMinimum } = schema;
  return {
    ...(typeof minimum === 'number' ? { minimum } : {}),
    ...(typeof maximum === 'number' ? { maximum } : {}),
    ...(typeof exclusiveMinimum === 'number' ? { exclusiveMinimum } : {}),
  };
}

function isWhole(schema: JsonObject): boolean {
  const { type } = schema;
  return type === 'integer' || (Array.isArray(type) && type.includes('integer') && !type.includes('number'));
}

/** A value short enough for a message. */
function shown(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
