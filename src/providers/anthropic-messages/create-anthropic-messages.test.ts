import { afterEach, describe, expect, test } from 'vitest';
import { fold } from '../../model/fold.ts';
import type { Provider } from '../../model/ports.ts';
import type { Behaviour } from '../../net/local-server.test-support.ts';
import { attemptOf, requestOf } from '../attempt.test-support.ts';
import { hostRig, json, outcomeOf, streaming, type HostRig } from '../http-host/host-rig.test-support.ts';
import { createAnthropicMessages, type AnthropicMessagesOptions } from './create-anthropic-messages.ts';
import { messagesRows, type MessagesQuirks } from './messages-quirks.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function rig(
  behave: Behaviour,
  quirks: MessagesQuirks = messagesRows.anthropic,
  more: Partial<AnthropicMessagesOptions> = {},
): Promise<HostRig> {
  const made = await hostRig((options): Provider => createAnthropicMessages({ ...options, quirks, ...more }), behave);
  cleanups.push(() => made.close());
  return made;
}

const signal = (): AbortSignal => new AbortController().signal;

describe('asking', () => {
  const nothing: Behaviour = (reply) => void reply.writeHead(500, json).end('{}');

  test('posts to /messages with the key and the version that every descendant knows', async () => {
    const { server, provider } = await rig(nothing);
    await outcomeOf(provider.run(attemptOf(requestOf('hi')), signal()));
    expect(server.requests[0]).toMatchObject({ method: 'POST', url: '/v1/messages' });
    expect(server.requests[0]?.headers).toMatchObject({
      'x-api-key': 'key-a',
      'anthropic-version': '2023-06-01',
      accept: expect.stringContaining('text/event-stream'),
      'x-request-id': 'req_test',
    });
    expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  test('a row may want the key as a bearer', async () => {
    const { server, provider } = await rig(nothing, { ...messagesRows.generic, keyHeader: 'authorization' });
    await outcomeOf(provider.run(attemptOf(requestOf('hi')), signal()));
    expect(server.requests[0]?.headers).toMatchObject({ authorization: 'Bearer key-a' });
  });

  test('asks for as many tokens as the model may write where the caller named no limit', async () => {
    const { lastBody, provider } = await rig(nothing, messagesRows.anthropic, {
      outputLimit: (model) => (model === 'm' ? 8192 : undefined),
    });
    await outcomeOf(provider.run(attemptOf(requestOf('hi')), signal()));
    expect(lastBody()['max_tokens']).toBe(8192);
  });

  test('notices of the request stand right after the start of the answer', async () => {
    const head = { type: 'message_start', message: { id: 'm', model: 'm', role: 'assistant', content: [], stop_reason: null } };
    const { provider } = await rig(streaming([`data: ${JSON.stringify(head)}\n\n`]));
    const { events } = await outcomeOf(provider.run(attemptOf(requestOf('hi', { sampling: { temperature: 2 } })), signal()));
    expect(events.slice(0, 3)).toMatchObject([
      { kind: 'answer-start' },
      { kind: 'notice', notice: { path: 'max_tokens' } },
      { kind: 'notice', notice: { code: 'clamped', path: 'temperature' } },
    ]);
  });
});

describe('faults', () => {
  test.each([
    [400, { type: 'error', error: { type: 'invalid_request_error', message: 'no' } }, 'invalid_request'],
    [
      400,
      { type: 'error', error: { type: 'invalid_request_error', message: 'prompt is too long: 9 > 8' } },
      'context_length_exceeded',
    ],
    [401, { type: 'error', error: { type: 'authentication_error', message: 'no' } }, 'upstream_refused'],
    [413, { type: 'error', error: { type: 'request_too_large', message: 'no' } }, 'body_too_large'],
    [429, { type: 'error', error: { type: 'rate_limit_error', message: 'no' } }, 'rate_limited'],
    [529, { type: 'error', error: { type: 'overloaded_error', message: 'no' } }, 'upstream_failed'],
    // Alibaba's face: flat, and a bad key is a 403.
    [403, { code: 'InvalidApiKey', message: 'no', request_id: 'r' }, 'upstream_refused'],
    [400, { code: 'InvalidParameter', message: 'Range of max_tokens should be [1, 9]', request_id: 'r' }, 'invalid_request'],
  ])('a %i with %j is %s', async (status, body, code) => {
    const { provider } = await rig((reply) => void reply.writeHead(status, json).end(JSON.stringify(body)));
    const { fault } = await outcomeOf(provider.run(attemptOf(requestOf('hi')), signal()));
    expect(fault).toMatchObject({ code, upstream: { provider: 'host', status } });
  });
});

describe('counting an input', () => {
  const request = requestOf('hi', { sampling: { temperature: 0.5 }, tools: [{ kind: 'function', name: 'f' }] });

  test('asks the host, with no more than a count is made of', async () => {
    const { server, provider, lastBody } = await rig((reply) => void reply.writeHead(200, json).end('{"input_tokens":14}'));
    expect(await provider.countInput?.(request, signal())).toBe(14);
    expect(server.requests[0]?.url).toBe('/v1/messages/count_tokens');
    expect(lastBody()).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'hi' }],
      tools: [{ name: 'f', input_schema: { type: 'object', properties: {} } }],
    });
  });

  test.each([
    ['an error', 500, '{}'],
    ['no number', 200, '{"input_tokens":"14"}'],
    ['no JSON', 200, '<html>'],
  ])('%s is a fault of the host', async (_, status, body) => {
    const { provider } = await rig((reply) => void reply.writeHead(status, json).end(body));
    await expect(provider.countInput?.(request, signal())).rejects.toMatchObject({
      code: 'upstream_failed',
      upstream: { provider: 'host' },
    });
  });

  test('is not offered where the host has no such call', async () => {
    const { provider } = await rig(() => undefined, messagesRows.ollama);
    expect(provider.countInput).toBeUndefined();
  });
});

test("Alibaba's face begins with a ping, and tells its usage at the end", async () => {
  const event = (type: string, more: object = {}): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
  const { provider } = await rig(
    streaming([
      event('ping'),
      event('message_start', { message: { id: 'm', model: 'q', role: 'assistant', content: [], usage: { input_tokens: 0 } } }),
      event('content_block_start', { index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } }),
      event('content_block_delta', { index: 0, delta: { type: 'thinking_delta', thinking: 'Hm.' } }),
      event('content_block_stop', { index: 0 }),
      event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { input_tokens: 17, output_tokens: 16 } }),
      event('message_stop'),
    ]),
    messagesRows.dashscope,
  );
  const { events } = await outcomeOf(provider.run(attemptOf(requestOf('hi')), signal()));
  expect(fold(events)).toMatchObject({
    choices: [{ parts: [{ kind: 'reasoning', text: 'Hm.' }], reason: 'stop' }],
    usage: { input: { total: 17 }, output: { total: 16 } },
  });
});
