import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import { json } from '../../../tests/support/arbitraries/basics.ts';
import { chatRequest } from '../../../tests/support/arbitraries/chat-wire.ts';
import { fuzzRuns, lawRuns } from '../../../tests/support/arbitraries/fuzz-runs.ts';
import { openaiChat } from './openai-chat.ts';

const { readRequest } = openaiChat.server;
const { writeRequest, streamReader, readAnswer, readFault } = openaiChat.client;

describe('write after read', () => {
  test('is the body itself where it was in normal form, unknown fields at every level included', () => {
    fc.assert(
      fc.property(chatRequest, (body) => {
        const written = writeRequest(readRequest(body));
        expect(sorted(written.body)).toEqual(sorted(body));
        expect(written.notices).toEqual([]);
      }),
      { numRuns: lawRuns * 2 },
    );
  });

  test.each<[string, JsonObject, JsonObject]>([
    ['null options', { temperature: null, stop: null, tools: null, response_format: null, stream: null, audio: null }, {}],
    ['one stop text', { stop: 'END' }, { stop: ['END'] }],
    ['top_k -1, off at vLLM', { top_k: -1 }, { top_k: 0 }],
    [
      "vLLM's switch",
      { chat_template_kwargs: { enable_thinking: false, x: 1 } },
      { enable_thinking: false, chat_template_kwargs: { x: 1 } },
    ],
    [
      "OpenRouter's reasoning",
      { reasoning: { enabled: true, effort: 'high', max_tokens: 9, exclude: true } },
      { enable_thinking: true, reasoning_effort: 'high', thinking_budget: 9, reasoning: { exclude: true } },
    ],
    [
      'predicted parts',
      {
        prediction: {
          type: 'content',
          content: [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
        },
      },
      { prediction: { type: 'content', content: 'ab' } },
    ],
    [
      'functions of 2023',
      { functions: [{ name: 'f' }], function_call: { name: 'f' } },
      { tools: [{ type: 'function', function: { name: 'f' } }], tool_choice: { type: 'function', function: { name: 'f' } } },
    ],
  ])('brings %s into normal form', (_, given, normal) => {
    const said = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
    expect(writeRequest(readRequest({ ...said, ...given })).body).toEqual({ ...said, ...normal });
  });

  test.each<[string, JsonObject, JsonObject]>([
    ['one text part', { role: 'user', content: [{ type: 'text', text: 'hi' }] }, { role: 'user', content: 'hi' }],
    ['no parts', { role: 'user', content: [] }, { role: 'user', content: '' }],
    [
      'a bare image address',
      { role: 'user', content: [{ type: 'image_url', image_url: 'https://a/b' }] },
      { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://a/b' } }] },
    ],
    [
      'a data URL of sound',
      { role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'data:audio/wav;base64,AAAA', format: 'wav' } }] },
      { role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }] },
    ],
    [
      'a refusal part',
      { role: 'assistant', content: [{ type: 'refusal', refusal: 'no' }] },
      { role: 'assistant', content: null, refusal: 'no' },
    ],
    [
      'the index of a replayed call',
      {
        role: 'assistant',
        content: '',
        tool_calls: [{ index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'assistant', content: null, tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }] },
    ],
    [
      'a replayed thought',
      {
        role: 'assistant',
        content: 'a',
        reasoning: 't',
        reasoning_content: 't',
        reasoning_details: [{ type: 'reasoning.text', text: 't', format: 'unknown', index: 0, id: null, signature: null }],
      },
      { role: 'assistant', content: 'a', reasoning_content: 't' },
    ],
    [
      'a signed thought',
      {
        role: 'assistant',
        content: 'a',
        reasoning: 't',
        reasoning_details: [{ type: 'reasoning.text', text: 't', signature: 's', index: 0 }],
      },
      {
        role: 'assistant',
        content: 'a',
        reasoning_content: 't',
        reasoning_details: [{ index: 0, text: 't', type: 'reasoning.text', signature: 's' }],
      },
    ],
    [
      'an encrypted thought',
      { role: 'assistant', content: 'a', reasoning_details: [{ type: 'reasoning.encrypted', data: 'd', index: 0 }] },
      { role: 'assistant', content: 'a', reasoning_details: [{ index: 0, type: 'reasoning.encrypted', data: 'd' }] },
    ],
    [
      'two thoughts that differ',
      { role: 'assistant', content: 'a', reasoning: 'x', reasoning_content: 't' },
      { role: 'assistant', content: 'a', reasoning_content: 't', reasoning: 'x' },
    ],
  ])('brings %s into normal form', (_, given, normal) => {
    expect(writeRequest(readRequest({ model: 'm', messages: [given] })).body['messages']).toEqual([normal]);
  });

  test('gives a function call of 2023 an id that its result finds', () => {
    const messages = [
      { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
      { role: 'function', name: 'f', content: '1' },
    ];
    expect(writeRequest(readRequest({ model: 'm', messages })).body['messages']).toEqual([
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'call_function_0', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'call_function_0', name: 'f', content: '1' },
    ]);
  });
});

describe('whatever comes', () => {
  test('a request is read or refused with 400, never anything else', () => {
    fc.assert(
      fc.property(json, (body) => refusedOrRead(() => readRequest(body))),
      { numRuns: fuzzRuns },
    );
  });

  test('a request with one thing changed is read or refused with 400 and the path of a field', () => {
    fc.assert(
      fc.property(chatRequest, fc.infiniteStream(fc.nat()), mutation, (body, dice, value) => {
        refusedOrRead(() => {
          const changed = mutated(body, dice, value);
          const again = readRequest(changed);
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
        chunk.map((value) => JSON.stringify(value)),
      ),
    });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), (frames) => {
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
      fc.property(fc.oneof(json, chunk), fc.integer({ min: 0, max: 600 }), (body, status) => {
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
    refusedOrRead(() => readRequest({ model: 'm', messages: [{ role: 'user', content: 'hi', x: deep }], y: deep, stop: deep }));
    expect(writeRequest(readRequest({ model: 'm', messages: [{ role: 'user', content: 'hi' }], y: deep })).body['y']).toBe(deep);
  });
});

/** Words of the wire in places where they may not belong, so that the readers get past their first guards. */
const known = fc.constantFrom<Json[]>('content', 'stop', '', 0, -1, 0.5, 1e308, 2 ** 60, true, null, [], {}, [null], [{}], {
  type: 'text',
});
const mutation: fc.Arbitrary<Json> = fc.oneof(known, json);
const deltaKeys = [
  'role',
  'content',
  'refusal',
  'annotations',
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'tool_calls',
  'function_call',
  'audio',
];
const inner: fc.Arbitrary<Json> = fc.oneof(
  mutation,
  fc.array(
    fc
      .dictionary(
        fc.constantFrom(
          'index',
          'id',
          'type',
          'function',
          'custom',
          'name',
          'arguments',
          'text',
          'signature',
          'format',
          'url_citation',
        ),
        mutation,
      )
      .map((value): Json => ({ ...value })),
    { maxLength: 2 },
  ),
);
const choice = fc.record({
  index: fc.constantFrom<Json[]>(0, 1, -1, 1e9, null, 'a'),
  delta: fc.dictionary(fc.constantFrom(...deltaKeys), inner).map((value): Json => ({ ...value })),
  logprobs: fc.oneof(
    mutation,
    inner.map((content): Json => ({ content })),
  ),
  finish_reason: fc.constantFrom<Json[]>(null, 'stop', 'x', 3),
});
const chunk: fc.Arbitrary<Json> = fc
  .record({ id: mutation, choices: fc.array(choice, { maxLength: 2 }), usage: mutation, notices: inner })
  .map((value): Json => JSON.parse(JSON.stringify(value)));

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
