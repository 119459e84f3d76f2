import { describe, expect, test } from 'vitest';
import { FlashmuxError } from '../../model/fault.ts';
import type { Json } from '../../model/json.ts';
import { anthropicMessages } from './anthropic-messages.ts';

const { readFault, readAnswer, streamReader } = anthropicMessages.client;

const told = (type: string, message: string): Json => ({ type: 'error', error: { type, message }, request_id: 'req_011' });

describe('an error of an upstream', () => {
  test.each<[number, Json | string, string, string]>([
    [400, told('invalid_request_error', 'max_tokens: Field required'), 'invalid_request', 'max_tokens: Field required'],
    [
      400,
      told('invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'),
      'context_length_exceeded',
      'prompt is too long: 210000 tokens > 200000 maximum',
    ],
    [404, told('not_found_error', 'model: x'), 'invalid_request', 'model: x'],
    [413, told('request_too_large', 'Request exceeds the maximum size'), 'body_too_large', 'Request exceeds the maximum size'],
    [429, told('rate_limit_error', 'slow down'), 'rate_limited', 'slow down'],
    [500, told('api_error', 'Internal server error'), 'upstream_failed', 'Internal server error'],
    [504, told('timeout_error', 'late'), 'upstream_timeout', 'late'],
    [529, told('overloaded_error', 'Overloaded'), 'upstream_failed', 'Overloaded'],
    [0, told('rate_limit_error', 'slow down'), 'rate_limited', 'slow down'],
    [0, told('overloaded_error', 'Overloaded'), 'upstream_failed', 'Overloaded'],
    [400, { code: 'InvalidParameter', message: 'bad', request_id: 'r' }, 'invalid_request', 'bad'],
    [502, '<html>Bad Gateway</html>', 'upstream_failed', 'The upstream answered 502 without saying what was wrong.'],
  ])('%i %j', (status, body, code, message) => {
    const fault = readFault(status, body);
    expect([fault.code, fault.message]).toEqual([code, message]);
    expect(fault.upstream).toEqual({ ...(status === 0 ? {} : { status }), body });
  });

  test.each([
    [401, 'authentication_error'],
    [402, 'billing_error'],
    [403, 'permission_error'],
    [0, 'authentication_error'],
  ])('with %i %s is about our key, and shows the caller nothing of it', (status, type) => {
    const fault = readFault(status, told(type, 'invalid x-api-key sk-ant-123'));
    expect(fault.code).toBe('upstream_refused');
    expect(JSON.stringify([fault.message, fault.upstream])).not.toContain('sk-ant');
  });
});

describe('a body that is no message', () => {
  test.each<[Json, string]>([
    [told('overloaded_error', 'Overloaded'), 'upstream_failed'],
    [{ code: 'Throttling', message: 'slow', request_id: 'r' }, 'rate_limited'],
    [{ hello: 1 }, 'upstream_failed'],
    ['<html>', 'upstream_failed'],
  ])('%j', (body, code) => {
    expect(codeOf(() => readAnswer(body))).toBe(code);
  });
});

describe('a stream', () => {
  const start = { type: 'message_start', message: { id: 'x', content: [], usage: { input_tokens: 1 } } };
  const stop = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } };

  test.each<[string, readonly Json[]]>([
    ['before an answer began', [{ type: 'ping' }]],
    ['before a reason was given', [start]],
    ['with message_stop before a reason was given', [start, { type: 'message_stop' }]],
  ])('that ends %s was cut', (_, events) => {
    const reader = streamReader();
    for (const event of events) reader.read({ data: JSON.stringify(event) });
    expect(codeOf(() => reader.end())).toBe('upstream_failed');
  });

  test('without message_stop is complete where a reason was given', () => {
    const reader = streamReader();
    for (const event of [start, stop]) reader.read({ data: JSON.stringify(event) });
    expect(reader.end()).toEqual([{ kind: 'answer-end', answer: 0, reason: 'stop' }]);
  });

  test('says nothing after message_stop', () => {
    const reader = streamReader();
    for (const event of [start, stop, { type: 'message_stop' }]) reader.read({ data: JSON.stringify(event) });
    expect(reader.read({ data: JSON.stringify(start) })).toEqual([]);
    expect(reader.end()).toEqual([]);
  });

  test.each<[string | undefined, string, string]>([
    ['error', JSON.stringify(told('rate_limit_error', 'slow')), 'rate_limited'],
    [undefined, JSON.stringify(told('overloaded_error', 'busy')), 'upstream_failed'],
    ['error', 'broken', 'upstream_failed'],
    ['content_block_delta', 'not json', 'upstream_failed'],
  ])('throws the fault of the event %s %s', (event, data, code) => {
    expect(codeOf(() => streamReader().read(event === undefined ? { data } : { event, data }))).toBe(code);
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
