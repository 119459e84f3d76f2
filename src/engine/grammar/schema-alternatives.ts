import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import { localReference } from '../parse/argument-types.ts';
import type { JsonType } from '../parse/argument-types.ts';
import { SchemaWords, isList, sameJson, schemaFault } from './schema-words.ts';

/** Deeper nesting is no schema anyone wrote. */
export const maxSchemaDepth = 64;
const maxAlternatives = 200;
const maxVisits = 5_000;

/** The document that references are resolved in, and a budget: a few lines of references can unfold without end. */
export interface Unfolding {
  readonly root: JsonObject;
  visits: number;
}

/** Words that say nothing about what is valid. */
const annotations: ReadonlySet<string> = new Set(
  (
    'title description default examples deprecated readOnly writeOnly $comment $id $schema $anchor $defs ' +
    'definitions example strict name'
  ).split(' '),
);

/** The keywords of a schema that say what is valid. */
export function validatingKeys(schema: JsonObject): readonly string[] {
  return Object.keys(schema).filter((key) => !annotations.has(key));
}

/** What a reference names. Throws `invalid_schema` for one that leads nowhere or out of the document. */
export function referenced(root: JsonObject, reference: string, path: string): Json {
  const target = localReference(root, reference);
  if (target !== undefined) return target;
  throw schemaFault(`${path}.$ref`, `"${reference}" names nothing in this schema. References look like "#/$defs/name".`);
}

/**
 * A schema as alternatives without `$ref`, `allOf`, `anyOf` and `oneOf`: a value is valid if it is valid for one of them. Empty where
 * nothing is valid. Recursion through references alone throws `invalid_schema`.
 */
export function alternatives(schema: Json, unfolding: Unfolding, path: string, depth = 0): readonly JsonObject[] {
  if (++unfolding.visits > maxVisits) throw schemaFault(path, 'The schema unfolds into too many combinations.');
  if (depth > maxSchemaDepth)
    throw schemaFault(path, `The schema refers to itself without end, or is nested deeper than ${maxSchemaDepth}.`);
  if (schema === true) return [{}];
  if (schema === false) return [];
  if (!isJsonObject(schema)) throw schemaFault(path, 'A schema is an object, true or false.');
  const { $ref, allOf: _all, anyOf: _any, oneOf: _one, const: only, ...own } = schema;
  const words = new SchemaWords(schema, path);
  let result: readonly JsonObject[] = [only === undefined ? own : { ...own, enum: inBoth(words.list('enum'), [only]) }];
  const narrow = (others: readonly JsonObject[]): void => {
    result = result.flatMap((one) => others.map((other) => merged(one, other)).filter((both) => both !== undefined));
    if (result.length > maxAlternatives)
      throw schemaFault(path, 'The schema has too many combinations of allOf, anyOf and oneOf.');
  };
  if (typeof $ref === 'string')
    narrow(alternatives(referenced(unfolding.root, $ref, path), unfolding, `${path}.$ref`, depth + 1));
  for (const [index, part] of (words.list('allOf') ?? []).entries()) {
    narrow(alternatives(part, unfolding, `${path}.allOf[${index}]`, depth + 1));
  }
  for (const keyword of ['anyOf', 'oneOf']) {
    const branches = words.list(keyword);
    if (branches === undefined) continue;
    narrow(branches.flatMap((branch, index) => alternatives(branch, unfolding, `${path}.${keyword}[${index}]`, depth + 1)));
  }
  return result;
}

/** Both schemas at once. Undefined where they plainly contradict each other. */
function merged(one: JsonObject, other: JsonObject): JsonObject | undefined {
  const both: Record<string, Json> = { ...one, ...other };
  for (const key of Object.keys(one)) {
    const first = one[key];
    const second = other[key];
    if (first === undefined || second === undefined || sameJson(first, second)) continue;
    const value = mergedKeyword(key, first, second);
    if (value === undefined) return undefined;
    both[key] = value;
    if (mergesPartly(key)) both[unmerged] = [...asList(both[unmerged] ?? []), key];
  }
  if (one['properties'] !== undefined || other['properties'] !== undefined) both['properties'] = mergedProperties(one, other);
  if (one['nullable'] === true && other['nullable'] !== true) delete both['nullable'];
  if (other['nullable'] === true && one['nullable'] !== true) delete both['nullable'];
  return both;
}

function mergedKeyword(key: string, first: Json, second: Json): Json | undefined {
  const numbers = typeof first === 'number' && typeof second === 'number' ? [first, second] : undefined;
  if (/^(?:min|exclusiveMin)/.test(key) && numbers !== undefined) return Math.max(...numbers);
  if (/^(?:max|exclusiveMax)/.test(key) && numbers !== undefined) return Math.min(...numbers);
  switch (key) {
    case 'type': {
      const types = mergedTypes(asList(first), asList(second));
      return types.length === 0 ? undefined : types;
    }
    case 'enum':
      return isList(first) && isList(second) ? inBoth(first, second) : undefined;
    case 'required':
      return [...new Set([...asList(first), ...asList(second)])];
    case 'items':
    case 'additionalProperties':
      return { allOf: [first, second] };
    case 'prefixItems': {
      const [longer, shorter] = asList(first).length < asList(second).length ? [second, first] : [first, second];
      return asList(longer).map((item, index) => ({ allOf: [item, asList(shorter)[index] ?? true] }));
    }
    default:
      return first;
  }
}

/** Key under which a merged schema names the keywords of which only the first could be kept. */
export const unmerged = ' unmerged';

function mergesPartly(key: string): boolean {
  return key === 'pattern' || key === 'format' || key === 'patternProperties' || key === 'propertyNames' || key === 'not';
}

/** A property that one side does not declare is subject to that side's `additionalProperties`. */
function mergedProperties(one: JsonObject, other: JsonObject): JsonObject {
  const [first, second] = [propertiesOf(one), propertiesOf(other)];
  const names = new Set([...Object.keys(first), ...Object.keys(second)]);
  return Object.fromEntries(
    [...names].map((name): [string, Json] => {
      const sides = [first[name] ?? one['additionalProperties'] ?? true, second[name] ?? other['additionalProperties'] ?? true];
      const said = sides.filter((side) => side !== true);
      return [name, said.length === 1 ? (said[0] ?? true) : { allOf: sides }];
    }),
  );
}

function propertiesOf(schema: JsonObject): JsonObject {
  return isJsonObject(schema['properties']) ? schema['properties'] : {};
}

function mergedTypes(first: readonly Json[], second: readonly Json[]): readonly Json[] {
  const common = first.filter((type) => second.includes(type) || (type === 'integer' && second.includes('number')));
  const narrowed = second.filter((type) => type === 'integer' && first.includes('number') && !first.includes('integer'));
  return [...common, ...narrowed];
}

function asList(value: Json): readonly Json[] {
  return isList(value) ? value : [value];
}

function inBoth(values: readonly Json[] | undefined, others: readonly Json[]): readonly Json[] {
  return values === undefined ? others : others.filter((value) => values.some((known) => sameJson(known, value)));
}

/**
 * Whether no value can be valid for both: other types, other constants, or another constant in a property that both require.
 * What cannot be seen at once counts as overlapping.
 */
export function areDisjoint(one: Json, other: Json, root: JsonObject): boolean {
  const [first, second] = [resolved(one, root), resolved(other, root)];
  if (first === undefined || second === undefined) return false;
  const [values, others] = [constants(first), constants(second)];
  if (values !== undefined && others !== undefined) return inBoth(values, others).length === 0;
  const [types, otherTypes] = [typesOf(first), typesOf(second)];
  if (types !== undefined && otherTypes !== undefined && mergedTypes(types, otherTypes).length === 0) return true;
  const [properties, otherProperties] = [propertiesOf(first), propertiesOf(second)];
  const required = asList(first['required'] ?? []).filter((name) => asList(second['required'] ?? []).includes(name));
  return required.some((name) => {
    if (typeof name !== 'string') return false;
    const [tag, otherTag] = [constants(properties[name]), constants(otherProperties[name])];
    return tag !== undefined && otherTag !== undefined && inBoth(tag, otherTag).length === 0;
  });
}

function resolved(schema: Json, root: JsonObject): JsonObject | undefined {
  let place: Json | undefined = schema;
  for (let step = 0; step < maxSchemaDepth && isJsonObject(place) && typeof place['$ref'] === 'string'; step++) {
    place = localReference(root, place['$ref']);
  }
  return isJsonObject(place) ? place : undefined;
}

function constants(schema: Json | undefined): readonly Json[] | undefined {
  if (!isJsonObject(schema)) return undefined;
  if (schema['const'] !== undefined) return [schema['const']];
  return isList(schema['enum']) ? schema['enum'] : undefined;
}

function typesOf(schema: JsonObject): readonly Json[] | undefined {
  if (schema['nullable'] === true || schema['type'] === undefined) return undefined;
  return asList(schema['type']);
}

/** The types that a schema without `type` speaks of, by its other keywords. Undefined: any. */
export function impliedTypes(schema: JsonObject): readonly JsonType[] | undefined {
  const speaks = (keywords: readonly string[]): boolean => keywords.some((keyword) => schema[keyword] !== undefined);
  if (speaks(['properties', 'required', 'additionalProperties', 'patternProperties', 'minProperties', 'maxProperties']))
    return ['object'];
  if (speaks(['items', 'prefixItems', 'minItems', 'maxItems'])) return ['array'];
  if (speaks(['pattern', 'minLength', 'maxLength', 'format'])) return ['string'];
  if (speaks(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'])) return ['number'];
  return undefined;
}
