import fc from 'fast-check';
import type { Json, JsonObject } from '../../../src/model/json.ts';
import type { Carry, ProtocolName } from '../../../src/model/protocol.ts';

/** Any JSON of modest size, keys such as `__proto__` included. */
export const json: fc.Arbitrary<Json> = fc.jsonValue({ maxDepth: 2 }).map(asJson);

export const jsonObject: fc.Arbitrary<JsonObject> = fc.dictionary(fc.string(), json, { maxKeys: 3 }).map(plain);

/** Text with the characters that break wires: line ends, quotes, several bytes a character. Never empty. */
export const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  fc.string({ minLength: 1, maxLength: 20 }),
  fc.constantFrom('a\r\nb', '\n', '"\\', '</think>', 'data: [DONE]', '日本語 🙂', ' '),
);

export const word: fc.Arbitrary<string> = fc.stringMatching(/^[a-zA-Z0-9_-]{1,12}$/);

/** Fields under keys that no protocol knows. Values are never null, which some wires take for "not said". */
export const unknownFields: fc.Arbitrary<JsonObject> = fc
  .dictionary(
    fc.stringMatching(/^x_[a-z]{1,6}$/),
    json.filter((value) => value !== null),
    { minKeys: 1, maxKeys: 2 },
  )
  .map(plain);

export function carry(protocol: fc.Arbitrary<ProtocolName>): fc.Arbitrary<Carry> {
  return fc.record({ protocol, fields: unknownFields });
}

/** Makes each key optional: absent in some cases, never undefined. */
export function optional<T extends object>(fields: { [Key in keyof T]: fc.Arbitrary<T[Key]> }): fc.Arbitrary<Partial<T>>;
export function optional(fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<object> {
  // With a prototype, because `toEqual` tells objects without one apart.
  return fc.record(fields, { requiredKeys: [], noNullPrototype: true });
}

function plain(value: { readonly [key: string]: Json }): JsonObject {
  return { ...value };
}

function asJson(value: unknown): Json {
  const parsed: Json = JSON.parse(JSON.stringify(value));
  return parsed;
}
