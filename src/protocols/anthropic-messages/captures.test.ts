import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnswerEvent } from '../../model/event.ts';
import { FlashmuxError } from '../../model/fault.ts';
import { fold } from '../../model/fold.ts';
import { isJsonObject, parseJson } from '../../model/json.ts';
import type { JsonObject } from '../../model/json.ts';
import { openaiChat } from '../openai-chat/openai-chat.ts';
import { SseDecoder } from '../sse/sse-decoder.ts';
import { anthropicMessages } from './anthropic-messages.ts';

const root = join(import.meta.dirname, '../../../captures');
const sources = ['anthropic', 'dashscope-messages'];
const cases = sources.flatMap((source) => readdirSync(join(root, source)).map((name) => `${source}/${name}`));
const streams = cases.filter((name) => existsSync(join(root, name, 'answer.sse')));
const envelope = { id: 'gen_1', requestId: 'req_1', createdAt: 1, model: 'm', creditsPerUsd: 1n };

describe.each(cases)('%s', (name) => {
  test('its request is read, and written back as it was', () => {
    const request = readObject(name, 'request.json');
    expect(anthropicMessages.client.writeRequest(anthropicMessages.server.readRequest(request))).toEqual({
      body: request,
      notices: [],
    });
  });

  test('its blocks open and close once, in order', () => {
    if (fault(name) !== undefined) return;
    let started = 0;
    const open = new Set<number>();
    for (const event of eventsOf(name)) {
      if (!('index' in event)) continue;
      if (event.kind === 'part-start') {
        expect(event.index).toBe(started++);
        open.add(event.index);
      } else expect(open).toContain(event.index);
      if (event.kind === 'part-end') open.delete(event.index);
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

  test('written out again, it says the same to the next reader, whole or streamed', () => {
    if (expected !== undefined) return;
    const events = eventsOf(name);
    const answer = fold(events);
    const request = anthropicMessages.server.readRequest(readObject(name, 'request.json'));
    const writer = anthropicMessages.server.streamWriter(envelope, request);
    const again = streamed(new TextEncoder().encode(writer.write(events) + writer.end()), [7]);
    const whole = anthropicMessages.client.readAnswer(anthropicMessages.server.writeAnswer(answer, envelope));
    const ids = { id: 'gen_1' };
    expect(withoutRaw(fold(again))).toEqual(withoutRaw({ ...answer, ...ids }));
    expect(fold(whole).choices[0]?.reason).toBe(answer.choices[0]?.reason);
    expect(JSON.parse(JSON.stringify(withoutRaw(fold(whole)).carried))).toEqual(withoutRaw(answer).carried);
  });
});

function withoutRaw(answer: ReturnType<typeof fold>): ReturnType<typeof fold> {
  const { usage, ...rest } = answer;
  if (usage === undefined) return rest;
  const { raw: _, ...counts } = usage;
  return { ...rest, usage: counts };
}

describe('what a capture says', () => {
  test('a signed thought, a text and two calls, one of them without arguments', () => {
    expect(fold(eventsOf('anthropic/thinking-parallel-tools-stream'))).toMatchObject({
      id: 'msg_01Abc',
      choices: [
        {
          parts: [
            {
              kind: 'reasoning',
              text: 'Two things are asked: weather and time.',
              seal: { protocol: 'anthropic-messages', value: 'EqQBCkYIBRgCKkAsigned==' },
            },
            { kind: 'text', text: "I'll look both up 🙂." },
            { kind: 'tool-call', callId: 'toolu_01A', name: 'get_weather', argumentsText: '{"city": "Paris"}', ranBy: 'caller' },
            { kind: 'tool-call', callId: 'toolu_01B', name: 'now', argumentsText: '{}', ranBy: 'caller' },
          ],
          reason: 'tool-calls',
        },
      ],
      usage: { input: { total: 412, cacheRead: 0, cacheWrite: 0 }, output: { total: 121, reasoning: 24 } },
      carried: [],
    });
  });

  test('a tool that Anthropic ran stays whole, its citations have words, and what is not known yet is kept', () => {
    const { choices, usage } = fold(eventsOf('anthropic/web-search-stream'));
    const url = 'https://en.wikipedia.org/wiki/Claude_Shannon';
    const quote = { cited_text: 'Claude Elwood Shannon (April 30, 1916 – February 24, 2001)', encrypted_index: 'Eo8BCioI' };
    expect(choices[0]?.parts).toMatchObject([
      { kind: 'opaque', value: { type: 'server_tool_use', id: 'srvtoolu_01', input: { query: 'claude shannon birth date' } } },
      { kind: 'opaque', value: { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_01' } },
      {
        kind: 'text',
        text: 'On April 30, 1916',
        citations: [{ url, title: 'Claude Shannon', startIndex: 0, endIndex: 0, carry: { fields: quote } }],
      },
      { kind: 'opaque', value: { type: 'x_future_block', mood: 'sunny', note: 'in pieces' } },
    ]);
    expect(usage).toMatchObject({ input: { total: 10_682 }, output: { total: 510 }, toolCalls: { web_search: 1 } });
  });

  test('the three counts of the input add up, and the hour of a cache is kept for the record', () => {
    const { usage, carried, choices } = fold(eventsOf('anthropic/documents-cache'));
    expect(usage).toMatchObject({
      input: { total: 1509, cacheRead: 188, cacheWrite: 1300 },
      output: { total: 39 },
      raw: { cache_creation: { ephemeral_1h_input_tokens: 1000 }, service_tier: 'standard' },
    });
    expect(choices[0]?.parts[0]).toEqual({
      kind: 'reasoning',
      text: '',
      seal: { protocol: 'anthropic-messages', value: { data: 'EmwKAhgBEgy3va3pzix' } },
    });
    expect(carried.map(({ place }) => place)).toEqual(['message', 'content[1]']);
  });

  test('citations into a document and a thought that only Anthropic can read go back as they came', () => {
    const answer = readObject('anthropic/documents-cache', 'answer.json');
    const written = anthropicMessages.server.writeAnswer(fold(eventsOf('anthropic/documents-cache')), envelope);
    expect(written['content']).toEqual(answer['content']);
    expect(written['context_management']).toEqual({ applied_edits: [] });
  });

  test('the text that ended it is told', () => {
    expect(fold(eventsOf('anthropic/tool-conversation')).choices[0]).toMatchObject({ reason: 'stop', stopSequence: 'END' });
  });

  test('an empty signature is none, and the count of the end replaces the 0 of the start', () => {
    expect(fold(eventsOf('dashscope-messages/thinking-stream'))).toMatchObject({
      choices: [
        {
          parts: [
            { kind: 'reasoning', text: '340 + 51 = 391.' },
            { kind: 'text', text: '391' },
          ],
          reason: 'stop',
        },
      ],
      usage: { input: { total: 17 }, output: { total: 16 } },
    });
    expect(JSON.stringify(fold(eventsOf('dashscope-messages/thinking-stream')))).not.toContain('seal');
  });

  test('its documents, pictures and results reach a chat host, and nothing is left out without a notice', () => {
    const read = anthropicMessages.server.readRequest(readObject('anthropic/tool-conversation', 'request.json'));
    const { body, notices } = openaiChat.client.writeRequest(read);
    expect(body['messages']).toMatchObject([
      { role: 'user', content: 'Weather in Paris and Oslo?' },
      {
        role: 'assistant',
        reasoning_content: 'Two cities.',
        content: 'One moment.',
        tool_calls: [{ id: 'toolu_1' }, { id: 'toolu_2' }],
      },
      { role: 'tool', tool_call_id: 'toolu_1', content: '22 °C' },
      { role: 'tool', tool_call_id: 'toolu_2', content: 'no such city' },
      { role: 'user', content: [{ type: 'text' }, { type: 'image_url' }] },
      { role: 'user', content: 'Answer in one line.' },
    ]);
    expect(new Set(notices.map((notice) => notice.path))).toEqual(
      new Set(['', 'messages[1].content[0]', 'messages[1].content[1]', 'messages[2].content[0]', 'messages[2].content[1]']),
    );
  });
});

function eventsOf(name: string): readonly AnswerEvent[] {
  if (!streams.includes(name)) return anthropicMessages.client.readAnswer(readObject(name, 'answer.json'));
  const bytes = readFileSync(join(root, name, 'answer.sse'));
  return streamed(bytes, [bytes.length]);
}

function streamed(bytes: Uint8Array, sizes: readonly number[]): readonly AnswerEvent[] {
  const decoder = new SseDecoder();
  const reader = anthropicMessages.client.streamReader();
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
