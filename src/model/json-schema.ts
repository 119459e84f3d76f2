import type { Json, JsonObject } from './json.ts';

/*
 * Words for writing JSON Schemas (draft 2020-12) as data. Objects are open unless they say otherwise: callers send what their other
 * servers know, and answers get new fields.
 */

/** Numbers of JSON beyond this lose digits, so whole ones are refused there. */
const largestWhole = Number.MAX_SAFE_INTEGER;

/** A named schema of the document that all schemas end up in. */
export function ref(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}

export function objectOf(properties: JsonObject, required: readonly string[] = []): JsonObject {
  return { type: 'object', ...(required.length === 0 ? {} : { required }), properties };
}

/** An object whose fields are all always there. */
export function recordOf(properties: JsonObject): JsonObject {
  return objectOf(properties, Object.keys(properties));
}

export function mapOf(values: JsonObject): JsonObject {
  return { type: 'object', additionalProperties: values };
}

export function listOf(items: JsonObject, bounds: { readonly minItems?: number; readonly maxItems?: number } = {}): JsonObject {
  return { type: 'array', items, ...bounds };
}

export function anyOf(...schemas: readonly JsonObject[]): JsonObject {
  return { anyOf: schemas };
}

export function wordOf(...words: readonly string[]): JsonObject {
  return { type: 'string', enum: words };
}

/** Exactly this text. */
export function exactly(text: string): JsonObject {
  return { type: 'string', const: text };
}

/** Any text but these: how the open end of a set of kinds is said. */
export function otherThan(...words: readonly string[]): JsonObject {
  return { type: 'string', not: { enum: words } };
}

export function wholeFrom(minimum: number, maximum = largestWhole): JsonObject {
  return { type: 'integer', minimum, maximum };
}

export function numberFrom(minimum: number, maximum: number): JsonObject {
  return { type: 'number', minimum, maximum };
}

export const text: JsonObject = { type: 'string' };
export const flag: JsonObject = { type: 'boolean' };
export const nothing: JsonObject = { type: 'null' };
export const anything: JsonObject = {};

/** The schema with a sentence for its reader. */
export function said(description: string, schema: JsonObject): JsonObject {
  return { description, ...schema };
}

/** A field that may also be null. In a request that means "not said": clients send it for options that were left out. */
export function nullable(schema: JsonObject): JsonObject {
  const { type, enum: words, ...rest } = schema;
  if (typeof type !== 'string' || 'const' in rest) {
    const { description, anyOf: choices, ...single } = schema;
    const told = description === undefined ? {} : { description };
    return { ...told, anyOf: [...(isList(choices) ? choices : [single]), nothing] };
  }
  return { ...rest, type: [type, 'null'], ...(isList(words) ? { enum: [...words, null] } : {}) };
}

/** An option of a request: what it does, and that null leaves it out. */
export function option(description: string, schema: JsonObject): JsonObject {
  return nullable(said(description, schema));
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
