import { describe, expect, test } from 'vitest';
import type { Answer } from '../../model/answer.ts';
import type { AnswerEvent, PartOpening } from '../../model/event.ts';
import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject, parseJson } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Part } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { unfold } from '../../model/stream.ts';
import type { Envelope } from '../codec.ts';
import { SseDecoder } from '../sse/sse-decoder.ts';
import { openaiResponses } from './openai-responses.ts';

const { readRequest, streamWriter, writeAnswer } = openaiResponses.server;

const envelope: Envelope = {
  id: 'gen_1',
  requestId: 'req_1',
  createdAt: 1_770_000_000,
  model: 'm',
  provider: 'host',
  creditsPerUsd: 2_000_000n,
};
const request: GenerateRequest = readRequest({
  model: 'm',
  input: 'hi',
  temperature: 0.5,
  tools: [{ type: 'function', name: 'f' }],
  reasoning: { effort: 'low' },
  stream: true,
});

function answer(parts: readonly Part[], more: Partial<Answer> = {}): Answer {
  return { choices: [{ parts, reason: 'stop' }], notices: [], carried: [], ...more };
}

function output(parts: readonly Part[]): Json | undefined {
  return writeAnswer(answer(parts), envelope)['output'];
}

/** The events of a stream as objects, each checked for its `event:` line and its number. */
function streamed(events: readonly AnswerEvent[], end: 'end' | FlashmuxError = 'end'): readonly JsonObject[] {
  const writer = streamWriter(envelope, request);
  const text = writer.write(events) + (end === 'end' ? writer.end() : writer.fault(end));
  return new SseDecoder().decode(new TextEncoder().encode(text)).map(({ event, data }, number) => {
    const object = parseJson(data);
    if (!isJsonObject(object)) throw new Error('no object');
    expect([object['type'], object['sequence_number']]).toEqual([event, number]);
    return object;
  });
}

function typesOf(events: readonly JsonObject[]): readonly Json[] {
  return events.map(({ type = null }) => type).slice(2, -1);
}

const start: AnswerEvent = { kind: 'answer-start' };
const opens = (index: number, part: PartOpening): AnswerEvent => ({ kind: 'part-start', answer: 0, index, part });
const says = (index: number, text: string): AnswerEvent => ({
  kind: 'part-delta',
  answer: 0,
  index,
  delta: { kind: 'text', text },
});
const ends = (index: number): AnswerEvent => ({ kind: 'part-end', answer: 0, index });
const stops: AnswerEvent = { kind: 'answer-end', answer: 0, reason: 'stop' };

describe('the events of a stream', () => {
  test('begin and end with the response, which repeats its request', () => {
    const events = streamed([start, stops]);
    const head = {
      id: 'gen_1',
      object: 'response',
      model: 'm',
      temperature: 0.5,
      tools: [{ name: 'f' }],
      reasoning: { effort: 'low' },
    };
    expect(events).toMatchObject([
      { type: 'response.created', response: { ...head, status: 'in_progress', output: [] } },
      { type: 'response.in_progress', response: { ...head, status: 'in_progress' } },
      { type: 'response.completed', response: { ...head, status: 'completed' } },
    ]);
  });

  test.each<[string, Part, readonly string[]]>([
    [
      'a text',
      { kind: 'text', text: 'hi', citations: [{ url: 'u', title: 't', startIndex: 0, endIndex: 1 }] },
      ['content_part.added', 'output_text.delta', 'output_text.annotation.added', 'output_text.done', 'content_part.done'],
    ],
    ['a refusal', { kind: 'refusal', text: 'no' }, ['content_part.added', 'refusal.delta', 'refusal.done', 'content_part.done']],
    [
      'a thought',
      { kind: 'reasoning', text: 'hm', seal: { protocol: 'openai-responses', value: 's' } },
      [
        'reasoning_summary_part.added',
        'reasoning_summary_text.delta',
        'reasoning_summary_text.done',
        'reasoning_summary_part.done',
      ],
    ],
    ['a thought that is only its seal', { kind: 'reasoning', text: '', seal: { protocol: 'openai-responses', value: 's' } }, []],
    [
      'a call',
      { kind: 'tool-call', callId: 'c', name: 'f', argumentsText: '{}', ranBy: 'caller' },
      ['function_call_arguments.delta', 'function_call_arguments.done'],
    ],
    [
      'a search of ours',
      { kind: 'tool-call', callId: 'c', name: 'web_search', argumentsText: '{"query":"q"}', ranBy: 'server' },
      ['web_search_call.in_progress', 'web_search_call.searching', 'web_search_call.completed'],
    ],
    ['an item of the host', { kind: 'opaque', protocol: 'openai-responses', value: { type: 'custom_tool_call', id: 'i' } }, []],
  ])('tell %s in the canonical order', (_, part, types) => {
    const within = types.map((type) => `response.${type}`);
    expect(typesOf(streamed(unfold(answer([part]))))).toEqual([
      'response.output_item.added',
      ...within,
      'response.output_item.done',
    ]);
  });

  test('keep parts that are open at once apart, each under its own item', () => {
    const events = streamed([
      start,
      opens(0, { kind: 'text' }),
      opens(1, { kind: 'text' }),
      says(0, 'a'),
      says(1, 'b'),
      ends(1),
      says(0, 'c'),
      ends(0),
      stops,
    ]);
    const deltas = events.filter(({ type }) => type === 'response.output_text.delta');
    expect(deltas.map(({ output_index: at, delta }) => [at, delta])).toEqual([
      [0, 'a'],
      [1, 'b'],
      [0, 'c'],
    ]);
    const items = [{ content: [{ text: 'ac' }] }, { content: [{ text: 'b' }] }];
    expect(events.at(-1)).toMatchObject({ response: { output: items } });
  });

  test('end what the host left open as incomplete', () => {
    const cut = streamed([start, opens(0, { kind: 'text' }), says(0, 'a')]);
    expect(cut.at(-1)).toMatchObject({
      type: 'response.incomplete',
      response: { status: 'incomplete', incomplete_details: null, output: [{ status: 'incomplete', content: [{ text: 'a' }] }] },
    });
    expect(typesOf(cut).at(-1)).toBe('response.output_item.done');
  });

  test('end with an error in both of its forms, and with nothing after it', () => {
    const fault = new FlashmuxError('upstream_failed', 'it broke', { param: 'input' });
    const events = streamed([start, opens(0, { kind: 'text' }), says(0, 'a')], fault);
    const said = { code: 'upstream_failed', message: 'it broke', param: 'input' };
    expect(events.at(-1)).toMatchObject({
      type: 'error',
      ...said,
      error: { type: 'server_error', ...said, request_id: 'req_1' },
    });
    expect(typesOf(events)).not.toContain('response.output_item.done');
  });

  test('say nothing for nothing', () => {
    expect(streamWriter(envelope, request).write([])).toBe('');
  });
});

describe('an item', () => {
  test('holds the parts that share its id, until another begins', () => {
    const seal = { protocol: 'openai-responses' as const, value: 's' };
    expect(
      output([
        { kind: 'reasoning', text: 'a', itemId: 'rs' },
        { kind: 'reasoning', text: 'b', itemId: 'rs', seal },
        { kind: 'reasoning', text: 'c', itemId: 'rs' },
        { kind: 'text', text: 'd', itemId: 'msg' },
        { kind: 'refusal', text: 'e', itemId: 'msg' },
        { kind: 'text', text: 'f', itemId: 'rs' },
      ]),
    ).toMatchObject([
      { type: 'reasoning', id: 'rs', summary: [{ text: 'a' }, { text: 'b' }], encrypted_content: 's' },
      { type: 'reasoning', id: 'rs_gen_1_1', summary: [{ text: 'c' }] },
      { type: 'message', id: 'msg', content: [{ text: 'd' }, { refusal: 'e' }] },
      { type: 'message', id: 'msg_gen_1_3', content: [{ text: 'f' }] },
    ]);
  });

  test('has the further fields of the host it came from', () => {
    const carry = { protocol: 'openai-responses' as const, fields: { item: { phase: 'commentary' }, x: 1 } };
    expect(output([{ kind: 'text', text: 'a', carry }])).toMatchObject([
      { type: 'message', phase: 'commentary', content: [{ text: 'a', x: 1 }] },
    ]);
  });

  test('of a tool that a server ran is one that clients know', () => {
    const ran = (name: string, argumentsText: string): Part => ({
      kind: 'tool-call',
      callId: name,
      name,
      argumentsText,
      ranBy: 'server',
    });
    expect(
      output([
        ran('web_search', '{"query":"q"}'),
        ran('web_extractor', '{"url":"u"}'),
        ran('code_interpreter', '{"code":"1+1"}'),
        ran('image_search', '{"img_idx":0}'),
        ran('web_search', 'no json'),
      ]),
    ).toMatchObject([
      { type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'q' } },
      { type: 'web_search_call', action: { type: 'open_page', url: 'u' } },
      { type: 'code_interpreter_call', code: '1+1', outputs: null },
      { type: 'mcp_call', name: 'image_search', arguments: '{"img_idx":0}' },
      { type: 'web_search_call', action: { query: '', queries: [] } },
    ]);
  });
});

describe('a response', () => {
  test('tells in its notices what it has no place for', () => {
    const sound: Part = { kind: 'media', medium: 'audio', source: { kind: 'bytes', base64: 'AAAA' } };
    const block: Part = { kind: 'opaque', protocol: 'openai-chat', value: {} };
    const piece: Part = { kind: 'opaque', protocol: 'openai-responses', value: { content_part: { type: 'x' } } };
    const { choices, ...rest } = answer([sound, block, piece]);
    const written = writeAnswer({ ...rest, choices: [...choices, ...choices] }, envelope);
    expect(written).toMatchObject({
      output: [],
      notices: [
        { code: 'dropped', path: 'output[0]', message: expect.stringContaining('audio') },
        { path: 'output[1]' },
        { path: 'output[2]' },
        { path: 'choices[1]' },
      ],
    });
  });

  test.each<[NonNullable<Answer['choices'][number]['reason']> | undefined, JsonObject]>([
    ['stop', { status: 'completed', incomplete_details: null, error: null }],
    ['tool-calls', { status: 'completed' }],
    ['other', { status: 'completed', native_finish_reason: 'eos' }],
    ['length', { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }],
    ['content-filter', { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }],
    ['error', { status: 'failed', error: { code: 'server_error', type: 'server_error' } }],
    [undefined, { status: 'incomplete', incomplete_details: null }],
  ])('that ended with %s says so in its status', (reason, fields) => {
    const end = reason === undefined ? {} : { reason, ...(reason === 'other' ? { providerReason: 'eos' } : {}) };
    expect(writeAnswer(answer([], { choices: [{ parts: [], ...end }] }), envelope)).toMatchObject(fields);
  });

  test('shows the cost and the credits of its bill, and never the account of the host', () => {
    const amount = 915_000n;
    const bill = {
      lines: [{ meter: 'input-text' as const, quantity: 21, rate: { usd: '0.52', per: 1_000_000 }, amount }],
      total: amount,
      priceListId: 'l',
    };
    const usage = { input: { total: 21 }, output: {}, toolCalls: { web_search: 2, idle: 0 }, raw: { secret: 1 } };
    const written = writeAnswer(answer([], { usage, bill }), envelope);
    expect(written).toMatchObject({
      usage: {
        input_tokens: 21,
        input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
        output_tokens: 0,
        total_tokens: 21,
        cost: 0.000915,
        cost_usd: 0.000915,
        tool_usage: { web_search: 2 },
      },
      meta: { usage: { credits_used: 1830, usd_spent: 0.000915 } },
      provider: 'host',
    });
    expect(JSON.stringify(written)).not.toContain('secret');
  });

  test('without a request tells what OpenAI tells for options that were not said', () => {
    expect(writeAnswer(answer([]), envelope)).toMatchObject({
      parallel_tool_calls: true,
      tool_choice: 'auto',
      tools: [],
      metadata: {},
      instructions: null,
      text: { format: { type: 'text' } },
    });
  });
});
