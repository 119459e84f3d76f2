import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnswerEvent } from '../../model/event.ts';
import { FlashmuxError } from '../../model/fault.ts';
import { fold } from '../../model/fold.ts';
import { isJsonObject, parseJson } from '../../model/json.ts';
import type { JsonObject } from '../../model/json.ts';
import { SseDecoder } from '../sse/sse-decoder.ts';
import { openaiChat } from './openai-chat.ts';

const root = join(import.meta.dirname, '../../../captures');
const sources = [
  'aimlapi',
  'dashscope',
  'empiriolabs',
  'llama-server',
  'oddities',
  'ollama',
  'openai',
  'openrouter',
  'segmind',
  'sglang',
  'vercel',
  'vllm',
];
const cases = sources.flatMap((source) => readdirSync(join(root, source)).map((name) => `${source}/${name}`));
const streams = cases.filter((name) => existsSync(join(root, name, 'answer.sse')));

describe.each(cases)('%s', (name) => {
  test('its request is read, and written back with all it said', () => {
    const request = readObject(name, 'request.json');
    const { body, notices } = openaiChat.client.writeRequest(openaiChat.server.readRequest(request));
    expect(notices).toEqual([]);
    expect(openaiChat.server.readRequest(body)).toEqual(openaiChat.server.readRequest(request));
  });

  test('its parts open and close once, in order', () => {
    if (fault(name) !== undefined) return;
    const open = new Set<string>();
    const known = new Set<string>();
    for (const event of eventsOf(name)) {
      if (!('index' in event)) continue;
      const key = `${event.answer}.${event.index}`;
      if (event.kind === 'part-start') {
        expect(event.index).toBe([...known].filter((other) => other.startsWith(`${event.answer}.`)).length);
        known.add(key);
        open.add(key);
      } else expect(open).toContain(key);
      if (event.kind === 'part-end') open.delete(key);
    }
    expect([...open]).toEqual([]);
  });
});

describe.each(streams)('%s', (name) => {
  const bytes = readFileSync(join(root, name, 'answer.sse'));
  const expected = fault(name);

  test('reads the same with its bytes split anywhere', () => {
    const whole = outcome(bytes, [bytes.length]);
    if (expected === undefined) expect(whole).toMatchObject({ choices: expect.any(Array) });
    else expect(whole).toBe(expected);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (sizes) => {
        expect(outcome(bytes, sizes)).toEqual(whole);
      }),
      { numRuns: 60 },
    );
    expect(outcome(bytes, [1])).toEqual(whole);
  });
});

describe('what a capture says', () => {
  test('a thought and the text after it, with their tokens', () => {
    expect(fold(eventsOf('dashscope/thinking-stream'))).toMatchObject({
      model: 'qwen3.5-flash',
      choices: [
        {
          parts: [
            { kind: 'reasoning', text: '17 * 20 = 340, 17 * 3 = 51; 340 + 51 = 391.' },
            { kind: 'text', text: '17 × 23 = **391**' },
          ],
          reason: 'stop',
        },
      ],
      usage: { input: { total: 17, text: 17 }, output: { total: 46, reasoning: 30, text: 16 } },
      carried: [],
    });
  });

  test('cached tokens lie inside the total, and an explicit cache says so', () => {
    expect(fold(eventsOf('dashscope/explicit-cache')).usage).toEqual({
      input: { total: 1519, text: 1519, cacheRead: 1200, cacheWrite: 300, cacheKind: 'explicit' },
      output: { total: 5 },
      toolCalls: {},
    });
  });

  test('cached tokens without a type are of a cache that nobody asked for, and are told as they are', () => {
    expect(fold(eventsOf('dashscope/implicit-cache')).usage?.input).toEqual({ total: 1519, cacheRead: 1024 });
  });

  test.each([
    ['empiriolabs/variant-stream', '2 + 2 = 4.', 'It is 4.'],
    ['vercel/reasoning-stream', 'Light scatters.', 'Because short waves scatter most.'],
    ['llama-server/thinking-stream', 'Paris, surely.', 'Paris.'],
    ['segmind/joke', 'A joke on dogs.', 'Why did the dog sit in the shade? It did not want to be a hot dog.'],
  ])('%s: a thought once, whatever its field is called, then the text', (name, thought, text) => {
    expect(fold(eventsOf(name)).choices[0]?.parts).toMatchObject([
      { kind: 'reasoning', text: thought },
      { kind: 'text', text },
    ]);
  });

  test.each([
    ['sglang/thinking-tools-stream', 'Two cities, two calls.', ['{"city": "Paris"}', '{"city": "Oslo"}']],
    ['ollama/thinking-tool-stream', 'I need the tool.', ['{"city":"Paris"}']],
  ])('%s: a thought and then the calls, without an empty text between them', (name, thought, calls) => {
    expect(fold(eventsOf(name)).choices[0]).toMatchObject({
      parts: [
        { kind: 'reasoning', text: thought },
        ...calls.map((argumentsText) => ({ kind: 'tool-call', name: 'get_weather', argumentsText })),
      ],
      reason: 'tool-calls',
    });
  });

  test('the tools of a request are counted by name, and the price of the host stays with us', () => {
    const { usage } = fold(eventsOf('empiriolabs/tool-usage'));
    expect(usage).toMatchObject({ toolCalls: { web_search: 3, code_interpreter: 1 }, raw: { cost_usd: 0.0042 } });
  });

  test('sound beside text, both in one piece, with a late expiry carried', () => {
    const { choices, carried } = fold(eventsOf('dashscope/omni-audio-stream'));
    expect(choices[0]?.parts).toEqual([
      { kind: 'text', text: 'Hello!' },
      {
        kind: 'media',
        medium: 'audio',
        source: { kind: 'bytes', base64: 'AAABAAIAAwAEAAUABgAHAAgA' },
        id: 'audio_1',
        transcript: 'Hello!',
      },
    ]);
    expect(carried).toEqual([
      { protocol: 'openai-chat', place: 'message', answer: 0, fields: { audio: { expires_at: 1_773_103_600 } } },
    ]);
  });

  test('the last usage is the usage', () => {
    expect(fold(eventsOf('vllm/reasoning-stream'))).toMatchObject({
      choices: [
        {
          parts: [
            { kind: 'reasoning', text: 'Paris, surely.' },
            { kind: 'text', text: '\n\nParis.' },
          ],
        },
      ],
      usage: { input: { total: 14 }, output: { total: 9 } },
    });
  });

  test('interleaved calls keep their own arguments', () => {
    expect(fold(eventsOf('vllm/parallel-tools-stream')).choices[0]).toEqual({
      parts: [
        { kind: 'text', text: 'Let me look.' },
        {
          kind: 'tool-call',
          callId: 'chatcmpl-tool-a',
          name: 'get_weather',
          ranBy: 'caller',
          argumentsText: '{"city": "Paris"}',
        },
        { kind: 'tool-call', callId: 'chatcmpl-tool-b', name: 'get_weather', ranBy: 'caller', argumentsText: '{"city": "Oslo"}' },
      ],
      reason: 'tool-calls',
    });
  });

  test('a thought in two fields comes once, and its signature seals it', () => {
    const answer = fold(eventsOf('openrouter/reasoning-details-stream'));
    expect(answer).toMatchObject({ id: 'gen-1773100000-abc', provider: 'Alibaba' });
    expect(answer.choices).toEqual([
      {
        parts: [
          {
            kind: 'reasoning',
            text: 'A greeting.',
            seal: {
              protocol: 'openai-chat',
              value: { type: 'reasoning.text', signature: 'c2lnbmVk', format: 'anthropic-claude-v1' },
            },
          },
          {
            kind: 'text',
            text: 'Hello.',
            citations: [{ url: 'https://example.com/', title: 'Example', startIndex: 0, endIndex: 5 }],
          },
        ],
        reason: 'stop',
        providerReason: 'end_turn',
      },
    ]);
  });

  test("the host's price is kept for the record and never shown to the caller", () => {
    const answer = fold(eventsOf('openrouter/reasoning-details-stream'));
    expect(answer.usage?.raw).toMatchObject({ cost: 0.000_009_3 });
    const envelope = { id: 'gen_1', requestId: 'req_1', createdAt: 1, model: 'm', creditsPerUsd: 1n };
    expect(JSON.stringify(openaiChat.server.writeAnswer(answer, envelope))).not.toContain('cost');
  });

  test('two answers in turns, with the figures of each token', () => {
    const { choices, carried } = fold(eventsOf('openai/two-answers-logprobs-stream'));
    expect(
      choices.map((choice) => [choice.reason, choice.parts.map((part) => ('text' in part ? [part.kind, part.text] : []))]),
    ).toEqual([
      ['stop', [['text', 'Hi 🙂']]],
      ['content-filter', [['refusal', 'No.']]],
    ]);
    const [first] = choices[0]?.parts ?? [];
    expect(first?.kind === 'text' ? first.logprobs?.map((entry) => entry.bytes) : []).toEqual([
      [72, 105],
      [240, 159],
      [153, 130],
    ]);
    expect(carried).toEqual([
      { protocol: 'openai-chat', place: 'body', fields: { service_tier: 'default', system_fingerprint: 'fp_1' } },
    ]);
  });

  test('a call of another type and unknown fields of every level are kept, and go back', () => {
    const answer = fold(eventsOf('openai/custom-tool'));
    expect(answer.usage?.raw).toEqual({ total_tokens: 20 });
    const envelope = { id: 'gen_1', requestId: 'req_1', createdAt: 1, model: 'm', creditsPerUsd: 1n };
    expect(openaiChat.server.writeAnswer(answer, envelope)).toMatchObject({
      service_tier: 'default',
      choices: [
        {
          content_filter_results: { hate: { filtered: false } },
          message: {
            content: null,
            mood: 'eager',
            tool_calls: [
              { id: 'call_1', index: 0, type: 'function', function: { name: 'f', arguments: '{}' }, extra_content: { k: 1 } },
              { id: 'call_2', type: 'custom', custom: { name: 'sh', input: 'ls' } },
            ],
          },
        },
      ],
    });
  });

  test('calls without role, index or id, and deltas after the reason', () => {
    expect(fold(eventsOf('oddities/sloppy-tools-stream')).choices).toEqual([
      {
        parts: [
          { kind: 'text', text: 'On it' },
          { kind: 'tool-call', callId: 'a', name: 'get_weather', ranBy: 'caller', argumentsText: '{"city":"Paris"}' },
          { kind: 'tool-call', callId: 'b', name: 'get_weather', ranBy: 'caller', argumentsText: '{"city":"Oslo"}' },
          { kind: 'tool-call', callId: 'call_0_2', name: 'ping', ranBy: 'caller', argumentsText: '' },
        ],
        reason: 'tool-calls',
      },
    ]);
  });

  test("a reason of the server's own is kept beside other, and counts that are no counts were not told", () => {
    const { choices, usage } = fold(eventsOf('oddities/unknown-finish'));
    expect(choices[0]).toMatchObject({ reason: 'other', providerReason: 'eos_token' });
    expect(choices[0]?.parts.map((part) => part.kind)).toEqual(['text', 'opaque', 'text']);
    expect(usage).toEqual({ input: {}, output: {}, toolCalls: {}, raw: { total_tokens: 12, queue_time: 0.2 } });
  });
});

function eventsOf(name: string): readonly AnswerEvent[] {
  if (!streams.includes(name)) return openaiChat.client.readAnswer(readObject(name, 'answer.json'));
  const bytes = readFileSync(join(root, name, 'answer.sse'));
  return streamed(bytes, [bytes.length]);
}

function streamed(bytes: Uint8Array, sizes: readonly number[]): readonly AnswerEvent[] {
  const decoder = new SseDecoder();
  const reader = openaiChat.client.streamReader();
  const events: AnswerEvent[] = [];
  for (let start = 0, turn = 0; start < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    for (const frame of decoder.decode(bytes.subarray(start, start + size))) events.push(...reader.read(frame));
    start += size;
  }
  for (const frame of decoder.end()) events.push(...reader.read(frame));
  return [...events, ...reader.end()];
}

/** The folded answer, or the code of the fault. */
function outcome(bytes: Uint8Array, sizes: readonly number[]): unknown {
  try {
    return fold(streamed(bytes, sizes));
  } catch (error) {
    if (FlashmuxError.is(error)) return error.code;
    throw error;
  }
}

function fault(name: string): unknown {
  return readObject(name, 'about.json')['fault'];
}

function readObject(name: string, file: string): JsonObject {
  const value = parseJson(readFileSync(join(root, name, file), 'utf8'));
  if (!isJsonObject(value)) throw new Error(`${name}/${file} is no JSON object`);
  return value;
}
