import type Anthropic from '@anthropic-ai/sdk';
import type Anthropic0 from '@anthropic-ai/sdk-0';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Answer } from '../../model/answer.ts';
import type { AnswerEvent } from '../../model/event.ts';
import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject, parseJson } from '../../model/json.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Part } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { unfold } from '../../model/stream.ts';
import { lawRuns } from '../../../tests/support/arbitraries/fuzz-runs.ts';
import { anthropicMessages } from './anthropic-messages.ts';
import { cacheFields, citation, envelope, finalUsage, full, ours } from './full-answer.test-support.ts';

const { streamWriter } = anthropicMessages.server;

const request: GenerateRequest = {
  model: 'm',
  turns: [],
  tools: [],
  sampling: {},
  limits: {},
  thinking: { kind: 'unsaid' },
  form: { kind: 'unsaid' },
  delivery: { kind: 'stream' },
};

describe('a stream', () => {
  test('goes message_start, ping, one block after the other, message_delta, message_stop: each an event of the SDK', () => {
    const message = {
      id: 'gen_01',
      type: 'message',
      role: 'assistant',
      model: 'alibaba/qwen3.5-flash',
      content: [],
      container: null,
      diagnostics: null,
      stop_details: null,
      stop_reason: null,
      stop_sequence: null,
      usage: {
        input_tokens: 11,
        output_tokens: 0,
        cache_creation: null,
        cache_creation_input_tokens: null,
        cache_read_input_tokens: null,
        output_tokens_details: null,
        server_tool_use: null,
        inference_geo: null,
        service_tier: null,
        speed: null,
      },
    } satisfies Anthropic.Message satisfies Anthropic0.Message;
    const wanted = [
      { type: 'message_start', message },
      { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'think' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'c2ln' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '', citations: null } },
      { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'hello' } },
      { type: 'content_block_delta', index: 1, delta: { type: 'citations_delta', citation } },
      { type: 'content_block_stop', index: 1 },
      {
        type: 'content_block_start',
        index: 2,
        content_block: { type: 'tool_use', id: 'call_1', name: 'f', input: {}, caller: { type: 'direct' } },
      },
      { type: 'content_block_delta', index: 2, delta: { type: 'input_json_delta', partial_json: '{"a":1}' } },
      { type: 'content_block_stop', index: 2 },
      {
        type: 'message_delta',
        delta: { container: null, stop_details: null, stop_reason: 'tool_use', stop_sequence: null },
        usage: finalUsage,
      },
      { type: 'message_stop' },
    ] satisfies Anthropic.RawMessageStreamEvent[] satisfies Anthropic0.RawMessageStreamEvent[];

    const writer = streamWriter(envelope, request);
    const [first, ...rest] = unfold(full);
    const text = writer.write(first === undefined ? [] : [first]) + writer.write(rest) + writer.end();
    const events = eventsOf(text);
    expect(events.map((event) => event['type'])).toEqual([
      'message_start',
      'ping',
      ...wanted.slice(1).map((event) => event.type),
    ]);
    const said = events.filter((event) => event['type'] !== 'ping');
    for (const [index, event] of wanted.entries()) expect(said[index]).toMatchObject(known(event));
    expect(said.at(-2)?.['usage']).toEqual({ ...finalUsage, ...cacheFields, ...ours });
    expect(text).not.toContain('"citations":null');
  });

  test('tells the count of the exchange first, and corrects it at the end', () => {
    const writer = streamWriter({ ...envelope, inputTokens: 1200 }, request);
    const start = eventsOf(writer.write([{ kind: 'answer-start' }]));
    expect(start[0]).toMatchObject({ message: { usage: { input_tokens: 1200, output_tokens: 0 } } });
    const usage = { input: { total: 1200, cacheRead: 1000 }, output: { total: 3 }, toolCalls: {} };
    const end = eventsOf(writer.write([{ kind: 'usage', usage }]) + writer.end());
    expect(end[0]).toMatchObject({ usage: { input_tokens: 200, cache_read_input_tokens: 1000, output_tokens: 3 } });
  });

  test('tells the count of the host first where it came with the first batch', () => {
    const writer = streamWriter(envelope, request);
    const usage = { input: { total: 900, cacheRead: 800, cacheWrite: 50 }, output: { total: 1 }, toolCalls: {} };
    const [start] = eventsOf(writer.write([{ kind: 'answer-start' }, { kind: 'usage', usage }]));
    expect(start).toMatchObject({
      message: { usage: { input_tokens: 50, cache_read_input_tokens: 800, cache_creation_input_tokens: 50, output_tokens: 0 } },
    });
  });

  test('signs a thought that nobody signed with a mark of our own, once, before the block stops', () => {
    const writer = streamWriter(envelope, request);
    const parts: Part[] = [
      { kind: 'reasoning', text: 'a' },
      { kind: 'text', text: 'b' },
    ];
    const events = eventsOf(
      writer.write(unfold({ choices: [{ parts, reason: 'stop' }], notices: [], carried: [] })) + writer.end(),
    );
    const deltas = events.filter((event) => event['type'] === 'content_block_delta').map((event) => event['delta']);
    expect(deltas).toEqual([
      { type: 'thinking_delta', thinking: 'a' },
      { type: 'signature_delta', signature: 'flashmux.unsigned' },
      { type: 'text_delta', text: 'b' },
    ]);
  });

  test('parts that are open at the same time are written one after the other', () => {
    const names = ['a', 'b', 'c'];
    const parts = names.map((name): Part => ({
      kind: 'tool-call',
      callId: name,
      name,
      argumentsText: `{"${name}":1}`,
      ranBy: 'caller',
    }));
    const answer: Answer = { choices: [{ parts, reason: 'tool-calls' }], notices: [], carried: [] };
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), (dice) => {
        const writer = streamWriter(envelope, request);
        const text =
          mingled(unfold(answer), dice)
            .map((event) => writer.write([event]))
            .join('') + writer.end();
        const events = eventsOf(text).filter((event) => 'index' in event);
        expect(events.map((event) => event['index'])).toEqual(
          events.map((event) => Number(event['index'])).toSorted((one, two) => one - two),
        );
        expect(events.map((event) => event['type'])).toEqual(
          names.flatMap(() => ['content_block_start', 'content_block_delta', 'content_block_stop']),
        );
        const calls = events.filter((event) => event['type'] === 'content_block_start').map((event) => event['content_block']);
        expect(calls).toMatchObject(names.map((name) => ({ id: name })));
        const inputs = events.filter((event) => event['type'] === 'content_block_delta').map((event) => event['delta']);
        expect(inputs).toMatchObject(names.map((name) => ({ partial_json: `{"${name}":1}` })));
      }),
      { numRuns: lawRuns },
    );
  });

  test('parts that never ended are ended, parts without content leave no block', () => {
    const writer = streamWriter(envelope, request);
    const events: AnswerEvent[] = [
      { kind: 'part-start', answer: 0, index: 0, part: { kind: 'reasoning' } },
      { kind: 'part-start', answer: 0, index: 1, part: { kind: 'text' } },
      { kind: 'part-delta', answer: 0, index: 1, delta: { kind: 'text', text: 'a' } },
    ];
    const types = eventsOf(writer.write(events) + writer.end()).map((event) => [event['type'], event['index']]);
    expect(types).toEqual([
      ['message_start', undefined],
      ['ping', undefined],
      ['content_block_start', 0],
      ['content_block_delta', 0],
      ['content_block_stop', 0],
      ['message_delta', undefined],
      ['message_stop', undefined],
    ]);
  });

  test('tells notices with the start, and those that came later with the end', () => {
    const writer = streamWriter(envelope, request);
    const notice = { code: 'stand-in' as const, path: 'model', message: 'another model answers' };
    const late = { code: 'estimated' as const, path: 'usage', message: 'counted here' };
    const [start] = eventsOf(writer.write([{ kind: 'notice', notice }]));
    expect(start).toMatchObject({ message: { notices: [notice] } });
    const [end] = eventsOf(writer.write([{ kind: 'notice', notice: late }]) + writer.end());
    expect(end).toMatchObject({ type: 'message_delta', notices: [late] });
  });

  test("a host's own tool call comes with its input in pieces, as clients gather it", () => {
    const value = { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'q' } };
    const parts: Part[] = [{ kind: 'opaque', protocol: 'anthropic-messages', value }];
    const writer = streamWriter(envelope, request);
    const events = eventsOf(writer.write(unfold({ choices: [{ parts }], notices: [], carried: [] })));
    expect(events.slice(2)).toEqual([
      { type: 'content_block_start', index: 0, content_block: { ...value, input: {} } },
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"query":"q"}' } },
      { type: 'content_block_stop', index: 0 },
    ]);
  });

  test('ends with an error event after a fault, and does not claim to be done', () => {
    const writer = streamWriter(envelope, request);
    expect(eventsOf(writer.fault(new FlashmuxError('overloaded', 'busy')))).toEqual([
      {
        type: 'error',
        error: { type: 'overloaded_error', message: 'busy', details: { error_code: 'overloaded' } },
        request_id: 'req_01',
      },
    ]);
  });
});

/** An expected event without the fields that we leave out although a type has them. */
function known(event: object): object {
  return JSON.parse(JSON.stringify(event), (key, value: unknown) => (key === 'citations' && value === null ? undefined : value));
}

/** Events of one answer in another order: starts keep theirs, and each part keeps its own. */
function mingled(events: readonly AnswerEvent[], dice: Iterator<number>): readonly AnswerEvent[] {
  const starts = events.filter((event) => event.kind === 'part-start');
  const queues = starts.map(({ index }) => events.filter((event) => 'index' in event && event.index === index));
  const mixed: AnswerEvent[] = [];
  for (;;) {
    const firstUnbegun = queues.findIndex((queue) => queue[0]?.kind === 'part-start');
    const ready = queues.filter((queue, at) => queue.length > 0 && (queue[0]?.kind !== 'part-start' || at === firstUnbegun));
    const event = ready[Number(dice.next().value) % ready.length]?.shift();
    if (event === undefined) return mixed;
    mixed.push(event);
  }
}

function eventsOf(text: string): readonly JsonObject[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(frame) ?? [];
      const value = parseJson(data ?? '');
      if (!isJsonObject(value)) throw new Error(`no event: ${frame}`);
      expect(value['type']).toBe(name);
      return value;
    });
}
