import type Anthropic from '@anthropic-ai/sdk';
import type Anthropic0 from '@anthropic-ai/sdk-0';
import { describe, expect, test } from 'vitest';
import type { Answer } from '../../model/answer.ts';
import { FlashmuxError } from '../../model/fault.ts';
import { fold } from '../../model/fold.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Part } from '../../model/part.ts';
import { anthropicMessages } from './anthropic-messages.ts';
import { cacheFields, citation, envelope, finalUsage, full, ours, place } from './full-answer.test-support.ts';

const { writeAnswer, writeFault } = anthropicMessages.server;

describe('a whole reply', () => {
  test('is a Message of both lines of the SDK, to the letter', () => {
    const message = {
      id: 'gen_01',
      type: 'message',
      role: 'assistant',
      model: 'alibaba/qwen3.5-flash',
      container: null,
      diagnostics: null,
      stop_details: null,
      content: [
        { type: 'thinking', thinking: 'think', signature: 'c2ln' },
        { type: 'text', text: 'hello', citations: [citation] },
        { type: 'tool_use', id: 'call_1', name: 'f', input: { a: 1 }, caller: { type: 'direct' } },
      ],
      stop_reason: 'tool_use',
      stop_sequence: null,
      usage: {
        ...finalUsage,
        cache_creation: { ephemeral_5m_input_tokens: 1, ephemeral_1h_input_tokens: 0 },
        inference_geo: null,
        service_tier: null,
        speed: null,
      },
    } satisfies Anthropic.Message satisfies Anthropic0.Message;
    expect(writeAnswer(full, envelope)).toEqual({
      ...message,
      provider: 'alibaba',
      content: [message.content[0], { type: 'text', text: 'hello', citations: [{ ...citation, ...place }] }, message.content[2]],
      usage: { ...message.usage, ...cacheFields, ...ours },
    });
  });

  test('has no key citations where there are none, because null breaks @ai-sdk/anthropic 3', () => {
    const answer: Answer = { choices: [{ parts: [{ kind: 'text', text: 'a' }], reason: 'stop' }], notices: [], carried: [] };
    expect(writeAnswer(answer, envelope)['content']).toEqual([{ type: 'text', text: 'a' }]);
  });

  test.each<[Partial<Answer['choices'][number]>, JsonObject]>([
    [{ reason: 'stop' }, { stop_reason: 'end_turn', stop_sequence: null }],
    [
      { reason: 'stop', stopSequence: 'END' },
      { stop_reason: 'stop_sequence', stop_sequence: 'END' },
    ],
    [{ reason: 'length' }, { stop_reason: 'max_tokens' }],
    [{ reason: 'tool-calls' }, { stop_reason: 'tool_use' }],
    [{ reason: 'content-filter' }, { stop_reason: 'refusal' }],
    [{ reason: 'other', providerReason: 'pause_turn' }, { stop_reason: 'pause_turn' }],
    [{ reason: 'length', providerReason: 'model_context_window_exceeded' }, { stop_reason: 'model_context_window_exceeded' }],
    [
      { reason: 'other', providerReason: 'eos_token' },
      { stop_reason: 'end_turn', native_stop_reason: 'eos_token' },
    ],
    [{ reason: 'error' }, { stop_reason: 'end_turn', native_stop_reason: 'error' }],
    [{}, { stop_reason: null, stop_sequence: null }],
  ])('ends %j as %j', (choice, wanted) => {
    const written = writeAnswer({ choices: [{ parts: [], ...choice }], notices: [], carried: [] }, envelope);
    expect(written).toMatchObject(wanted);
    if (wanted['native_stop_reason'] === undefined) expect(written).not.toHaveProperty('native_stop_reason');
  });

  test.each<[string, Part]>([
    ['sound', { kind: 'media', medium: 'audio', source: { kind: 'bytes', base64: 'AAAA' } }],
    ['a block of another protocol', { kind: 'opaque', protocol: 'openai-chat', value: { type: 'x' } }],
  ])('%s is dropped with a notice, because clients fail on blocks they do not know', (_, part) => {
    const written = writeAnswer({ choices: [{ parts: [part], reason: 'stop' }], notices: [], carried: [] }, envelope);
    expect(written).toMatchObject({ content: [], notices: [{ code: 'dropped', path: 'content[0]' }] });
  });

  test('a second answer is told', () => {
    const written = writeAnswer({ choices: [{ parts: [] }, { parts: [] }], notices: [], carried: [] }, envelope);
    expect(written['notices']).toMatchObject([{ code: 'dropped', path: 'choices[1]' }]);
  });

  test('a tool call that a server ran is not handed to the caller', () => {
    const call = { kind: 'tool-call' as const, callId: 'c', name: 'web_search', argumentsText: '{}', ranBy: 'server' as const };
    expect(writeAnswer({ choices: [{ parts: [call] }], notices: [], carried: [] }, envelope)['content']).toEqual([]);
  });

  test('arguments that are no object are wrapped, and unwrapped by the reader', () => {
    const call = { kind: 'tool-call' as const, callId: 'c', name: 'f', argumentsText: '{"a":', ranBy: 'caller' as const };
    const written = writeAnswer({ choices: [{ parts: [call] }], notices: [], carried: [] }, envelope);
    expect(written['content']).toMatchObject([{ input: { INVALID_JSON: '{"a":' } }]);
    expect(fold(anthropicMessages.client.readAnswer(written)).choices[0]?.parts).toEqual([call]);
  });
});

test('a fault has a type of Anthropic, and names the field', () => {
  const fault = new FlashmuxError('invalid_request', 'wrong', {
    param: 'messages[0]',
    upstream: { status: 400, body: { a: 1 } },
  });
  const error = { type: 'invalid_request_error', message: 'wrong' } satisfies Anthropic.InvalidRequestError;
  const written = {
    type: 'error',
    error,
    request_id: 'req_01',
  } satisfies Anthropic.ErrorResponse satisfies Anthropic0.ErrorResponse;
  expect(writeFault(fault, 'req_01')).toEqual({
    ...written,
    error: {
      ...error,
      details: { error_code: 'invalid_request', param: 'messages[0]' },
      upstream: { status: 400, body: { a: 1 } },
    },
  });
});
