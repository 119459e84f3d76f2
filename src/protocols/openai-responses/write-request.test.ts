import { describe, expect, test } from 'vitest';
import type { Part } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { Turn } from '../../model/turn.ts';
import { openaiResponses } from './openai-responses.ts';

const { writeRequest } = openaiResponses.client;

const plain: GenerateRequest = {
  model: 'm',
  turns: [{ role: 'user', parts: [{ kind: 'text', text: 'hi' }] }],
  tools: [],
  sampling: {},
  limits: {},
  thinking: { kind: 'unsaid' },
  form: { kind: 'unsaid' },
  delivery: { kind: 'whole', said: false },
};

function input(...turns: readonly Turn[]): { readonly input: unknown; readonly notices: readonly (readonly string[])[] } {
  const { body, notices } = writeRequest({ ...plain, turns });
  return { input: body['input'], notices: notices.map(({ code, path }) => [code, path]) };
}

test('says what was said and nothing more', () => {
  expect(writeRequest(plain)).toEqual({ body: { model: 'm', input: 'hi' }, notices: [] });
});

describe('a conversation of another protocol', () => {
  test('keeps its order, its results between what surrounds them', () => {
    const text = (said: string): Part => ({ kind: 'text', text: said });
    expect(
      input(
        { role: 'user', parts: [text('a')] },
        {
          role: 'assistant',
          parts: [
            { kind: 'reasoning', text: 'b', seal: { protocol: 'anthropic-messages', value: 's' } },
            text('c'),
            { kind: 'tool-call', callId: 'd', name: 'f', argumentsText: '{}', ranBy: 'caller' },
          ],
        },
        { role: 'user', parts: [{ kind: 'tool-result', callId: 'd', parts: [text('e')], outcome: 'ok' }, text('f')] },
      ),
    ).toEqual({
      input: [
        { type: 'message', role: 'user', content: 'a' },
        { type: 'reasoning', summary: [{ type: 'summary_text', text: 'b' }] },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'c' }] },
        { type: 'function_call', call_id: 'd', name: 'f', arguments: '{}' },
        { type: 'function_call_output', call_id: 'd', output: 'e' },
        { type: 'message', role: 'user', content: 'f' },
      ],
      notices: [['dropped', 'messages[1].content[0]']],
    });
  });

  test.each<[string, Turn, string]>([
    ['the name of a participant', { role: 'user', parts: [], name: 'n' }, 'messages[0]'],
    [
      'the failure of a tool',
      { role: 'tool', parts: [{ kind: 'tool-result', callId: 'c', parts: [], outcome: 'error' }] },
      'messages[0].content[0]',
    ],
    [
      'a sound in the result of a tool',
      {
        role: 'tool',
        parts: [
          {
            kind: 'tool-result',
            callId: 'c',
            parts: [{ kind: 'media', medium: 'audio', source: { kind: 'bytes', base64: 'AAAA', format: 'wav' } }],
          },
        ],
      },
      'messages[0].content[0].content[0]',
    ],
    [
      'a call that a server ran',
      { role: 'assistant', parts: [{ kind: 'tool-call', callId: 'c', name: 'f', argumentsText: '', ranBy: 'server' }] },
      'messages[0].content[0]',
    ],
    [
      'a sound of the model, but for its words',
      {
        role: 'assistant',
        parts: [{ kind: 'media', medium: 'audio', source: { kind: 'file', id: 'a' }, transcript: 'words' }],
      },
      'messages[0].content[0]',
    ],
    [
      'a block of another protocol',
      { role: 'user', parts: [{ kind: 'opaque', protocol: 'anthropic-messages', value: {} }] },
      'messages[0].content[0]',
    ],
    [
      'a lifetime of a cache mark that the wire does not have',
      { role: 'user', parts: [{ kind: 'text', text: 'x', cacheMark: { lifetimeSeconds: 300 } }] },
      'messages[0].content[0]',
    ],
    [
      'a video as a list of pictures',
      { role: 'user', parts: [{ kind: 'media', medium: 'video', source: { kind: 'frames', urls: ['https://e'] } }] },
      'messages[0].content[0]',
    ],
  ])('tells that it loses %s', (_, turn, path) => {
    expect(input(turn).notices.map(([, at]) => at)).toEqual([path]);
  });
});

test.each<[string, Partial<GenerateRequest>]>([
  ['n', { answers: 2 }],
  ['audio', { modalities: ['text', 'audio'], audio: { format: 'wav', voice: 'v' } }],
  ['prediction', { prediction: 'p' }],
  ['max_tokens', { limits: { answerTokens: 5 } }],
  ['tool_choice', { toolChoice: { kind: 'opaque', value: {} } }],
  ['', { carry: { protocol: 'openai-chat', fields: { x: 1 } } }],
])('tells that it loses %s', (path, said) => {
  expect(writeRequest({ ...plain, ...said }).notices.map((notice) => notice.path)).toEqual([path]);
});

test('a limit of the answer alone holds for its thinking too', () => {
  expect(writeRequest({ ...plain, limits: { answerTokens: 5 } }).body['max_output_tokens']).toBe(5);
  expect(writeRequest({ ...plain, limits: { answerTokens: 5, completionTokens: 9 } }).body['max_output_tokens']).toBe(9);
});
