import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import { json } from '../../../tests/support/arbitraries/basics.ts';
import { responsesRequest } from '../../../tests/support/arbitraries/responses-wire.ts';
import { fuzzRuns, lawRuns } from '../../../tests/support/arbitraries/fuzz-runs.ts';
import { openaiResponses } from './openai-responses.ts';

const { readRequest } = openaiResponses.server;
const { writeRequest, streamReader, readAnswer, readFault } = openaiResponses.client;

describe('write after read', () => {
  test('is the body itself where it was in normal form, unknown fields at every level included', () => {
    fc.assert(
      fc.property(responsesRequest, (body) => {
        const written = writeRequest(readRequest(body));
        expect(sorted(written.body)).toEqual(sorted(body));
        expect(written.notices).toEqual([]);
      }),
      { numRuns: lawRuns * 2 },
    );
  });

  test.each<[string, JsonObject, JsonObject]>([
    [
      'null options',
      { temperature: null, tools: null, text: null, reasoning: null, stream: null, include: null, instructions: null },
      {},
    ],
    ['empty instructions', { instructions: '' }, {}],
    ["Alibaba's switch", { enable_thinking: false }, { reasoning: { enabled: false } }],
    [
      'a budget of thinking',
      { thinking_budget: 9, reasoning: { effort: 'low', summary: 'auto' } },
      { reasoning: { effort: 'low', max_tokens: 9, summary: 'auto' } },
    ],
    [
      'built-in tools',
      { tools: [{ type: 'web_search' }, { type: 'function', name: 'f' }] },
      { tools: [{ type: 'function', name: 'f' }, { type: 'web_search' }] },
    ],
    ['a wish of seed 002', { tool_web_search: true }, { tools: [{ type: 'web_search' }] }],
    [
      'a built-in tool before one that has more to say',
      { tools: [{ type: 'web_search' }, { type: 'custom', name: 'c' }] },
      { tools: [{ type: 'web_search' }, { type: 'custom', name: 'c' }] },
    ],
    [
      'log probabilities before other wishes',
      { include: ['message.output_text.logprobs', 'code_interpreter_call.outputs'], top_logprobs: 2 },
      { include: ['code_interpreter_call.outputs', 'message.output_text.logprobs'], top_logprobs: 2 },
    ],
  ])('brings %s into normal form', (_, given, normal) => {
    const said = { model: 'm', input: 'hi' };
    expect(writeRequest(readRequest({ ...said, ...given })).body).toEqual({ ...said, ...normal });
  });

  test.each<[string, JsonObject, JsonObject]>([
    [
      'a message without a type',
      { role: 'user', content: 'hi', id: 'a' },
      { type: 'message', role: 'user', content: 'hi', id: 'a' },
    ],
    [
      'one text part',
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }], id: 'a', status: 'completed' },
      { type: 'message', role: 'user', content: 'hi', id: 'a' },
    ],
    [
      'a string of the model',
      { role: 'assistant', content: 'hi' },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'hi' }] },
    ],
    [
      'an answer as it was given',
      {
        type: 'message',
        id: 'msg_1',
        status: 'completed',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'hi', annotations: [], logprobs: [] }],
      },
      { type: 'message', role: 'assistant', id: 'msg_1', content: [{ type: 'output_text', text: 'hi' }] },
    ],
    [
      'a call as it was given',
      { type: 'function_call', id: 'fc_1', call_id: 'c', name: 'f', arguments: '{}', status: 'completed' },
      { type: 'function_call', id: 'fc_1', call_id: 'c', name: 'f', arguments: '{}' },
    ],
    ['a reference without a type', { id: 'msg_1' }, { id: 'msg_1' }],
    [
      'a message of the model without content',
      { type: 'message', role: 'assistant', content: [], id: 'msg_1' },
      { type: 'message', role: 'assistant', content: [], id: 'msg_1' },
    ],
    [
      'a thought without words',
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: null },
      { type: 'reasoning', id: 'rs_1', summary: [] },
    ],
    [
      'an item that was wrapped for the clients',
      {
        type: 'mcp_call',
        id: 'i',
        server_label: 'flashmux.item',
        name: 'web_extractor_call',
        arguments: '{"type":"web_extractor_call","urls":["u"]}',
      },
      { type: 'web_extractor_call', urls: ['u'] },
    ],
  ])('brings %s into normal form', (_, given, normal) => {
    expect(writeRequest(readRequest({ model: 'm', input: [given] })).body['input']).toEqual([normal]);
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
      fc.property(responsesRequest, fc.infiniteStream(fc.nat()), mutation, (body, dice, value) => {
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
    refusedOrRead(() => readRequest({ model: 'm', input: [{ role: 'user', content: 'hi', x: deep }], y: deep, stop: deep }));
    expect(writeRequest(readRequest({ model: 'm', input: 'hi', y: deep })).body['y']).toBe(deep);
  });
});

/** Words of the wire in places where they may not belong, so that the readers get past their first guards. */
const known = fc.constantFrom<Json[]>('content', 'stop', '', 0, -1, 0.5, 1e308, 2 ** 60, true, null, [], {}, [null], [{}], {
  type: 'text',
});
const mutation: fc.Arbitrary<Json> = fc.oneof(known, json);
const part = fc.record({
  type: fc.constantFrom('output_text', 'refusal', 'summary_text', 'reasoning_text', 'x'),
  text: mutation,
  refusal: mutation,
  annotations: fc.oneof(
    mutation,
    fc.constant<Json>([{ type: 'url_citation', url: 'u', start_index: 0, end_index: 1 }, { type: 'x' }]),
  ),
  logprobs: mutation,
});
const item = fc.record({
  type: fc.constantFrom('message', 'reasoning', 'function_call', 'web_search_call', 'x'),
  id: mutation,
  call_id: mutation,
  name: mutation,
  arguments: mutation,
  content: fc.oneof(mutation, fc.array(part, { maxLength: 2 })),
  summary: fc.oneof(mutation, fc.array(part, { maxLength: 2 })),
  encrypted_content: mutation,
});
const response = fc.record({
  id: mutation,
  status: fc.constantFrom<Json[]>('completed', 'incomplete', 'cancelled', null, 3),
  output: fc.oneof(mutation, fc.array(item, { maxLength: 2 })),
  usage: mutation,
  notices: mutation,
  error: fc.constant(null),
  incomplete_details: fc.constantFrom<Json[]>(null, { reason: 'x' }, {}, 1),
});
const types = [
  'response.created',
  'response.output_item.added',
  'response.output_item.done',
  'response.content_part.added',
  'response.content_part.done',
  'response.output_text.delta',
  'response.output_text.done',
  'response.output_text.annotation.added',
  'response.refusal.delta',
  'response.reasoning_summary_part.added',
  'response.reasoning_summary_text.delta',
  'response.reasoning_text.delta',
  'response.function_call_arguments.delta',
  'response.completed',
  'response.unheard_of',
];
const placed = fc.constantFrom<Json[]>(0, 1, -1, 1e9, null, 'a');
const event: fc.Arbitrary<Json> = fc
  .record({
    type: fc.constantFrom(...types),
    output_index: placed,
    content_index: placed,
    summary_index: placed,
    item,
    part,
    response,
    delta: mutation,
    text: mutation,
    annotation: mutation,
    logprobs: mutation,
  })
  .map((value): Json => JSON.parse(JSON.stringify(value)));
const chunk = fc.oneof(
  event,
  response.map((value): Json => JSON.parse(JSON.stringify(value))),
);

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
