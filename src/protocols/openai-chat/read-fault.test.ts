import { describe, expect, test } from 'vitest';
import { FlashmuxError } from '../../model/fault.ts';
import type { Json } from '../../model/json.ts';
import { openaiChat } from './openai-chat.ts';

const { readFault, readAnswer, streamReader } = openaiChat.client;

describe('an error of an upstream', () => {
  test.each<[number, Json | string, string, string]>([
    [
      400,
      { error: { message: 'bad temperature', type: 'invalid_request_error', param: 'temperature', code: null } },
      'invalid_request',
      'bad temperature',
    ],
    [
      400,
      { code: 'InvalidParameter', message: 'Temperature should be in [0.0, 2.0)', request_id: 'r' },
      'invalid_request',
      'Temperature should be in [0.0, 2.0)',
    ],
    [
      400,
      { error: { message: 'Range of input length should be [1, 983616]', code: 'invalid_parameter_error' } },
      'context_length_exceeded',
      'Range of input length should be [1, 983616]',
    ],
    [
      400,
      { object: 'error', message: "This model's maximum context length is 8 tokens", type: 'BadRequestError', code: 400 },
      'context_length_exceeded',
      "This model's maximum context length is 8 tokens",
    ],
    [
      400,
      { error: { code: 'Arrearage', message: 'overdue' } },
      'upstream_refused',
      "The upstream refused this server's own credentials or account (Arrearage).",
    ],
    [404, { error: { message: 'no such model', code: 'model_not_found' } }, 'invalid_request', 'no such model'],
    [422, { detail: 'field required' }, 'invalid_request', 'field required'],
    [413, 'Payload Too Large', 'body_too_large', 'The upstream answered 413 without saying what was wrong.'],
    [429, { error: { message: 'slow down', code: 'limit_burst_rate' } }, 'rate_limited', 'slow down'],
    [408, '', 'upstream_timeout', 'The upstream answered 408 without saying what was wrong.'],
    [504, '<html>Gateway Timeout</html>', 'upstream_timeout', 'The upstream answered 504 without saying what was wrong.'],
    [500, { type: 'error', error: { type: 'api_error', message: 'oops' } }, 'upstream_failed', 'oops'],
    [503, { error: 'model is loading' }, 'upstream_failed', 'model is loading'],
    [529, { type: 'error', error: { type: 'overloaded_error', message: 'busy' } }, 'upstream_failed', 'busy'],
    [0, { error: { code: 429, message: 'slow down' } }, 'rate_limited', 'slow down'],
    [0, { error: { message: 'x', type: 'rate_limit_error', code: 'rate_limit_exceeded' } }, 'rate_limited', 'x'],
  ])('%i %j', (status, body, code, message) => {
    const fault = readFault(status, body);
    expect([fault.code, fault.message]).toEqual([code, message]);
    if (code !== 'upstream_refused') expect(fault.upstream).toEqual({ ...(status === 0 ? {} : { status }), body });
  });

  test('keeps the path of the field', () => {
    expect(readFault(400, { error: { message: 'x', param: 'messages[0].content' } }).param).toBe('messages[0].content');
  });

  test.each([401, 402, 403])('with %i is about our key, and shows the caller nothing of it', (status) => {
    const fault = readFault(status, { error: { message: 'Incorrect API key provided: sk-abc123', code: 'invalid_api_key' } });
    expect(fault.code).toBe('upstream_refused');
    expect(JSON.stringify([fault.message, fault.upstream])).not.toContain('sk-abc');
    expect(fault.upstream).toEqual({ status });
  });

  test('with a huge body keeps its start', () => {
    const fault = readFault(500, 'x'.repeat(1_000_000));
    expect(JSON.stringify(fault.upstream).length).toBeLessThan(3000);
    expect(readFault(500, { error: { message: 'y'.repeat(1_000_000) } }).message.length).toBe(1000);
  });
});

describe('an error inside an answer is thrown', () => {
  test.each<[string, string]>([
    ['{"error":{"message":"gone","type":"server_error","param":null,"code":"upstream_failed"}}', 'upstream_failed'],
    ['{"error":{"code":429,"message":"slow"},"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}', 'rate_limited'],
    ['{"choices":[{"index":0,"delta":{},"finish_reason":"error","error":{"code":504,"message":"late"}}]}', 'upstream_timeout'],
    ['{"code":"Throttling.RateQuota","message":"slow","request_id":"r"}', 'rate_limited'],
    ['{"error":"out of memory"}', 'upstream_failed'],
    ['not json', 'upstream_failed'],
  ])('%s', (data, code) => {
    expect(codeOf(() => streamReader().read({ data }))).toBe(code);
  });

  test('by an event named error, whatever its data', () => {
    expect(codeOf(() => streamReader().read({ event: 'error', data: 'broken' }))).toBe('upstream_failed');
    expect(codeOf(() => streamReader().read({ event: 'error', data: '{"message":"x","code":"limit_requests"}' }))).toBe(
      'rate_limited',
    );
  });

  test('with status 200 in a whole answer', () => {
    expect(codeOf(() => readAnswer({ code: 'InternalError', message: 'x', request_id: 'r' }))).toBe('upstream_failed');
    expect(codeOf(() => readAnswer({ hello: 1 }))).toBe('upstream_failed');
    expect(codeOf(() => readAnswer('<html>'))).toBe('upstream_failed');
  });
});

describe('a stream that ends', () => {
  const text = '{"choices":[{"index":0,"delta":{"content":"a"}}]}';
  const finish = '{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}';

  test.each<[string, readonly string[]]>([
    ['before an answer began', []],
    ['with [DONE] alone', ['[DONE]']],
    ['before a reason was given', [text]],
    ['with [DONE] before a reason was given', [text, '[DONE]']],
    ['before the second answer was complete', [text, '{"choices":[{"index":1,"delta":{"content":"b"}}]}', finish]],
  ])('%s was cut', (_, frames) => {
    const reader = streamReader();
    for (const data of frames) reader.read({ data });
    expect(codeOf(() => reader.end())).toBe('upstream_failed');
  });

  test('without [DONE] is complete where a reason was given', () => {
    const reader = streamReader();
    for (const data of [text, finish]) reader.read({ data });
    expect(reader.end().map((event) => event.kind)).toEqual(['part-end', 'answer-end']);
  });

  test('says nothing after [DONE]', () => {
    const reader = streamReader();
    for (const data of [text, finish, '[DONE]']) reader.read({ data });
    expect(reader.read({ data: text })).toEqual([]);
  });
});

function codeOf(run: () => void): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return FlashmuxError.is(error) ? error.code : error;
  }
}
