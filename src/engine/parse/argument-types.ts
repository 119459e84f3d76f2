import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';

export type JsonType = 'string' | 'number' | 'integer' | 'boolean' | 'object' | 'array' | 'null';

/**
 * The types a parameter's schema allows, as far as the schema says. Undefined: it says nothing, or nothing readable. In Qwen's
 * call format a string stands bare and every other type as JSON, so this decides how a value is written and read.
 */
export function argumentTypes(parameters: JsonObject | undefined, name: string): ReadonlySet<JsonType> | undefined {
  const properties = parameters?.['properties'];
  if (parameters === undefined || !isJsonObject(properties) || !Object.hasOwn(properties, name)) return undefined;
  return schemaTypes(properties[name], parameters, 0);
}

const maxDepth = 16;

function schemaTypes(schema: Json | undefined, root: JsonObject, depth: number): ReadonlySet<JsonType> | undefined {
  if (!isJsonObject(schema) || depth > maxDepth) return undefined;
  const own = ownTypes(schema, root, depth);
  if (own === undefined || schema['nullable'] !== true) return own;
  return new Set([...own, 'null']);
}

function ownTypes(schema: JsonObject, root: JsonObject, depth: number): ReadonlySet<JsonType> | undefined {
  const { type, enum: values, anyOf, oneOf, allOf, $ref } = schema;
  if (type !== undefined) return new Set([type].flat().filter(isJsonType));
  if (schema['const'] !== undefined) return new Set([jsonType(schema['const'])]);
  if (Array.isArray(values)) return new Set(values.map((value: Json) => jsonType(value)));
  if (typeof $ref === 'string') return schemaTypes(localReference(root, $ref), root, depth + 1);
  for (const branches of [anyOf, oneOf]) {
    if (Array.isArray(branches)) return union(branches.map((branch: Json) => schemaTypes(branch, root, depth + 1)));
  }
  if (Array.isArray(allOf)) {
    return allOf.map((branch: Json) => schemaTypes(branch, root, depth + 1)).find((types) => types !== undefined);
  }
  if (schema['properties'] !== undefined) return new Set(['object']);
  return schema['items'] === undefined ? undefined : new Set(['array']);
}

function union(sets: readonly (ReadonlySet<JsonType> | undefined)[]): ReadonlySet<JsonType> | undefined {
  const all = new Set<JsonType>();
  for (const set of sets) {
    if (set === undefined) return undefined;
    for (const type of set) all.add(type);
  }
  return all;
}

function isJsonType(value: Json): value is JsonType {
  return typeof value === 'string' && ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'].includes(value);
}

/** The JSON Schema type of a value. */
export function jsonType(value: Json): JsonType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return 'object';
}

/** What a reference into the same document names (RFC 6901 pointer after `#`). Undefined where it names nothing. */
export function localReference(root: JsonObject, reference: string): Json | undefined {
  if (reference === '#') return root;
  if (!reference.startsWith('#/')) return undefined;
  let place: Json | undefined = root;
  for (const step of reference.slice(2).split('/')) {
    const key = decoded(step).replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(place)) place = place[Number(key)];
    else if (isJsonObject(place) && Object.hasOwn(place, key)) place = place[key];
    else return undefined;
  }
  return place;
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
