import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json } from '../../model/json.ts';
import { json } from '../../../tests/support/arbitraries/basics.ts';
import { fuzzRuns, lawRuns } from '../../../tests/support/arbitraries/fuzz-runs.ts';
import { gatewayCall } from '../../../tests/support/arbitraries/gateway-wire.ts';
import { aiGateway } from './ai-gateway.ts';
import { joinCall, splitCall } from './call-headers.ts';

const { readRequest } = aiGateway(4).server;
const { writeRequest, readAnswer, readFault, streamReader } = aiGateway(4).client;

describe('write after read', () => {
  test('is the call itself, unknown fields and other vendors included', () => {
    fc.assert(
      fc.property(gatewayCall, (call) => {
        const { body, notices } = writeRequest(readRequest(call));
        expect(notices).toEqual([]);
        expect(sorted(body)).toEqual(sorted(call));
      }),
      { numRuns: lawRuns },
    );
  });

  test('headers come out of a call and go back into it', () => {
    fc.assert(
      fc.property(gatewayCall, (call) => {
        const { headers, body } = splitCall(call);
        expect(Object.keys(headers)).toEqual(['ai-language-model-id', 'ai-language-model-streaming']);
        expect(sorted(joinCall(body, headers))).toEqual(sorted(call));
      }),
      { numRuns: 100 },
    );
  });

  const forms: readonly (readonly [what: string, given: Json, normal: Json])[] = [
    ['a string as content', 'hi', [{ type: 'text', text: 'hi' }]],
    [
      'a file of specification 3',
      [{ type: 'file', mediaType: 'image/png', data: 'data:image/png;base64,AAAA' }],
      [{ type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AAAA' } }],
    ],
    [
      'an address of specification 3',
      [{ type: 'file', mediaType: 'image/*', data: 'https://example.com/a.png' }],
      [{ type: 'file', mediaType: 'image/png', data: { type: 'url', url: 'https://example.com/a.png' } }],
    ],
    [
      'the family alone as a media type',
      [{ type: 'file', mediaType: 'image', data: { type: 'data', data: 'AAAA' } }],
      [{ type: 'file', mediaType: 'image/*', data: { type: 'data', data: 'AAAA' } }],
    ],
    [
      'a text file',
      [{ type: 'file', mediaType: 'text/plain', data: { type: 'text', text: 'hé' } }],
      [{ type: 'file', mediaType: 'text/plain', data: { type: 'data', data: 'aMOp' } }],
    ],
    [
      "Anthropic's word for a cache mark",
      [{ type: 'text', text: 'x', providerOptions: { anthropic: { cacheControl: { type: 'ephemeral' } } } }],
      [{ type: 'text', text: 'x', providerOptions: { alibaba: { cacheControl: { type: 'ephemeral' } } } }],
    ],
  ];

  test.each(forms)('brings %s into normal form', (_, given, normal) => {
    expect(promptOf([{ role: 'user', content: given }])).toEqual([{ role: 'user', content: normal }]);
  });

  test('a mark on a message stands on its last part', () => {
    const mark = { providerOptions: { alibaba: { cacheControl: { type: 'ephemeral' } } } };
    const content = [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ];
    expect(promptOf([{ role: 'user', content, ...mark }])).toEqual([
      { role: 'user', content: [content[0], { ...content[1], ...mark }] },
    ]);
  });

  test('the six kinds of files in results of specification 3 are files', () => {
    const call = { role: 'assistant', content: [{ type: 'tool-call', toolCallId: 'c', toolName: 'f', input: {} }] };
    const value = [
      { type: 'image-data', data: 'AAAA', mediaType: 'image/png' },
      { type: 'file-data', data: 'AAAA', mediaType: 'application/pdf', filename: 'a.pdf' },
      { type: 'image-url', url: 'https://example.com/a' },
      { type: 'file-url', url: 'https://example.com/a.pdf' },
      { type: 'file-id', fileId: 'file-1' },
    ];
    const result = { type: 'tool-result', toolCallId: 'c', toolName: 'f', output: { type: 'content', value } };
    const [, message] = promptOf([call, { role: 'tool', content: [result] }]);
    expect(message).toMatchObject({
      content: [
        {
          output: {
            value: [
              { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AAAA' } },
              { type: 'file', mediaType: 'application/pdf', data: { type: 'data', data: 'AAAA' }, filename: 'a.pdf' },
              { type: 'file', mediaType: 'image/*', data: { type: 'url', url: 'https://example.com/a' } },
              { type: 'file', mediaType: 'application/pdf', data: { type: 'url', url: 'https://example.com/a.pdf' } },
              { type: 'file-id', fileId: 'file-1' },
            ],
          },
        },
      ],
    });
  });

  test('what the client library says of itself is left out', () => {
    const call = { ...hello, headers: { 'user-agent': 'ai/7.0.0' }, includeRawChunks: false, reasoning: 'provider-default' };
    const { body, notices } = writeRequest(readRequest(call));
    expect([body, notices]).toEqual([hello, []]);
  });
});

const hello = {
  'ai-language-model-id': 'm',
  'ai-language-model-streaming': 'true',
  prompt: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
};

function promptOf(prompt: Json): readonly Json[] {
  const written = writeRequest(readRequest({ ...hello, prompt })).body['prompt'];
  return Array.isArray(written) ? written : [];
}

function ofGateway(words: Record<string, Json>): Record<string, Json> {
  return { providerOptions: { gateway: words } };
}

const longText = (length: number): string => 'x'.repeat(length);

const attributions: readonly (readonly [path: string, wrong: Record<string, Json>])[] = [
  ['providerOptions.gateway.user', ofGateway({ user: longText(257) })],
  ['providerOptions.gateway.user', ofGateway({ user: '' })],
  ['providerOptions.gateway.user', ofGateway({ user: 7 })],
  ['providerOptions.gateway.user', ofGateway({ user: 'a\u0000b' })],
  ['providerOptions.gateway.user', ofGateway({ user: '\ud800' })],
  ['providerOptions.gateway.tags', ofGateway({ tags: 'chat' })],
  ['providerOptions.gateway.tags', ofGateway({ tags: Array.from({ length: 11 }, (_, place) => `tag ${place}`) })],
  ['providerOptions.gateway.tags[1]', ofGateway({ tags: ['a', longText(65)] })],
  ['providerOptions.gateway.tags[0]', ofGateway({ tags: [''] })],
];

/** Stands where a key may stand, and where one may be put by mistake. */
const secret = 'sk-secret-0123456789';

const credentials: readonly (readonly [path: string, wrong: Record<string, Json>])[] = [
  ['providerOptions.gateway.byok', ofGateway({ byok: secret })],
  ['providerOptions.gateway.byok.openai', ofGateway({ byok: { openai: secret } })],
  ['providerOptions.gateway.byok.openai', ofGateway({ byok: { openai: [] } })],
  ['providerOptions.gateway.byok.openai', ofGateway({ byok: { openai: Array.from({ length: 9 }, () => ({ apiKey: secret })) } })],
  ['providerOptions.gateway.byok.openai[0]', ofGateway({ byok: { openai: [secret] } })],
  ['providerOptions.gateway.byok.openai[0]', ofGateway({ byok: { openai: [{ key: secret }] } })],
  ['providerOptions.gateway.byok.vertex[0]', ofGateway({ byok: { vertex: [{ project: 'p', privateKey: secret }] } })],
  ['providerOptions.gateway.byok.openai[1]', ofGateway({ byok: { openai: [{ apiKey: 'a' }, { apiKey: 'b', [secret]: 1 }] } })],
  ['providerOptions.gateway.byok.openai[0].apiKey', ofGateway({ byok: { openai: [{ apiKey: `${secret}\n` }] } })],
  ['providerOptions.gateway.byok.openai[0].apiKey', ofGateway({ byok: { openai: [{ apiKey: '' }] } })],
  ['providerOptions.gateway.byok.openai[0].apiKey', ofGateway({ byok: { openai: [{}] } })],
  ['providerOptions.gateway.byok.openai[0].apiKey', ofGateway({ byok: { openai: [{ apiKey: [secret] }] } })],
  ['providerOptions.gateway.providerTimeouts.system', ofGateway({ providerTimeouts: { system: { openai: 5 } } })],
  ['providerOptions.gateway.providerTimeouts.byok.openai', ofGateway({ providerTimeouts: { byok: { openai: 0 } } })],
  ['providerOptions.gateway.providerTimeouts.byok.openai', ofGateway({ providerTimeouts: { byok: { openai: 2 ** 31 } } })],
];

test.each(credentials)('a refusal of %s never tells what stood there', (_, wrong) => {
  expect.assertions(1);
  try {
    readRequest({ ...hello, ...wrong });
  } catch (error) {
    expect(`${inspect(error, { depth: 9, showHidden: true })} ${JSON.stringify(error)}`).not.toContain(secret);
  }
});

describe('what is wrong is refused with its path', () => {
  const calls: readonly (readonly [path: string, wrong: Record<string, Json>])[] = [
    ['ai-language-model-id', { 'ai-language-model-id': '' }],
    ['ai-language-model-streaming', { 'ai-language-model-streaming': 'yes' }],
    ['prompt', { prompt: [] }],
    ['prompt[0].role', { prompt: [{ role: 'robot', content: 'x' }] }],
    ['prompt[0].content', { prompt: [{ role: 'system', content: [] }] }],
    ['prompt[0].content', { prompt: [{ role: 'tool', content: 'x' }] }],
    ['prompt[0].content[0].type', { prompt: [{ role: 'user', content: [{ type: 'tool-call' }] }] }],
    ['prompt[0].content[0].type', { prompt: [{ role: 'tool', content: [{ type: 'text', text: 'x' }] }] }],
    ['prompt[0].content[0].mediaType', { prompt: [{ role: 'user', content: [{ type: 'file', data: 'AAAA' }] }] }],
    ['prompt[0].content[0].data', { prompt: [{ role: 'user', content: [{ type: 'file', mediaType: 'image/png', data: '' }] }] }],
    [
      'prompt[0].content[0].data.type',
      { prompt: [{ role: 'user', content: [{ type: 'file', mediaType: 'image/png', data: { type: 'disk' } }] }] },
    ],
    [
      'prompt[0].content[0].output.type',
      { prompt: [{ role: 'tool', content: [{ type: 'tool-result', toolCallId: 'c', output: { type: 'x' } }] }] },
    ],
    ['tools[0].type', { tools: [{ type: 'provider', id: 'openai.web_search', name: 'web_search', args: {} }] }],
    ['toolChoice.type', { toolChoice: { type: 'some' } }],
    ['topP', { topP: 2 }],
    ['stopSequences', { stopSequences: ['a', 'b', 'c', 'd', 'e'] }],
    ['reasoning', { reasoning: 'much' }],
    ['responseFormat.type', { responseFormat: { type: 'xml' } }],
    ['providerOptions.alibaba.thinkingBudget', { providerOptions: { alibaba: { thinkingBudget: 0 } } }],
    ['providerOptions.flashmux.logitBias.x', { providerOptions: { flashmux: { logitBias: { x: 1 } } } }],
    ['providerOptions.gateway.models[0]', { providerOptions: { gateway: { models: [{ model: 'a', when: {} }] } } }],
    ['providerOptions.gateway.sort', { providerOptions: { gateway: { sort: 'price' } } }],
    ...attributions,
    ...credentials,
  ];

  test.each(calls)('%s', (path, wrong) => {
    expect(() => readRequest({ ...hello, ...wrong })).toThrow(expect.objectContaining({ param: path }));
  });
});

describe('whatever comes', () => {
  test('a call is read or refused with 400, never anything else', () => {
    fc.assert(
      fc.property(json, (body) => refusedOrRead(() => readRequest(body))),
      { numRuns: fuzzRuns },
    );
  });

  test('a call with one thing changed is read or refused with 400, and what was read can be written', () => {
    fc.assert(
      fc.property(gatewayCall, fc.infiniteStream(fc.nat()), mutation, (call, dice, value) => {
        refusedOrRead(() => {
          const again = readRequest(mutated(call, dice, value));
          readRequest(writeRequest(again).body);
        });
      }),
      { numRuns: fuzzRuns },
    );
  });

  test('parts of an upstream stream give events or a FlashmuxError', () => {
    const frame = fc.oneof(
      fc.string(),
      json.map((value) => JSON.stringify(value)),
      streamPart.map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), (frames) => {
        faultOrDone(() => {
          const reader = streamReader();
          for (const data of frames) reader.read({ data });
          reader.end();
        });
      }),
      { numRuns: fuzzRuns },
    );
  });

  test('bodies of an upstream give events, a FlashmuxError, or a fault', () => {
    const body = fc.oneof(json, fc.record({ content: fc.array(streamPart, { maxLength: 4 }), usage: json, finishReason: json }));
    fc.assert(
      fc.property(body, fc.integer({ min: 0, max: 600 }), (value, status) => {
        const said: Json = JSON.parse(JSON.stringify(value));
        faultOrDone(() => readAnswer(said));
        expect(FlashmuxError.is(readFault(status, said))).toBe(true);
      }),
      { numRuns: fuzzRuns },
    );
  });
});

const mutation: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json[]>('', 'text', 'data', 0, -1, 0.5, true, null, [], {}, [null], [{}], { type: 'text' }, { type: 'file' }),
  json,
);
const types = [
  'stream-start',
  'response-metadata',
  'text-start',
  'text-delta',
  'text-end',
  'reasoning-start',
  'reasoning-delta',
  'reasoning-end',
  'tool-input-start',
  'tool-input-delta',
  'tool-call',
  'tool-result',
  'source',
  'file',
  'text',
  'reasoning',
  'finish',
  'ping',
  'x-part',
];
const streamPart: fc.Arbitrary<Json> = fc
  .record(
    {
      type: fc.constantFrom(...types),
      id: fc.constantFrom<Json[]>('0', '1', 5),
      delta: fc.oneof(fc.constant('x'), json),
      toolCallId: fc.constantFrom<Json[]>('0', null),
      input: json,
      mediaType: fc.constantFrom<Json[]>('audio/wav', 3),
      data: fc.constantFrom<Json[]>('AAAA', { type: 'data', data: 'AAAA' }, {}),
      citations: fc.constantFrom<Json[]>([{ source: { sourceType: 'url', url: 'u' }, startIndex: -1 }], [null], 4),
      providerMetadata: json,
      warnings: json,
      usage: json,
      finishReason: json,
    },
    { requiredKeys: ['type'] },
  )
  .map((part): Json => JSON.parse(JSON.stringify(part)));

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

/** The call with the value at a random place replaced. */
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
