import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import { json } from '../../../tests/support/arbitraries/basics.ts';
import { fuzzRuns, lawRuns } from '../../../tests/support/arbitraries/fuzz-runs.ts';
import { messagesRequest } from '../../../tests/support/arbitraries/messages-wire.ts';
import { anthropicMessages } from './anthropic-messages.ts';

const { readRequest } = anthropicMessages.server;
const { writeRequest, streamReader, readAnswer, readFault } = anthropicMessages.client;

const said = { model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }] };

describe('write after read', () => {
  test('is the body itself where it was in normal form, unknown fields at every level included', () => {
    fc.assert(
      fc.property(messagesRequest, (body) => {
        const written = writeRequest(readRequest(body));
        expect(sorted(written.body)).toEqual(sorted(body));
        expect(written.notices).toEqual([]);
      }),
      { numRuns: lawRuns * 2 },
    );
  });

  test.each<[string, JsonObject, JsonObject]>([
    ['null options', { temperature: null, stop_sequences: null, tools: null, thinking: null, stream: null, system: null }, {}],
    ['a system prompt of one plain text', { system: [{ type: 'text', text: 'be kind' }] }, { system: 'be kind' }],
    ['no system prompt', { system: '' }, {}],
    [
      'the form of 2025',
      { output_format: { type: 'json_schema', schema: { type: 'object' } } },
      { output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } },
    ],
    [
      'a tool that says it is custom',
      { tools: [{ type: 'custom', name: 'f', input_schema: {} }] },
      { tools: [{ name: 'f', input_schema: {} }] },
    ],
    [
      'a plain server tool, behind the others',
      {
        tools: [
          { type: 'web_search_20250305', name: 'web_search' },
          { name: 'f', input_schema: {} },
        ],
      },
      {
        tools: [
          { name: 'f', input_schema: {} },
          { type: 'web_search_20250305', name: 'web_search' },
        ],
      },
    ],
  ])('brings %s into normal form', (_, given, normal) => {
    expect(writeRequest(readRequest({ ...said, ...given }))).toEqual({ body: { ...said, ...normal }, notices: [] });
  });

  test.each<[string, Json, Json]>([
    ['one text block', [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }], [{ role: 'user', content: 'hi' }]],
    ['no blocks', [{ role: 'user', content: [] }], [{ role: 'user', content: '' }]],
    [
      'empty citations and a null mark',
      [{ role: 'user', content: [{ type: 'text', text: 'hi', citations: [], cache_control: null }] }],
      [{ role: 'user', content: 'hi' }],
    ],
    [
      'a caller that is the model itself',
      [call({ caller: { type: 'direct' } }), result({ content: 'x' })],
      [call({}), result({ content: 'x' })],
    ],
    [
      'a result of one text',
      [call({}), result({ content: [{ type: 'text', text: 'x' }] })],
      [call({}), result({ content: 'x' })],
    ],
    [
      'results of one turn in two messages',
      [
        { role: 'assistant', content: [useOf('a'), useOf('b')] },
        { role: 'user', content: [resultOf('a')] },
        { role: 'user', content: [resultOf('b')] },
      ],
      [
        { role: 'assistant', content: [useOf('a'), useOf('b')] },
        { role: 'user', content: [resultOf('a'), resultOf('b')] },
      ],
    ],
    [
      "a thought with this program's own mark for none",
      [{ role: 'assistant', content: [{ type: 'thinking', thinking: 't', signature: 'flashmux.unsigned' }] }],
      [{ role: 'assistant', content: [{ type: 'thinking', thinking: 't', signature: '' }] }],
    ],
  ])('brings %s into normal form', (_, messages, normal) => {
    expect(writeRequest(readRequest({ ...said, messages })).body['messages']).toEqual(normal);
  });

  test('a first message of the system is the system prompt', () => {
    const messages = [{ role: 'system', content: 'be kind' }, ...said.messages];
    expect(writeRequest(readRequest({ ...said, messages })).body).toEqual({ ...said, system: 'be kind' });
  });
});

function call(fields: JsonObject): JsonObject {
  return { role: 'assistant', content: [{ ...useOf('a'), ...fields }] };
}

function result(fields: JsonObject): JsonObject {
  return { role: 'user', content: [{ ...resultOf('a'), ...fields }] };
}

function useOf(id: string): JsonObject {
  return { type: 'tool_use', id, name: 'f', input: { a: 1 } };
}

function resultOf(id: string): JsonObject {
  return { type: 'tool_result', tool_use_id: id };
}

describe('whatever comes', () => {
  test('a request is read or refused with 400, never anything else', () => {
    fc.assert(
      fc.property(json, (body) => refusedOrRead(() => readRequest(body))),
      { numRuns: fuzzRuns },
    );
  });

  test('a request with one thing changed is read or refused with 400 and the path of a field', () => {
    fc.assert(
      fc.property(messagesRequest, fc.infiniteStream(fc.nat()), mutation, (body, dice, value) => {
        refusedOrRead(() => {
          const again = readRequest(mutated(body, dice, value));
          readRequest(writeRequest(again).body);
        });
      }),
      { numRuns: fuzzRuns },
    );
  });

  test('frames of an upstream give events or a FlashmuxError', () => {
    const frame = fc.record({
      data: fc.oneof(
        fc.string(),
        json.map((value) => JSON.stringify(value)),
        event.map((value) => JSON.stringify(value)),
        event.map((value) => JSON.stringify(value)),
      ),
    });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), (frames) => {
        faultOrDone(() => {
          const reader = streamReader();
          for (const one of frames) reader.read(one);
          reader.end();
        });
      }),
      { numRuns: fuzzRuns },
    );
  });

  test('bodies of an upstream give events, a FlashmuxError, or a fault', () => {
    fc.assert(
      fc.property(fc.oneof(json, message), fc.integer({ min: 0, max: 600 }), (body, status) => {
        faultOrDone(() => readAnswer(body));
        expect(FlashmuxError.is(readFault(status, body))).toBe(true);
        expect(FlashmuxError.is(readFault(status, JSON.stringify(body)))).toBe(true);
      }),
      { numRuns: fuzzRuns },
    );
  });

  test('100,000 levels of nesting are carried or refused', () => {
    const deep: Json = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    refusedOrRead(() => readRequest(deep));
    refusedOrRead(() =>
      readRequest({ ...said, messages: [{ role: 'user', content: 'hi', x: deep }], tools: deep, system: deep }),
    );
    expect(writeRequest(readRequest({ ...said, y: deep })).body['y']).toBe(deep);
    expect(() => readRequest({ ...said, messages: [call({ input: { deep } }), result({})] })).toThrow(/nested less deeply/);
  });
});

/** Words of the wire in places where they may not belong, so that the readers get past their first guards. */
const known = fc.constantFrom<Json[]>('content', 'text', '', 0, -1, 0.5, 1e308, 2 ** 60, true, null, [], {}, [null], [{}], {
  type: 'text',
});
const mutation: fc.Arbitrary<Json> = fc.oneof(known, json);
const blockKeys = [
  'text',
  'thinking',
  'signature',
  'data',
  'id',
  'name',
  'input',
  'caller',
  'citations',
  'partial_json',
  'citation',
  'x',
];
const types = fc.constantFrom<Json[]>('text', 'thinking', 'redacted_thinking', 'tool_use', 'server_tool_use', 'x_block', null, 1);
const block: fc.Arbitrary<Json> = fc
  .tuple(types, fc.dictionary(fc.constantFrom(...blockKeys), mutation))
  .map(([type, fields]): Json => ({ ...fields, type }));
const message: fc.Arbitrary<Json> = fc
  .record({
    id: mutation,
    type: mutation,
    content: fc.oneof(mutation, fc.array(block, { maxLength: 3 })),
    usage: mutation,
    stop_reason: mutation,
  })
  .map(asJson);
const event: fc.Arbitrary<Json> = fc
  .record({
    type: fc.constantFrom(
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
      'ping',
      'x',
    ),
    index: fc.constantFrom<Json[]>(0, 0, 1, -1, 0.5, null, 'a'),
    message,
    content_block: fc.oneof(mutation, block),
    delta: fc.oneof(mutation, block),
    usage: mutation,
    notices: mutation,
  })
  .map(asJson);

function asJson(value: unknown): Json {
  const parsed: Json = JSON.parse(JSON.stringify(value));
  return parsed;
}

function refusedOrRead(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!FlashmuxError.is(error)) throw error;
    expect(error.row.status).toBe(400);
    expect(error.message.length).toBeLessThan(400);
  }
}

function faultOrDone(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!FlashmuxError.is(error)) throw error;
  }
}

/** The body with the value at a random place replaced. */
function mutated(body: Json, dice: Iterator<number>, value: Json): Json {
  const roll = Number(dice.next().value);
  if (Array.isArray(body) && body.length > 0 && roll % 4 !== 0) {
    const at = roll % body.length;
    return body.map((entry: Json, index) => (index === at ? mutated(entry, dice, value) : entry));
  }
  if (!isJsonObject(body) || Object.keys(body).length === 0 || roll % 8 === 0) return value;
  const keys = Object.keys(body);
  const key = keys[roll % keys.length] ?? '';
  return Object.fromEntries(
    Object.entries(body).map(([name, entry]): [string, Json] => [name, name === key ? mutated(entry, dice, value) : entry]),
  );
}

/** With keys as pairs, so that `__proto__` is compared like any other. */
function sorted(value: Json): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  return Object.entries(value)
    .map(([key, entry]): [string, unknown] => [key, sorted(entry)])
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
}
