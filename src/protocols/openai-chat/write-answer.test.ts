import { describe, expect, test } from 'vitest';
import type { Answer } from '../../model/answer.ts';
import type { AnswerEvent, Bill } from '../../model/event.ts';
import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject, parseJson } from '../../model/json.ts';
import type { JsonObject } from '../../model/json.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { unfold } from '../../model/stream.ts';
import type { Envelope } from '../codec.ts';
import { openaiChat } from './openai-chat.ts';

const { writeAnswer, streamWriter, writeFault } = openaiChat.server;

const envelope: Envelope = {
  id: 'gen_01',
  requestId: 'req_01',
  createdAt: 1,
  model: 'alibaba/qwen3.5-flash',
  provider: 'alibaba',
  creditsPerUsd: 2_000_000n,
};

function asking(usage?: boolean): GenerateRequest {
  return {
    model: 'm',
    turns: [],
    tools: [],
    sampling: {},
    limits: {},
    thinking: { kind: 'unsaid' },
    form: { kind: 'unsaid' },
    delivery: { kind: 'stream', ...(usage === undefined ? {} : { usage }) },
  };
}

const bill: Bill = {
  lines: [
    { meter: 'input-text', quantity: 10, rate: { usd: '0.05', per: 1_000_000 }, amount: 500n },
    { meter: 'output-text', quantity: 5, rate: { usd: '0.1', per: 1_000_000 }, amount: 500n },
    { meter: 'tool:web_search', quantity: 1, rate: { usd: '0.5', per: 1_000_000 }, amount: 500n },
  ],
  total: 1500n,
  priceListId: 'list',
};

const full: Answer = {
  choices: [
    {
      parts: [
        { kind: 'reasoning', text: 'think' },
        { kind: 'text', text: 'hello', citations: [{ url: 'http://a', title: 'T', startIndex: 0, endIndex: 1 }] },
        { kind: 'tool-call', callId: 'call_1', name: 'f', argumentsText: '{}', ranBy: 'caller' },
      ],
      reason: 'tool-calls',
    },
  ],
  usage: {
    input: { total: 10, text: 10, image: 0, audio: 0, video: 0, cacheRead: 2, cacheWrite: 1, cacheKind: 'explicit' },
    output: { total: 5, text: 2, audio: 0, reasoning: 3, acceptedPrediction: 0, rejectedPrediction: 0 },
    toolCalls: { web_search: 1 },
  },
  bill,
  notices: [],
  carried: [{ protocol: 'openai-chat', place: 'body', fields: { service_tier: 'default' } }],
};

describe('a whole reply', () => {
  test('is the one that all measured clients accept, to the letter', () => {
    expect(writeAnswer(full, envelope)).toEqual({
      id: 'gen_01',
      object: 'chat.completion',
      created: 1,
      model: 'alibaba/qwen3.5-flash',
      provider: 'alibaba',
      system_fingerprint: null,
      service_tier: 'default',
      choices: [
        {
          index: 0,
          finish_reason: 'tool_calls',
          native_finish_reason: 'tool_calls',
          logprobs: null,
          message: {
            role: 'assistant',
            content: 'hello',
            refusal: null,
            annotations: [{ type: 'url_citation', url_citation: { start_index: 0, end_index: 1, title: 'T', url: 'http://a' } }],
            reasoning_content: 'think',
            reasoning: 'think',
            reasoning_details: [
              { type: 'reasoning.text', text: 'think', format: 'unknown', index: 0, id: null, signature: null },
            ],
            tool_calls: [{ id: 'call_1', index: 0, type: 'function', function: { name: 'f', arguments: '{}' } }],
          },
        },
      ],
      usage: {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 15,
        prompt_tokens_details: {
          cached_tokens: 2,
          audio_tokens: 0,
          text_tokens: 10,
          image_tokens: 0,
          video_tokens: 0,
          cache_write_tokens: 1,
          cache_creation_input_tokens: 1,
          cache_creation: { ephemeral_5m_input_tokens: 1 },
          cache_type: 'ephemeral',
        },
        completion_tokens_details: {
          reasoning_tokens: 3,
          text_tokens: 2,
          audio_tokens: 0,
          accepted_prediction_tokens: 0,
          rejected_prediction_tokens: 0,
        },
        cost: 0.000_001_5,
        cost_usd: 0.000_001_5,
        is_byok: false,
        cost_details: {
          upstream_inference_cost: 0.000_001,
          upstream_inference_prompt_cost: 0.000_000_5,
          upstream_inference_completions_cost: 0.000_000_5,
          server_tool_cost: 0.000_000_5,
        },
        tool_usage: { web_search: 1 },
      },
      meta: { usage: { credits_used: 3, usd_spent: 0.000_001_5 } },
    });
  });

  test.each([
    [[22, 1808], 1830, 0.000_915],
    [[22, 3123, 1636], 4781, 0.002_390_5],
  ])("credits add up as on AI/ML API's published bills: %j", (credits, total, usd) => {
    const lines = credits.map((amount) => ({
      meter: 'input-text' as const,
      quantity: 1,
      rate: { usd: '1', per: 1 },
      amount: BigInt(amount) * 500n,
    }));
    const posted: Bill = { lines, total: lines.reduce((sum, line) => sum + line.amount, 0n), priceListId: 'x' };
    const answer: Answer = {
      choices: [],
      usage: { input: {}, output: {}, toolCalls: {} },
      bill: posted,
      notices: [],
      carried: [],
    };
    expect(writeAnswer(answer, envelope)['meta']).toEqual({ usage: { credits_used: total, usd_spent: usd } });
  });

  test('each line of credits is rounded up on its own', () => {
    const lines = [1n, 1n, 501n].map((amount) => ({
      meter: 'input-text' as const,
      quantity: 1,
      rate: { usd: '1', per: 1 },
      amount,
    }));
    const answer: Answer = {
      choices: [],
      usage: { input: {}, output: {}, toolCalls: {} },
      bill: { lines, total: 503n, priceListId: 'x' },
      notices: [],
      carried: [],
    };
    expect(writeAnswer(answer, envelope)['meta']).toMatchObject({ usage: { credits_used: 4 } });
  });

  test('content is null beside tool calls alone, and empty where nothing was said', () => {
    const message = (parts: Answer['choices'][number]['parts']): unknown =>
      writeAnswer({ choices: [{ parts, reason: 'stop' }], notices: [], carried: [] }, envelope)['choices'];
    expect(message([{ kind: 'tool-call', callId: 'c', name: 'f', argumentsText: '', ranBy: 'caller' }])).toMatchObject([
      { message: { content: null } },
    ]);
    expect(message([])).toMatchObject([{ message: { content: '' } }]);
    expect(message([{ kind: 'reasoning', text: 't' }])).toMatchObject([{ message: { content: '' } }]);
  });

  test('tool_usage is left out when no tool ran, and counts are numbers where none was told', () => {
    const answer: Answer = {
      choices: [],
      usage: { input: {}, output: {}, toolCalls: { web_search: 0 } },
      notices: [],
      carried: [],
    };
    expect(writeAnswer(answer, envelope)['usage']).toEqual({
      prompt_tokens: 0,
      completion_tokens: 0,
      total_tokens: 0,
      prompt_tokens_details: { cached_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0 },
    });
  });

  test('notices are shown, and what the wire cannot say is one of them', () => {
    const stated = { code: 'ignored' as const, path: 'thinking_budget', message: 'no thinking here' };
    const video = { kind: 'media' as const, medium: 'video' as const, source: { kind: 'bytes' as const, base64: 'AAAA' } };
    const answer: Answer = { choices: [{ parts: [video], reason: 'stop' }], notices: [stated], carried: [] };
    expect(writeAnswer(answer, envelope)['notices']).toEqual([
      stated,
      { code: 'dropped', path: 'choices[0].parts[0]', message: 'Chat completions have no place for this video of the answer.' },
    ]);
  });

  test('a tool call that a server ran is not handed to the caller', () => {
    const call = { kind: 'tool-call' as const, callId: 'c', name: 'web_search', argumentsText: '{}', ranBy: 'server' as const };
    const text = JSON.stringify(
      writeAnswer({ choices: [{ parts: [call], reason: 'stop' }], notices: [], carried: [] }, envelope),
    );
    expect(text).not.toContain('web_search');
  });
});

describe('a stream', () => {
  test('goes role, thought, text, annotation, call, finish, usage, [DONE], with what each client needs in each', () => {
    const writer = streamWriter(envelope, asking(true));
    const frames = chunks(writer.write(unfold(full)) + writer.end());
    expect(frames.at(-1)).toBe('[DONE]');
    const bodies = frames.slice(0, -1).filter((frame) => typeof frame !== 'string');
    for (const body of bodies) {
      expect(body).toMatchObject({
        id: 'gen_01',
        object: 'chat.completion.chunk',
        created: 1,
        model: 'alibaba/qwen3.5-flash',
        provider: 'alibaba',
      });
      expect(body).not.toHaveProperty('system_fingerprint');
    }
    expect(bodies.map((body) => body['choices'])).toEqual([
      [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }],
      [{ index: 0, delta: { reasoning_content: 'think', reasoning: 'think' }, finish_reason: null }],
      [{ index: 0, delta: { content: 'hello' }, finish_reason: null }],
      [
        {
          index: 0,
          delta: {
            annotations: [{ type: 'url_citation', url_citation: { start_index: 0, end_index: 1, title: 'T', url: 'http://a' } }],
          },
          finish_reason: null,
        },
      ],
      [
        {
          index: 0,
          delta: { tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '' } }] },
          finish_reason: null,
        },
      ],
      [{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: '{}' } }] }, finish_reason: null }],
      [{ index: 0, delta: {}, finish_reason: 'tool_calls', native_finish_reason: 'tool_calls' }],
      [],
    ]);
    expect(bodies.at(-1)?.['usage']).toEqual(writeAnswer(full, envelope)['usage']);
  });

  test.each([[undefined], [false]])('has no usage chunk where include_usage was %s', (usage) => {
    const writer = streamWriter(envelope, asking(usage));
    expect(writer.write(unfold({ ...full, carried: [] })) + writer.end()).not.toContain('"usage"');
  });

  test('tells notices and carried fields in the first chunk, once', () => {
    const writer = streamWriter(envelope, asking());
    const notice = { code: 'stand-in' as const, path: 'model', message: 'another model answers' };
    const [first, ...rest] = chunks(writer.write(unfold({ ...full, notices: [notice] })) + writer.end());
    expect(first).toMatchObject({ notices: [notice], service_tier: 'default', choices: [{ delta: { role: 'assistant' } }] });
    expect(JSON.stringify(rest)).not.toContain('notices');
  });

  test('tells a notice that came after the last chunk before [DONE]', () => {
    const writer = streamWriter(envelope, asking());
    writer.write(unfold({ ...full, carried: [] }));
    const late: AnswerEvent = { kind: 'notice', notice: { code: 'estimated', path: 'usage', message: 'counted here' } };
    expect(chunks(writer.write([late]) + writer.end())).toEqual([
      expect.objectContaining({ choices: [], notices: [{ code: 'estimated', path: 'usage', message: 'counted here' }] }),
      '[DONE]',
    ]);
  });

  test('ends with an error without choices after a fault, and does not claim to be done', () => {
    const writer = streamWriter(envelope, asking());
    expect(chunks(writer.fault(new FlashmuxError('upstream_failed', 'gone')))).toEqual([
      { error: { message: 'gone', type: 'server_error', param: null, code: 'upstream_failed', request_id: 'req_01' } },
    ]);
  });

  test('a second sound is told instead of spoiling the first', () => {
    const sound = (base64: string) => ({
      kind: 'media' as const,
      medium: 'audio' as const,
      source: { kind: 'bytes' as const, base64 },
    });
    const writer = streamWriter(envelope, asking());
    const text = writer.write(
      unfold({ choices: [{ parts: [sound('AAAA'), sound('BBBB')], reason: 'stop' }], notices: [], carried: [] }),
    );
    expect(text).toContain('AAAA');
    expect(text).not.toContain('BBBB');
    expect(text).toContain('"notices"');
  });
});

test('a fault has a string as its code and names the field', () => {
  const fault = new FlashmuxError('invalid_request', 'wrong', {
    param: 'messages[0]',
    upstream: { status: 400, body: { a: 1 } },
  });
  expect(writeFault(fault, 'req_01')).toEqual({
    error: {
      message: 'wrong',
      type: 'invalid_request_error',
      param: 'messages[0]',
      code: 'invalid_value',
      request_id: 'req_01',
      upstream: { status: 400, body: { a: 1 } },
    },
  });
});

function chunks(text: string): readonly (JsonObject | string)[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      expect(frame).toMatch(/^data: /);
      const data = frame.slice('data: '.length);
      const value = parseJson(data);
      return isJsonObject(value) ? value : data;
    });
}
