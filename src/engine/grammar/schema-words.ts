import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { JsonType } from '../parse/argument-types.ts';

/** A schema that no grammar can be made of. `path` leads to the place inside of the request. */
export function schemaFault(path: string, message: string): FlashmuxError {
  return new FlashmuxError('invalid_schema', message, { param: path });
}

/** Reads the keywords of one schema object; a keyword of the wrong type throws `invalid_schema` with its path. */
export class SchemaWords {
  readonly schema: JsonObject;
  readonly path: string;

  constructor(schema: JsonObject, path: string) {
    this.schema = schema;
    this.path = path;
  }

  /** A whole number from 0. */
  count(keyword: string): number | undefined {
    const value = this.number(keyword);
    if (value === undefined || (Number.isInteger(value) && value >= 0)) return value;
    throw this.#wrong(keyword, 'a whole number from 0');
  }

  number(keyword: string): number | undefined {
    const value = this.schema[keyword];
    if (value === undefined || typeof value === 'number') return value;
    throw this.#wrong(keyword, 'a number');
  }

  text(keyword: string): string | undefined {
    const value = this.schema[keyword];
    if (value === undefined || typeof value === 'string') return value;
    throw this.#wrong(keyword, 'a string');
  }

  names(keyword: string): readonly string[] {
    const value = this.schema[keyword];
    if (value === undefined) return [];
    const names = [value].flat().filter((name: Json) => typeof name === 'string');
    if (Array.isArray(value) && names.length === value.length) return names;
    throw this.#wrong(keyword, 'a list of names');
  }

  /** Schemas by name. */
  named(keyword: string): readonly (readonly [name: string, schema: Json])[] {
    const value = this.schema[keyword];
    if (value === undefined) return [];
    if (isJsonObject(value)) return Object.entries(value);
    throw this.#wrong(keyword, 'an object of schemas');
  }

  list(keyword: string): readonly Json[] | undefined {
    const value = this.schema[keyword];
    if (value === undefined || isList(value)) return value;
    throw this.#wrong(keyword, 'a list');
  }

  /** The types named by `type`; undefined where it is absent. */
  types(): readonly JsonType[] | undefined {
    const { type } = this.schema;
    if (type === undefined) return undefined;
    return [type].flat().map((name: Json) => {
      const known = jsonTypes.find((candidate) => candidate === name);
      if (known === undefined) throw this.#wrong('type', `one of ${jsonTypes.join(', ')}, or a list of them`);
      return known;
    });
  }

  at(keyword: string): string {
    return `${this.path}.${keyword}`;
  }

  #wrong(keyword: string, expected: string): FlashmuxError {
    return schemaFault(this.at(keyword), `"${keyword}" must be ${expected}.`);
  }
}

const jsonTypes: readonly JsonType[] = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'];

/** `Array.isArray` for lists that are read only. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The same JSON value, whatever the order of its keys. */
export function sameJson(one: Json, other: Json): boolean {
  if (isList(one))
    return isList(other) && one.length === other.length && one.every((item, index) => sameJson(item, other[index] ?? null));
  if (isJsonObject(one)) {
    if (!isJsonObject(other) || Object.keys(one).length !== Object.keys(other).length) return false;
    return Object.entries(one).every(([key, value]) => Object.hasOwn(other, key) && sameJson(value, other[key] ?? null));
  }
  return one === other;
}
