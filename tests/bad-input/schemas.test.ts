import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/model/json.ts';
import { postChat, shortChat } from '../support/chat-body.ts';
import { faultReply } from '../support/fault-reply.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  // Whatever a schema was, the engine outlived it.
  expect((await server.server.engine.figures()).restarts).toBe(0);
  await server.stop();
});

function nested(levels: number): Json {
  const schema: JsonObject = { type: 'object', required: ['a'], additionalProperties: false };
  return levels === 0 ? { type: 'string' } : { ...schema, properties: { a: nested(levels - 1) } };
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}

const root = 'response_format.json_schema.schema';
const twoWays = { anyOf: [{ properties: { a: { type: 'string' } } }, { properties: { b: { type: 'string' } } }] };
/** Each definition needs the next one twice. */
const doubling = Object.fromEntries(
  range(26).map((level) => [
    `d${level}`,
    level === 25 ? { type: 'string' } : { allOf: [{ $ref: `#/$defs/d${level + 1}` }, { $ref: `#/$defs/d${level + 1}` }] },
  ]),
);

const refused: readonly (readonly [name: string, schema: Json, path: string, message: RegExp])[] = [
  ['a reference to nothing', { $ref: '#/$defs/none' }, `${root}.$ref`, /References look like "#\/\$defs\/name"/],
  ['a reference to another document', { $ref: 'https://example.com/a.json' }, `${root}.$ref`, /References look like/],
  ['a reference to itself', { $ref: '#' }, `${root}.$ref`, /without end/],
  [
    'an object that must hold itself',
    { type: 'object', properties: { a: { $ref: '#' } }, required: ['a'] },
    root,
    /nothing of finite length/i,
  ],
  ['two types at once', { allOf: [{ type: 'string' }, { type: 'number' }] }, root, /Nothing is valid/],
  ['a value of another type', { type: 'string', enum: [1, 2] }, root, /Nothing is valid/],
  ['an empty enum', { enum: [] }, root, /Nothing is valid/],
  ['an empty range', { type: 'integer', minimum: 5, maximum: 3 }, root, /Nothing is valid/],
  ['false', { type: 'object', properties: { a: false }, required: ['a'] }, `${root}.properties.a`, /Nothing is valid/],
  ['an unknown type', { type: 'text' }, `${root}.type`, /must be one of string, number/],
  ['a type that is a number', { type: 5 }, `${root}.type`, /must be one of string, number/],
  ['a pattern that is none', { type: 'string', pattern: '(' }, `${root}.pattern`, /no regular expression/],
  ['too many repetitions', { type: 'string', minLength: 1e6 }, `${root}.minLength`, /at most 2000/],
  ['too many items', { type: 'array', items: {}, minItems: 1e6 }, `${root}.minItems`, /at most 2000/],
  [
    'too many properties',
    { type: 'object', properties: Object.fromEntries(range(3_000).map((each) => [`p${each}`, { type: 'string' }])) },
    `${root}.properties.p1499`,
    /more than 1500 subschemas/,
  ],
  ['too many values', { enum: range(20_000) }, `${root}.enum`, /at most 2000/],
  ['too many ways', { allOf: range(20).map(() => twoWays) }, root, /too many combinations/],
];

function form(schema: Json): JsonObject {
  return { ...shortChat, response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } } };
}

describe('a schema that no grammar can be made of', () => {
  test.each(refused)('%s', async (_, schema, param, message) => {
    const fault = await faultReply(await postChat(server, form(schema)));
    expect(fault).toMatchObject({ status: 400, code: 'invalid_json_schema', param });
    expect(fault.message).toMatch(message);
  });

  test('one that unfolds without end in sight', async () => {
    const fault = await faultReply(await postChat(server, form({ $defs: doubling, $ref: '#/$defs/d0' })));
    expect(fault).toMatchObject({ status: 400, code: 'invalid_json_schema' });
    expect(fault.param).toMatch(/^response_format\.json_schema\.schema\./);
  });

  test('one that is nested deeper than a body may be', async () => {
    const fault = await faultReply(await postChat(server, form(nested(40))));
    expect(fault).toMatchObject({ status: 400, code: 'invalid_json', param: null });
    expect(fault.message).toMatch(/deeper than 64 levels/);
  });

  test.each([
    ['nothing is valid', { type: 'integer', minimum: 5, maximum: 3 }],
    ['a reference to nothing', { $ref: '#/$defs/none' }],
  ])('the parameters of a tool that has to be called: %s', async (_, a) => {
    const parameters = { type: 'object', properties: { a }, required: ['a'] };
    const tools = [{ type: 'function', function: { name: 'f', parameters } }];
    const fault = await faultReply(await postChat(server, { ...shortChat, tools, tool_choice: 'required' }));
    expect(fault).toMatchObject({ status: 400, code: 'invalid_json_schema' });
    expect(fault.param).toMatch(/^tools\b/);
  });
});

describe('a schema that is only odd is held', () => {
  const odd: readonly (readonly [name: string, schema: Json])[] = [
    ['empty', {}],
    ['as deep as a body may be', nested(28)],
    ['recursive with an end', { type: 'object', properties: { next: { anyOf: [{ $ref: '#' }, { type: 'null' }] } } }],
    ['with a look-ahead, which is left to the model', { type: 'string', pattern: '(?=a)b' }],
    ['with huge repetitions inside of each other', { type: 'string', pattern: '((a{1,999}){1,999}){1,999}' }],
    ['with a property called __proto__', JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}}}')],
    ['with 500 properties', { type: 'object', properties: Object.fromEntries(range(500).map((n) => [`p${n}`, {}])) }],
  ];

  test.each(odd)('%s', async (_, schema) => {
    const reply = await postChat(server, form(schema));
    expect([reply.status, await reply.text()]).toEqual([200, expect.stringContaining('"choices"')]);
  });
});
