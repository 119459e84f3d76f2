import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../model/json.ts';
import { CompiledSchemas, schemaLimits } from './compiled-schemas.ts';

const person: JsonObject = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' }, pet: { enum: ['cat', 'dog'] } },
  required: ['name'],
  additionalProperties: false,
};

function verdict(schema: JsonObject, value: Json, schemas = new CompiledSchemas()): unknown {
  return schemas.verdict(JSON.stringify(schema), JSON.stringify(value));
}

/** Each definition needs the next one twice, so that a value is checked 2^26 times. */
const doubling: JsonObject = Object.fromEntries(
  Array.from({ length: 26 }, (_, level) => {
    const next = { $ref: `#/$defs/d${level + 1}` };
    return [`d${level}`, level === 25 ? { type: 'object' } : { properties: { a: {} }, allOf: [next, next] }];
  }),
);

describe('schemas of callers', () => {
  it('a value that fits, fits', () => {
    expect(verdict(person, { name: 'a', age: 3, pet: 'dog' })).toEqual({ kind: 'fits' });
  });

  it('every mistake is told in a sentence with its place', () => {
    const complaint = '/age must be integer. /pet must be equal to one of the allowed values: ["cat","dog"].';
    expect(verdict(person, { name: 'a', age: 1.5, pet: 'cow' })).toEqual({ kind: 'misfit', complaint });
    expect(verdict(person, { b: 1 })).toEqual({
      kind: 'misfit',
      complaint: 'The value must have required property \'name\'. The value must NOT have additional properties: "b".',
    });
  });

  it('what is said of many mistakes stays short', () => {
    const told = verdict(
      { type: 'array', items: { type: 'null' } },
      Array.from({ length: 5_000 }, () => 1),
    );
    expect(told).toMatchObject({ kind: 'misfit', complaint: expect.stringMatching(/^\/0 must be null\.(.*) And 44 more\.$/) });
  });

  it.each<readonly [name: string, schema: JsonObject, fits: Json, misfit: Json]>([
    [
      'draft 2020-12, named',
      { $schema: 'https://json-schema.org/draft/2020-12/schema', prefixItems: [{ type: 'null' }] },
      [null],
      [1],
    ],
    ['draft 7, named', { $schema: 'http://json-schema.org/draft-07/schema#', items: [{ type: 'null' }] }, [null], [1]],
    ['draft 7, by its words', { items: [{ type: 'null' }], additionalItems: false }, [null], [null, 1]],
    ['a dialect that nobody knows', { $schema: 'https://example.com/mine', type: 'null' }, null, 1],
    ['unknown words and formats', { type: 'string', format: 'colour', mood: 'good' }, 'x', 1],
    ['a known format', { type: 'string', format: 'date' }, '2024-02-29', '2023-02-29'],
    ['a format with a function', { type: 'string', format: 'ipv6' }, '::1', '1.2.3.4'],
    ['a format with a pattern', { type: 'string', format: 'ipv4' }, '1.20.255.0', '1.2.3.256'],
    ['references', { $ref: '#/$defs/a', $defs: { a: { type: 'null' } } }, null, 1],
    [
      'a name of its own',
      { $id: 'https://example.com/a', properties: { a: { $ref: '#' } }, type: 'object' },
      { a: {} },
      { a: 1 },
    ],
  ])('%s', (_, schema, fits, misfit) => {
    expect([verdict(schema, fits), verdict(schema, misfit)]).toEqual([
      { kind: 'fits' },
      expect.objectContaining({ kind: 'misfit' }),
    ]);
  });

  it.each<readonly [name: string, schema: JsonObject, complaint: RegExp]>([
    ['a reference to another document', { $ref: 'https://example.com/a.json' }, /can't resolve reference/i],
    ['a reference to nothing', { $ref: '#/$defs/none' }, /can't resolve reference/i],
    ['an unknown type', { type: 'text' }, /schema\/type must be/i],
    ['a limit that is no number', { maxLength: 'x' }, /schema\/maxLength must be integer/i],
    ['a pattern that is none', { pattern: '(' }, /Invalid regular expression/],
  ])('are refused with the reason: %s', (_, schema, complaint) => {
    expect(verdict(schema, null)).toEqual({ kind: 'bad-schema', complaint: expect.stringMatching(complaint) });
  });

  it('a name in one schema means nothing in another', () => {
    const schemas = new CompiledSchemas();
    expect(verdict({ $id: 'https://example.com/a', type: 'null' }, null, schemas)).toEqual({ kind: 'fits' });
    expect(verdict({ $id: 'https://example.com/a', type: 'string' }, 'a', schemas)).toEqual({ kind: 'fits' });
    expect(verdict({ $ref: 'https://example.com/a' }, 'a', schemas)).toMatchObject({ kind: 'bad-schema' });
  });

  it.each<readonly [name: string, schema: JsonObject, value: Json]>([
    ['a pattern that backtracks', { pattern: '^(a+)+$' }, `${'a'.repeat(60)}b`],
    ['references that double', { $defs: doubling, $ref: '#/$defs/d0' }, {}],
    ['a list whose items are compared', { uniqueItems: true }, Array.from({ length: 60_000 }, (_, at) => ({ at }))],
  ])('a check that would never end is ended: %s', (_, schema, value) => {
    const schemas = new CompiledSchemas({ ...schemaLimits, checkMs: 100 });
    expect(verdict(schema, value, schemas)).toEqual({ kind: 'bad-schema', complaint: expect.stringContaining('within 100 ms') });
    expect(verdict({ type: 'null' }, null, schemas)).toEqual({ kind: 'fits' });
  });

  it('a schema that takes too long to compile is refused', () => {
    const schemas = new CompiledSchemas({ ...schemaLimits, compileMs: 1 });
    const properties = Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`p${at}`, person]));
    expect(verdict({ properties }, null, schemas)).toMatchObject({
      kind: 'bad-schema',
      complaint: expect.stringContaining('too large'),
    });
  });

  it('keeps only so many compiled, and those that are used', () => {
    const schemas = new CompiledSchemas({ ...schemaLimits, keptCharacters: 100 });
    const schema = (at: number): JsonObject => ({ const: `schema number ${at}` });
    for (let at = 0; at < 50; at++) verdict(schema(at), null, schemas);
    expect(schemas.size).toBeLessThan(5);
    expect(verdict(schema(0), 'schema number 0', schemas)).toEqual({ kind: 'fits' });
  });
});
