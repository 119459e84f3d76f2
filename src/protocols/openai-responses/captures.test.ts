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
import { openaiResponses } from './openai-responses.ts';

const root = join(import.meta.dirname, '../../../captures');
const sources = ['dashscope-responses', 'oddities-responses', 'openai-responses', 'vllm-responses'];
const cases = sources.flatMap((source) => readdirSync(join(root, source)).map((name) => `${source}/${name}`));
const streams = cases.filter((name) => existsSync(join(root, name, 'answer.sse')));

describe.each(cases)('%s', (name) => {
  test('its request is read, and written back with all it said', () => {
    const request = readObject(name, 'request.json');
    const { body, notices } = openaiResponses.client.writeRequest(openaiResponses.server.readRequest(request));
    expect(notices).toEqual([]);
    expect(openaiResponses.server.readRequest(body)).toEqual(openaiResponses.server.readRequest(request));
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

describe('a stream and its own last event', () => {
  test.each([
    'openai-responses/reasoning-tools-stream',
    'openai-responses/incomplete-stream',
    'dashscope-responses/search-extractor-stream',
  ])('of %s say the same', (name) => {
    const [last] = new SseDecoder().decode(readFileSync(join(root, name, 'answer.sse'))).slice(-1);
    const event = parseJson(last?.data ?? '');
    const response = isJsonObject(event) ? (event['response'] ?? null) : null;
    expect(fold(openaiResponses.client.readAnswer(response))).toEqual(fold(eventsOf(name)));
  });
});

describe('what a capture says', () => {
  test('pieces of a summary are parts of one item, and the seal that came last stands on the last', () => {
    const { choices, carried, usage } = fold(eventsOf('openai-responses/reasoning-tools-stream'));
    expect(choices).toEqual([
      {
        parts: [
          { kind: 'reasoning', text: '**Weather**\n\nTwo cities.', itemId: 'rs_1' },
          { kind: 'reasoning', text: 'Call both.', itemId: 'rs_1', seal: { protocol: 'openai-responses', value: 'gAAAAlast' } },
          {
            kind: 'text',
            text: 'Let me look. 🙂',
            itemId: 'msg_1',
            carry: { protocol: 'openai-responses', fields: { item: { phase: 'commentary' } } },
          },
          call('1', 'Paris'),
          call('2', 'Oslo'),
        ],
        reason: 'tool-calls',
      },
    ]);
    expect(carried).toEqual([{ protocol: 'openai-responses', place: 'body', fields: { service_tier: 'default' } }]);
    expect(usage).toEqual({
      input: { total: 88, cacheRead: 64, cacheWrite: 0 },
      output: { total: 61, reasoning: 32 },
      toolCalls: {},
    });
  });

  test('such an answer goes on to a caller as the items it came in', () => {
    const name = 'openai-responses/reasoning-tools-stream';
    const [last] = new SseDecoder().decode(readFileSync(join(root, name, 'answer.sse'))).slice(-1);
    const envelope = { id: 'gen_1', requestId: 'req_1', createdAt: 1, model: 'm', creditsPerUsd: 1n };
    const written = openaiResponses.server.writeAnswer(fold(eventsOf(name)), envelope);
    expect(parseJson(last?.data ?? '')).toMatchObject({ response: { output: written['output'], service_tier: 'default' } });
  });

  test('a citation, figures of tokens and items of other kinds, and a notice for what has no word', () => {
    const { choices, notices, carried } = fold(eventsOf('openai-responses/search-and-custom-tool'));
    const [search, text, custom] = choices[0]?.parts ?? [];
    expect(search).toMatchObject({ kind: 'opaque', value: { type: 'web_search_call', action: { query: 'example domain' } } });
    expect(text).toMatchObject({
      text: 'See example.com.',
      citations: [{ url: 'https://example.com/?utm_source=openai', startIndex: 4, endIndex: 15 }],
      logprobs: [{ token: 'See', bytes: [83, 101, 101] }, { token: ' example' }],
    });
    expect(custom).toMatchObject({ kind: 'opaque', value: { type: 'custom_tool_call', input: 'ls -l' } });
    expect(choices[0]?.reason).toBe('tool-calls');
    expect(notices).toMatchObject([{ code: 'dropped', message: expect.stringContaining('file_citation') }]);
    expect(carried).toMatchObject([{ fields: { service_tier: 'default', prompt_cache_diagnostics: { status: 'miss' } } }]);
  });

  test('an item of a type that clients do not know travels in one that they know, and comes back as it was', () => {
    const answer = fold(eventsOf('dashscope-responses/search-extractor-stream'));
    expect(answer.usage).toMatchObject({ toolCalls: { web_search: 1, web_extractor: 1 }, raw: { x_details: [{}] } });
    const envelope = { id: 'gen_1', requestId: 'req_1', createdAt: 1, model: 'm', creditsPerUsd: 1n };
    const { output = null } = openaiResponses.server.writeAnswer(answer, envelope);
    expect(output).toMatchObject([
      { type: 'reasoning' },
      { type: 'web_search_call', id: 'ws_1' },
      { type: 'mcp_call', id: 'we_1', name: 'web_extractor_call' },
      { type: 'message' },
    ]);
    const { turns } = openaiResponses.server.readRequest({ model: 'm', input: output });
    expect(turns[0]?.parts[2]).toMatchObject({ kind: 'opaque', value: { type: 'web_extractor_call', goal: 'the heading' } });
  });

  test('a thought as its full text, and arguments that came only at the end', () => {
    expect(fold(eventsOf('vllm-responses/reasoning-text-stream')).choices).toEqual([
      {
        parts: [
          { kind: 'reasoning', text: 'They greet me.', itemId: 'rs_v' },
          { kind: 'tool-call', callId: 'call_v', name: 'ping', ranBy: 'caller', itemId: 'fc_v', argumentsText: '{"n":1}' },
        ],
        reason: 'tool-calls',
      },
    ]);
  });

  test('an answer that was cut by its limit', () => {
    expect(fold(eventsOf('openai-responses/incomplete-stream')).choices).toEqual([
      { parts: [{ kind: 'text', text: 'Once upon', itemId: 'msg_1' }], reason: 'length' },
    ]);
  });

  test('an item that no event announced is read from the finished response', () => {
    expect(fold(eventsOf('oddities-responses/bare-deltas-stream'))).toMatchObject({
      id: 'resp_o',
      choices: [{ parts: [{ kind: 'text', text: 'Hi there' }], reason: 'stop' }],
      usage: { input: { total: 1 }, output: { total: 2 } },
    });
  });
});

function call(number: string, city: string): object {
  const ids = { callId: `call_${number}`, itemId: `fc_${number}` };
  return { kind: 'tool-call', ...ids, name: 'get_weather', ranBy: 'caller', argumentsText: `{"city":"${city}"}` };
}

function eventsOf(name: string): readonly AnswerEvent[] {
  if (!streams.includes(name)) return openaiResponses.client.readAnswer(readObject(name, 'answer.json'));
  const bytes = readFileSync(join(root, name, 'answer.sse'));
  return streamed(bytes, [bytes.length]);
}

function streamed(bytes: Uint8Array, sizes: readonly number[]): readonly AnswerEvent[] {
  const decoder = new SseDecoder();
  const reader = openaiResponses.client.streamReader();
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
