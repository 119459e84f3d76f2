import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../model/json.ts';
import { jsonObjectGrammar, jsonSchemaGrammar, unenforcedKeywords } from './json-schema-grammar.ts';
import { startGrammarEngine, type GrammarEngine } from './grammar-engine.test-support.ts';

let engine: GrammarEngine;

beforeAll(async () => {
  engine = await startGrammarEngine();
});

afterAll(async () => {
  await engine.dispose();
});

const acceptor = (grammar: string): Promise<(text: string) => boolean> => engine.acceptor(grammar);

const city = { type: 'string', maxLength: 8 } as const;

describe.each<[name: string, schema: JsonObject, accepted: readonly string[], rejected: readonly string[]]>([
  ['a string', { type: 'string' }, ['""', '"a\\u00e9\\n\\"é😀"'], ['a', '"a', '"\n"', '"\\ud800"', '"\\x"', '"a" ', ' "a"']],
  ['lengths', { type: 'string', minLength: 1, maxLength: 2 }, ['"a"', '"😀😀"', '"\\u00e9b"'], ['""', '"abc"']],
  ['a number', { type: 'number' }, ['0', '-1.5', '1e5', '2.5E-3'], ['01', '1.', '.5', '+1', 'NaN', '1e1000']],
  ['a number from zero', { type: 'number', minimum: 0 }, ['0.5'], ['-0.5']],
  ['an integer', { type: 'integer' }, ['0', '-17', '9007199254740991'], ['1.0', '01', '1e3']],
  [
    'a range',
    { type: 'integer', minimum: -12, maximum: 305 },
    ['-12', '-9', '0', '99', '100', '299', '305'],
    ['-13', '306', '1000', '007', '-0', '-20'],
  ],
  ['an open range', { type: 'integer', exclusiveMinimum: 17.5 }, ['18', '20', '199', '123456789012'], ['17', '1', '-18', '0']],
  ['an open range below', { type: 'integer', exclusiveMaximum: -3 }, ['-4', '-10', '-399'], ['-3', '3', '0', '-1']],
  [
    'a large range',
    { type: 'integer', minimum: 1_700_000_000_000_000_000 },
    ['1700000000000000000', '99999999999999999999'],
    ['17', '1699999999999999999'],
  ],
  ['constants', { enum: ['a"b', 1, null, { a: [true] }] }, ['"a\\"b"', '1', 'null', '{"a":[true]}'], ['"a"', '2']],
  ['constants of a type', { type: ['string', 'null'], enum: ['a', 1, null] }, ['"a"', 'null'], ['1']],
  ['one constant', { const: 'x' }, ['"x"'], ['"y"', 'x']],
  ['several types', { type: ['integer', 'boolean'] }, ['1', 'true', 'false'], ['"a"', 'null']],
  ['nullable', { type: 'string', nullable: true }, ['"a"', 'null'], ['1']],
  [
    'required and optional properties',
    { type: 'object', properties: { a: { type: 'null' }, b: { type: 'null' }, c: { type: 'null' } }, required: ['b'] },
    ['{"b":null}', '{"a":null,"b":null}', '{ "b": null, "c": null }', '{\n  "a": null,\n  "b": null,\n  "c": null\n}'],
    ['{}', '{"a":null}', '{"b":null,"a":null}', '{"b":null,}', '{,"b":null}', '{"b":null,"x":1}', '{"b":null}\n', '{  "b":null}'],
  ],
  [
    'no properties but optional ones',
    { properties: { a: { type: 'null' } } },
    ['{}', '{"a":null}'],
    ['{"a":null,"a":null}', '1'],
  ],
  [
    'further properties by a schema',
    { type: 'object', properties: { ab: { type: 'null' } }, additionalProperties: { type: 'integer' } },
    ['{}', '{"ab":null}', '{"a":1}', '{"ab":null,"abc":1,"b":2}', '{"":1}'],
    ['{"ab":1}', '{"x":null}', '{"x":1,"ab":null}'],
  ],
  ['any object', { type: 'object' }, ['{}', '{"a":[1,{"b":null}]}'], ['[]', '{a:1}']],
  ['an object that may not grow', { type: 'object', additionalProperties: false }, ['{}'], ['{"a":1}']],
  [
    'a required property that is not declared',
    { type: 'object', required: ['a'] },
    ['{"a":1}', '{"a":1,"b":2}'],
    ['{}', '{"b":2}'],
  ],
  [
    'a count of properties',
    { type: 'object', minProperties: 1, maxProperties: 2 },
    ['{"a":1}', '{"a":1,"b":2}'],
    ['{}', '{"a":1,"b":2,"c":3}'],
  ],
  ['a list', { type: 'array', items: { type: 'integer' } }, ['[]', '[1]', '[1, 2,3]'], ['[1,]', '["a"]', '[1 2]']],
  [
    'a list with bounds',
    { items: { type: 'integer' }, minItems: 2, maxItems: 3 },
    ['[1,2]', '[1,2,3]'],
    ['[]', '[1]', '[1,2,3,4]'],
  ],
  ['an empty list', { type: 'array', maxItems: 0 }, ['[]', '[ ]'], ['[1]']],
  [
    'positions',
    { prefixItems: [{ type: 'string' }, { type: 'integer' }], items: false, minItems: 1 },
    ['["a"]', '["a",1]'],
    ['[]', '[1]', '["a",1,2]'],
  ],
  [
    'positions and more',
    { prefixItems: [{ type: 'string' }], items: { type: 'null' }, minItems: 2, maxItems: 3 },
    ['["a",null]', '["a",null,null]'],
    ['["a"]', '["a",null,null,null]'],
  ],
  [
    'positions, draft 7',
    { items: [{ type: 'string' }], additionalItems: { type: 'null' } },
    ['[]', '["a",null,null]'],
    ['[null]', '["a",1]'],
  ],
  ['anyOf', { anyOf: [{ type: 'null' }, city] }, ['null', '"Oslo"'], ['1', '"Copenhagen"']],
  [
    'anyOf beside properties',
    {
      type: 'object',
      properties: { a: { type: 'null' }, b: { type: 'null' } },
      anyOf: [{ required: ['a'] }, { required: ['b'] }],
    },
    ['{"a":null}', '{"b":null}', '{"a":null,"b":null}'],
    ['{}'],
  ],
  [
    'allOf of objects',
    {
      allOf: [
        { properties: { a: { type: 'integer' } }, required: ['a'] },
        { properties: { a: { maximum: 5, minimum: 0 }, b: { type: 'null' } } },
      ],
    },
    ['{"a":5}', '{"a":0,"b":null}'],
    ['{"a":6}', '{"b":null}', '{}'],
  ],
  [
    'allOf with a closed side',
    { allOf: [{ properties: { a: true }, additionalProperties: false }, { properties: { b: true } }] },
    ['{}', '{"a":1}'],
    ['{"b":1}'],
  ],
  [
    'references',
    {
      properties: { home: { $ref: '#/$defs/place' }, work: { $ref: '#/definitions/p~1q' } },
      required: ['home'],
      $defs: { place: city },
      definitions: { 'p/q': { type: 'null' } },
    },
    ['{"home":"Oslo"}', '{"home":"Oslo","work":null}'],
    ['{"home":1}'],
  ],
  [
    'recursion',
    { type: 'object', properties: { name: city, children: { type: 'array', items: { $ref: '#' } } }, required: ['name'] },
    ['{"name":"a"}', '{"name":"a","children":[{"name":"b","children":[]}]}'],
    ['{"children":[]}', '{"name":"a","children":[{}]}'],
  ],
  [
    'a branch that never ends, left out',
    {
      $defs: { a: { properties: { a: { $ref: '#/$defs/a' } }, required: ['a'] } },
      anyOf: [{ $ref: '#/$defs/a' }, { type: 'null' }],
    },
    ['null'],
    ['{"a":null}', '{'],
  ],
  ['anything', {}, ['1', '"a"', '[]', '{"a":null}', 'true'], ['', 'x']],
  ['boolean schemas', { properties: { a: true, b: false } }, ['{}', '{"a":[1]}'], ['{"b":1}', '{"a":1,"b":1}']],
  [
    'a date',
    { type: 'string', format: 'date' },
    ['"2026-02-28"', '"2024-12-31"'],
    ['"2026-02-30"', '"2026-13-01"', '"2026-04-31"', '"26-1-1"'],
  ],
  [
    'a time',
    { type: 'string', format: 'date-time' },
    ['"2026-01-01T23:59:59Z"', '"2026-01-01T00:00:00.5+02:00"'],
    ['"2026-01-01"', '"2026-01-01T24:00:00Z"'],
  ],
  ['a uuid', { type: 'string', format: 'uuid' }, ['"01234567-89ab-cdef-0123-456789abcdef"'], ['"0123"']],
  [
    'a pattern',
    { type: 'string', pattern: '^[A-Z]{2,3}-\\d+(?:\\.(a|b))?$' },
    ['"AB-1"', '"ABC-12.a"'],
    ['"A-1"', '"AB-1.c"', '"xAB-1"', '"AB-1x"'],
  ],
  ['a pattern without anchors', { type: 'string', pattern: 'b+' }, ['"b"', '"abba"'], ['"a"', '""']],
  [
    'a pattern of quotes and classes',
    { type: 'string', pattern: '^[^a\\s]["\\\\\\n]\\w\\.$' },
    ['"b\\"c."', '"é\\\\_."', '"b\\n9."'],
    ['"a\\"c."', '"b"c."', '"b\\"cc"'],
  ],
  ['an optional pattern piece', { type: 'string', pattern: '^(foo|bar)*$' }, ['""', '"foobar"'], ['"fo"']],
])('%s', (_, schema, accepted, rejected) => {
  it('takes what is valid and nothing else', async () => {
    const accepts = await acceptor(jsonSchemaGrammar(schema, 'schema'));
    expect(accepted.filter((text) => !accepts(text))).toEqual([]);
    expect(rejected.filter((text) => accepts(text))).toEqual([]);
  });
});

it('leaves out a branch that never ends, so that no model is caught in it', () => {
  const endless: JsonObject = { properties: { a: { $ref: '#/$defs/a' } }, required: ['a'] };
  const grammar = jsonSchemaGrammar({ $defs: { a: endless }, anyOf: [{ $ref: '#/$defs/a' }, { type: 'null' }] }, 'at');
  expect(grammar).toBe('root ::= null\nnull ::= "null"\n');
});

it('json_object takes any object, and nothing but an object', async () => {
  const accepts = await acceptor(jsonObjectGrammar());
  for (const text of ['{}', '{"a": [1, "x", {"b": null}], "c": -1.5e3}', '{\n  "a": true\n}']) expect(accepts(text)).toBe(true);
  for (const text of ['[]', '"a"', '{"a"}', '{"a":1}}', '{} ', '{   }', '{\n\n\n}']) expect(accepts(text)).toBe(false);
});

function nested(depth: number): JsonObject {
  let schema: JsonObject = { type: 'null' };
  for (let level = 0; level < depth; level++) schema = { type: 'array', items: schema };
  return schema;
}

function doubling(depth: number, last: Json): JsonObject {
  const steps = Array.from({ length: depth }, (_, level): [string, Json] => {
    const next = level === depth - 1 ? last : { $ref: `#/$defs/d${level + 1}` };
    return [`d${level}`, { title: 't', type: 'null', anyOf: [next, next] }];
  });
  return { $ref: '#/$defs/d0', type: 'null', $defs: Object.fromEntries(steps) };
}

describe('what cannot be compiled', () => {
  it.each<[name: string, schema: JsonObject, param: string]>([
    ['a reference to nothing', { properties: { a: { $ref: '#/$defs/b' } } }, 'at.properties.a.$ref'],
    ['a reference to elsewhere', { $ref: 'https://example.com/schema' }, 'at.$ref'],
    ['a reference to itself', { $ref: '#' }, 'at.$ref'],
    [
      'references in a circle',
      { $ref: '#/$defs/a', $defs: { a: { anyOf: [{ $ref: '#/$defs/a' }, { type: 'null' }] } } },
      'at.$ref.anyOf[0].$ref',
    ],
    ['a circle beside other words', { type: 'object', $ref: '#' }, `at${'.$ref'.repeat(65)}`],
    ['a value that never ends', { properties: { a: { $ref: '#' } }, required: ['a'] }, 'at'],
    ['an unknown type', { type: 'text' }, 'at.type'],
    [
      'types that exclude each other',
      { properties: { a: { allOf: [{ type: 'string' }, { type: 'null' }] } }, required: ['a'] },
      'at.properties.a',
    ],
    ['constants of another type', { type: 'string', enum: [1] }, 'at'],
    ['a required property that may not be', { type: 'object', properties: { a: false }, required: ['a'] }, 'at.properties.a'],
    ['bounds that cross', { type: 'integer', minimum: 2, maximum: 1 }, 'at'],
    ['lengths that cross', { type: 'string', minLength: 2, maxLength: 1 }, 'at.minLength'],
    ['no schema in a property', { properties: { a: 5 } }, 'at.properties.a'],
    ['a list for properties', { properties: [] }, 'at.properties'],
    ['a word for required', { type: 'object', required: 'a' }, 'at.required'],
    ['a negative length', { type: 'string', minLength: -1 }, 'at.minLength'],
    ['half a count', { type: 'array', maxItems: 1.5 }, 'at.maxItems'],
    ['no regular expression', { type: 'string', pattern: '(' }, 'at.pattern'],
    ['no branches', { anyOf: [] }, 'at.anyOf'],
    ['too deep a nesting', nested(65), `at${'.items'.repeat(65)}`],
    ['too many values', { enum: Array.from({ length: 2_001 }, (_, number) => number) }, 'at.enum'],
    ['too many items', { type: 'array', minItems: 1_000_000 }, 'at.minItems'],
  ])('%s is invalid_schema with its path', (_, schema, param) => {
    expect(() => jsonSchemaGrammar(schema, 'at')).toThrow(expect.objectContaining({ code: 'invalid_schema', param }));
  });

  it.each([
    ['to many alternatives', doubling(30, { type: 'null' })],
    ['to none', doubling(30, false)],
  ])('a schema of a few lines that unfolds %s ends soon', (_, schema) => {
    expect(() => jsonSchemaGrammar(schema, 'at')).toThrow(expect.objectContaining({ code: 'invalid_schema' }));
  });
});

describe('what is left out', () => {
  it.each<[schema: JsonObject, keywords: readonly string[]]>([
    [{ type: 'object', properties: { a: { type: 'integer', multipleOf: 5, minimum: 0 } } }, ['multipleOf']],
    [{ type: 'array', items: { not: { type: 'null' }, type: 'string' }, uniqueItems: true }, ['not', 'uniqueItems']],
    [{ type: 'string', pattern: '^(?=a).*$' }, ['pattern']],
    [{ type: 'string', pattern: '^a+$', maxLength: 3 }, ['maxLength']],
    [{ type: 'string', maxLength: 100_000 }, ['maxLength']],
    [{ type: 'string', format: 'email' }, ['format']],
    [{ type: 'number', minimum: 1 }, ['minimum']],
    [{ oneOf: [{ type: 'string' }, { type: 'string', maxLength: 1 }] }, ['oneOf']],
    [{ oneOf: [{ type: 'string' }, { type: 'null' }] }, []],
    [
      {
        oneOf: [{ $ref: '#/$defs/a' }, { $ref: '#/$defs/b' }],
        $defs: {
          a: { properties: { kind: { const: 'a' } }, required: ['kind'] },
          b: { properties: { kind: { const: 'b' } }, required: ['kind'] },
        },
      },
      [],
    ],
    [{ type: 'object', properties: { a: { type: 'string' } }, required: ['a'], title: 't', description: 'd' }, []],
  ])('%j: %j', async (schema, keywords) => {
    expect(unenforcedKeywords(schema)).toEqual(keywords);
    expect(await acceptor(jsonSchemaGrammar(schema, 'at'))).toBeTypeOf('function');
  });
});
