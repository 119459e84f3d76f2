import fc from 'fast-check';
import { isJsonObject, type Json, type JsonObject } from '../../../src/model/json.ts';
import { json, jsonObject, text } from '../arbitraries/basics.ts';
import { isList, nameOf, type SchemaChecker } from './schema-checker.ts';

/** How many of the optional fields of one object are there at most: with more, most objects would break a rule between fields. */
const mostOptional = 4;
const mostItems = 2;

/**
 * Values that the schema accepts. What a keyword says of one value is followed; rules between fields (`if`, `allOf`, `not required`) are
 * kept by throwing away what breaks them.
 */
export function schemaArbitrary(schema: JsonObject, checker: SchemaChecker): fc.Arbitrary<Json> {
  const named = fc.letrec<Record<string, Json>>((tie) =>
    Object.fromEntries(Object.entries(checker.definitions).map(([name, one]) => [name, arbitraryOf(one, tie)])),
  );
  const name = nameOf(schema);
  const values = name === undefined ? arbitraryOf(schema, (other) => required(named[other], other)) : required(named[name], name);
  return values.filter((value) => checker.accepts(schema, value));
}

type Tie = (name: string) => fc.Arbitrary<Json>;

function required(found: fc.Arbitrary<Json> | undefined, name: string): fc.Arbitrary<Json> {
  if (found === undefined) throw new Error(`no schema is called ${name}`);
  return found;
}

function arbitraryOf(schema: Json | undefined, tie: Tie): fc.Arbitrary<Json> {
  if (!isJsonObject(schema)) return json;
  const name = nameOf(schema);
  if (name !== undefined) return tie(name);
  if (schema['const'] !== undefined) return fc.constant(schema['const']);
  const { enum: words, anyOf, oneOf, type } = schema;
  if (isList(words)) return fc.constantFrom(...words);
  const choices = anyOf ?? oneOf;
  if (isList(choices)) return fc.oneof({ depthSize: 'small' }, ...choices.map((choice) => arbitraryOf(choice, tie)));
  if (isList(type)) return fc.oneof({ depthSize: 'small' }, ...type.map((one) => ofType(one, schema, tie)));
  return ofType(type, schema, tie);
}

function ofType(type: Json | undefined, schema: JsonObject, tie: Tie): fc.Arbitrary<Json> {
  if (type === undefined) return json;
  const make = typeof type === 'string' ? makers[type] : undefined;
  if (make === undefined) throw new Error(`no values are made of the type ${JSON.stringify(type)}`);
  return make(schema, tie);
}

const makers: Readonly<Record<string, (schema: JsonObject, tie: Tie) => fc.Arbitrary<Json>>> = {
  string: strings,
  integer: integers,
  number: numbers,
  boolean: () => fc.boolean(),
  null: () => fc.constant(null),
  array: arrays,
  object: objects,
};

function strings({ pattern, minLength, maxLength, not, format }: JsonObject): fc.Arbitrary<Json> {
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern));
  if (format === 'date-time') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  const least = numberOr(minLength, 0);
  const most = numberOr(maxLength, 1_000_000);
  const any = fc.oneof(text, fc.constant('')).filter((one) => one.length >= least && one.length <= most);
  return isJsonObject(not)
    ? any.filter((one) => one !== not['const'] && !(isList(not['enum']) && not['enum'].includes(one)))
    : any;
}

function integers({ minimum, maximum }: JsonObject): fc.Arbitrary<Json> {
  const min = numberOr(minimum, Number.MIN_SAFE_INTEGER);
  const max = numberOr(maximum, Number.MAX_SAFE_INTEGER);
  return fc.oneof(fc.integer({ min, max: Math.min(max, Math.max(min, 0) + 1000) }), fc.constantFrom(min, max));
}

function numbers({ minimum, maximum, exclusiveMinimum }: JsonObject): fc.Arbitrary<Json> {
  const above = typeof exclusiveMinimum === 'number' ? { min: exclusiveMinimum, minExcluded: true } : {};
  const from = typeof minimum === 'number' ? { min: minimum } : {};
  const to = typeof maximum === 'number' ? { max: maximum } : {};
  // JSON has no negative zero.
  return fc.double({ ...above, ...from, ...to, noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
}

function arrays({ items, minItems, maxItems }: JsonObject, tie: Tie): fc.Arbitrary<Json> {
  const minLength = numberOr(minItems, 0);
  const maxLength = Math.min(numberOr(maxItems, Number.MAX_SAFE_INTEGER), minLength + mostItems);
  return fc.array(arbitraryOf(items, tie), { minLength, maxLength, depthIdentifier: 'schema' });
}

function objects(schema: JsonObject, tie: Tie): fc.Arbitrary<Json> {
  const { properties, additionalProperties, propertyNames } = schema;
  if (!isJsonObject(properties)) {
    return isJsonObject(additionalProperties) ? maps(additionalProperties, propertyNames, tie) : jsonObject;
  }
  const needed = isList(schema['required']) ? schema['required'] : [];
  const made = Object.entries(properties).map(([name, one]) => ({ name, arbitrary: arbitraryOf(one, tie) }));
  const always = made.filter(({ name }) => needed.includes(name));
  const others = made.filter(({ name }) => !needed.includes(name));
  return fc.subarray(others, { maxLength: Math.min(mostOptional, others.length) }).chain((chosen) =>
    fc.record(Object.fromEntries([...always, ...chosen].map(({ name, arbitrary }) => [name, arbitrary])), {
      noNullPrototype: true,
    }),
  );
}

function maps(values: JsonObject, names: Json | undefined, tie: Tie): fc.Arbitrary<Json> {
  const pattern = isJsonObject(names) ? names['pattern'] : undefined;
  const keys = typeof pattern === 'string' ? fc.stringMatching(new RegExp(pattern)) : fc.stringMatching(/^[a-z]{1,8}$/);
  return fc.dictionary(keys, arbitraryOf(values, tie), { maxKeys: 2 }).map((map) => ({ ...map }));
}

function numberOr(value: Json | undefined, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
