import { expect, test } from 'vitest';
import type { Part } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { Turn } from '../../model/turn.ts';
import { writeRequest } from './write-request.ts';

const text = (value: string): Part => ({ kind: 'text', text: value });
const call = (callId: string): Part => ({ kind: 'tool-call', callId, name: 'f', argumentsText: '{}', ranBy: 'caller' });
const picture: Part = { kind: 'media', medium: 'image', source: { kind: 'bytes', base64: 'AAAA', format: 'png' } };

function written(...turns: Turn[]): { messages: unknown; notices: readonly string[] } {
  const request: GenerateRequest = {
    model: 'm',
    turns,
    tools: [],
    sampling: {},
    limits: {},
    thinking: { kind: 'unsaid' },
    form: { kind: 'unsaid' },
    delivery: { kind: 'whole', said: false },
  };
  const { body, notices } = writeRequest(request);
  return { messages: body['messages'], notices: notices.map((notice) => `${notice.code} ${notice.path}`) };
}

test('media in tool results follow in one user message after the last result of the run', () => {
  const result = (callId: string, ...parts: Part[]): Turn => ({ role: 'tool', parts: [{ kind: 'tool-result', callId, parts }] });
  expect(
    written({ role: 'assistant', parts: [call('a'), call('b')] }, result('a', text('seen'), picture), result('b', text('2')), {
      role: 'assistant',
      parts: [text('ok')],
    }),
  ).toEqual({
    messages: [
      {
        role: 'assistant',
        content: null,
        tool_calls: ['a', 'b'].map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } })),
      },
      { role: 'tool', tool_call_id: 'a', content: 'seen' },
      { role: 'tool', tool_call_id: 'b', content: '2' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Media in the result of tool call a:' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
        ],
      },
      { role: 'assistant', content: 'ok' },
    ],
    notices: ['moved messages[1].content[0]'],
  });
});

test('text after tool results in one turn is kept, in its order', () => {
  const results: Part[] = [
    { kind: 'tool-result', callId: 'a', parts: [text('1')], outcome: 'ok' },
    { kind: 'tool-result', callId: 'b', parts: [], outcome: 'error' },
  ];
  expect(written({ role: 'user', parts: [...results, text('go on')] })).toEqual({
    messages: [
      { role: 'tool', tool_call_id: 'a', content: '1' },
      { role: 'tool', tool_call_id: 'b', content: '' },
      { role: 'user', content: 'go on' },
    ],
    notices: ['dropped messages[0].content[1]'],
  });
});

test('text before a tool result is moved behind it, and the caller is told', () => {
  const turn: Turn = { role: 'user', parts: [text('first'), { kind: 'tool-result', callId: 'a', parts: [text('1')] }] };
  expect(written(turn)).toEqual({
    messages: [
      { role: 'tool', tool_call_id: 'a', content: '1' },
      { role: 'user', content: 'first' },
    ],
    notices: ['moved messages[0].content[0]'],
  });
});

test('text after a tool call goes before it, and the caller is told', () => {
  expect(written({ role: 'assistant', parts: [text('a'), call('c'), text('b')] })).toEqual({
    messages: [
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
    ],
    notices: ['moved messages[0].content[2]'],
  });
});

test.each<[string, Part]>([
  ['an opaque block of another protocol', { kind: 'opaque', protocol: 'anthropic-messages', value: { type: 'x' } }],
  ['a tool call that a server ran', { kind: 'tool-call', callId: 'c', name: 'web_search', argumentsText: '', ranBy: 'server' }],
  [
    'a proof that only another host can read',
    { kind: 'reasoning', text: '', seal: { protocol: 'anthropic-messages', value: 'x' } },
  ],
])('%s is dropped with a notice that names it', (_, part) => {
  expect(written({ role: 'assistant', parts: [text('a'), part] })).toEqual({
    messages: [{ role: 'assistant', content: 'a' }],
    notices: expect.arrayContaining(['dropped messages[0].content[1]']),
  });
});

test('fields that another protocol carried are dropped with a notice', () => {
  const turn: Turn = { role: 'user', parts: [text('a')], carry: { protocol: 'anthropic-messages', fields: { x: 1 } } };
  expect(written(turn)).toEqual({ messages: [{ role: 'user', content: 'a' }], notices: ['dropped messages[0]'] });
});

test('an earlier sound goes back by its id', () => {
  const sound: Part = {
    kind: 'media',
    medium: 'audio',
    source: { kind: 'bytes', base64: 'AAAA' },
    id: 'audio_1',
    transcript: 'Hi',
  };
  expect(written({ role: 'assistant', parts: [sound] })).toEqual({
    messages: [{ role: 'assistant', content: null, audio: { id: 'audio_1' } }],
    notices: ['dropped messages[0].content[0]'],
  });
});
