import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { isJsonObject, type Json, type JsonObject } from '../../../src/model/json.ts';

export type Definitions = Readonly<Record<string, JsonObject>>;

const prefix = '#/components/schemas/';

/** Validates values against schemas that point to each other by name, as they do in the OpenAPI document. */
export class SchemaChecker {
  readonly definitions: Definitions;
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false });
  /** By schema, and by name for what is only a reference. */
  readonly #compiled = new Map<JsonObject | string, ValidateFunction>();

  constructor(definitions: Definitions) {
    this.definitions = definitions;
    this.#ajv.addSchema({ $id: 'document', components: { schemas: definitions } });
  }

  /** Undefined where the value is right; else what is wrong with it and where. */
  complaint(schema: JsonObject, value: Json): string | undefined {
    const validate = this.#compile(schema);
    if (validate(value)) return undefined;
    return (validate.errors ?? [])
      .map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`)
      .join('; ');
  }

  accepts(schema: JsonObject, value: Json): boolean {
    return this.complaint(schema, value) === undefined;
  }

  /** The schema that a reference means. */
  resolve(schema: JsonObject): JsonObject {
    const name = nameOf(schema);
    if (name === undefined) return schema;
    const found = this.definitions[name];
    if (found === undefined) throw new Error(`no schema is called ${name}`);
    return this.resolve(found);
  }

  #compile(schema: JsonObject): ValidateFunction {
    const key = nameOf(schema) ?? schema;
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    const made = this.#ajv.compile(absolute(schema));
    this.#compiled.set(key, made);
    return made;
  }
}

/** The name that a reference points to. */
export function nameOf({ $ref: target }: JsonObject): string | undefined {
  return typeof target === 'string' && target.startsWith(prefix) ? target.slice(prefix.length) : undefined;
}

function absolute(schema: JsonObject): JsonObject {
  const text = JSON.stringify(schema, (key, value: Json) =>
    key === '$ref' && typeof value === 'string' ? `document${value}` : value,
  );
  const made: JsonObject = JSON.parse(text);
  return made;
}

/**
 * The same schemas with every object closed that does not say that it is open: a field that a program sends and its schema does not
 * list is found that way. Callers get the open ones.
 */
export function closed(definitions: Definitions): Definitions {
  return Object.fromEntries(Object.entries(definitions).map(([name, schema]) => [name, closedSchema(schema)]));
}

function closedSchema(schema: JsonObject): JsonObject {
  const entries = Object.entries(schema).map(([key, value]): [string, Json] => [
    key,
    isDataKey(key) ? value : closedValue(value),
  ]);
  const made = Object.fromEntries(entries);
  const { properties } = made;
  if (!isJsonObject(properties) || made['additionalProperties'] !== undefined) return made;
  return { ...made, additionalProperties: false };
}

function closedValue(value: Json): Json {
  if (isJsonObject(value)) return closedSchema(value);
  return isList(value) ? value.map((one) => closedValue(one)) : value;
}

function isDataKey(key: string): boolean {
  return key === 'enum' || key === 'const' || key === 'required' || key === 'examples' || key === 'default';
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
