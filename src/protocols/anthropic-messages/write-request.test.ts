import type Anthropic from '@anthropic-ai/sdk';
import { expect, test } from 'vitest';
import type { Part } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { Turn } from '../../model/turn.ts';
import { writeRequest } from './write-request.ts';

const text = (value: string): Part => ({ kind: 'text', text: value });
const call = (callId: string): Part => ({ kind: 'tool-call', callId, name: 'f', argumentsText: '{}', ranBy: 'caller' });
const marked = (value: string, lifetimeSeconds?: number): Part => ({
  kind: 'text',
  text: value,
  cacheMark: lifetimeSeconds === undefined ? {} : { lifetimeSeconds },
});

const plain: GenerateRequest = {
  model: 'm',
  turns: [{ role: 'user', parts: [text('hi')] }],
  tools: [],
  sampling: {},
  limits: { completionTokens: 100 },
  thinking: { kind: 'unsaid' },
  form: { kind: 'unsaid' },
  delivery: { kind: 'whole', said: false },
};

function written(fields: Partial<GenerateRequest>): { body: unknown; notices: readonly string[] } {
  const { body, notices } = writeRequest({ ...plain, ...fields });
  return { body, notices: notices.map((notice) => `${notice.code} ${notice.path}`) };
}

function messagesOf(...turns: Turn[]): { messages: unknown; notices: readonly string[] } {
  const { body, notices } = writeRequest({ ...plain, turns });
  return { messages: body['messages'], notices: notices.map((notice) => `${notice.code} ${notice.path}`) };
}

test("a conversation of another protocol becomes parameters of the SDK's own type", () => {
  const params = {
    model: 'm',
    max_tokens: 4000,
    system: 'be kind',
    messages: [
      { role: 'user', content: 'hi' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 't', signature: '' },
          { type: 'text', text: 'a' },
          { type: 'tool_use', id: 'c', name: 'f', input: {} },
          { type: 'tool_use', id: 'd', name: 'f', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'c', content: '1' },
          {
            type: 'tool_result',
            tool_use_id: 'd',
            is_error: true,
            content: [
              { type: 'text', text: '2' },
              { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0K' } },
            ],
          },
        ],
      },
    ],
    tools: [
      { name: 'f', input_schema: { type: 'object', properties: {} } },
      { type: 'web_search_20250305', name: 'web_search' },
    ],
    tool_choice: { type: 'any', disable_parallel_tool_use: true },
    thinking: { type: 'enabled', budget_tokens: 1024 },
    output_config: { effort: 'low', format: { type: 'json_schema', schema: { type: 'object' } } },
    stop_sequences: ['END'],
    stream: true,
  } satisfies Anthropic.MessageCreateParams;
  const request: GenerateRequest = {
    model: 'm',
    turns: [
      { role: 'system', parts: [text('be kind')] },
      { role: 'user', parts: [text('hi')] },
      { role: 'assistant', parts: [{ kind: 'reasoning', text: 't' }, text('a'), call('c'), call('d')] },
      { role: 'tool', parts: [{ kind: 'tool-result', callId: 'c', parts: [text('1')] }] },
      {
        role: 'tool',
        parts: [
          {
            kind: 'tool-result',
            callId: 'd',
            outcome: 'error',
            parts: [text('2'), { kind: 'media', medium: 'image', source: { kind: 'bytes', base64: 'iVBORw0K' } }],
          },
        ],
      },
    ],
    tools: [{ kind: 'function', name: 'f' }],
    serverTools: { web_search: true },
    toolChoice: { kind: 'required' },
    parallelToolCalls: false,
    sampling: { stop: ['END'] },
    limits: { completionTokens: 4000 },
    thinking: { kind: 'on', budgetTokens: 1024, effort: 'low' },
    form: { kind: 'schema', name: 'output', schema: { type: 'object' }, strict: true },
    delivery: { kind: 'stream', usage: true },
  };
  expect(writeRequest(request)).toEqual({ body: params, notices: [] });
});

test('the last four cache marks are kept, in lifetimes that the wire has', () => {
  const turn: Turn = { role: 'user', parts: [marked('1'), marked('2'), marked('3', 90), marked('4', 3600), marked('5', 7200)] };
  expect(messagesOf(turn)).toEqual({
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: '1' },
          { type: 'text', text: '2', cache_control: { type: 'ephemeral' } },
          { type: 'text', text: '3', cache_control: { type: 'ephemeral', ttl: '5m' } },
          { type: 'text', text: '4', cache_control: { type: 'ephemeral', ttl: '1h' } },
          { type: 'text', text: '5', cache_control: { type: 'ephemeral', ttl: '1h' } },
        ],
      },
    ],
    notices: ['dropped messages[0].content[0]', 'clamped messages[0].content[2]', 'clamped messages[0].content[4]'],
  });
});

test('marks that tools carry count among the four', () => {
  const carry = { protocol: 'anthropic-messages', fields: { cache_control: { type: 'ephemeral' } } } as const;
  const tools = ['a', 'b'].map((name) => ({ kind: 'function', name, parameters: {}, carry }) as const);
  const turns: Turn[] = [{ role: 'user', parts: [marked('1'), marked('2'), marked('3')] }];
  expect(written({ tools, turns }).notices).toEqual(['dropped messages[0].content[0]']);
});

test.each<[string, Part]>([
  ['an opaque block of another protocol', { kind: 'opaque', protocol: 'openai-chat', value: { type: 'x' } }],
  ['a tool call that a server ran', { kind: 'tool-call', callId: 'c', name: 'web_search', argumentsText: '', ranBy: 'server' }],
  ['a picture', { kind: 'media', medium: 'image', source: { kind: 'url', url: 'https://a/b' } }],
])('%s of an assistant is dropped with a notice that names it', (_, part) => {
  expect(messagesOf({ role: 'assistant', parts: [text('a'), part] })).toEqual({
    messages: [{ role: 'assistant', content: 'a' }],
    notices: ['dropped messages[0].content[1]'],
  });
});

test.each<[string, Part]>([
  ['sound', { kind: 'media', medium: 'audio', source: { kind: 'url', url: 'https://a/b.mp3' } }],
  ['a clip', { kind: 'media', medium: 'video', source: { kind: 'frames', urls: ['https://a/b'] } }],
])('%s is dropped with a notice that names it', (_, part) => {
  expect(messagesOf({ role: 'user', parts: [text('a'), part] })).toEqual({
    messages: [{ role: 'user', content: 'a' }],
    notices: ['dropped messages[0].content[1]'],
  });
});

test('a proof that only another host can read is left out, its thought is kept, and the caller is told', () => {
  const part: Part = { kind: 'reasoning', text: 't', seal: { protocol: 'openai-responses', value: 'x' } };
  expect(messagesOf({ role: 'assistant', parts: [part] })).toEqual({
    messages: [{ role: 'assistant', content: [{ type: 'thinking', thinking: 't', signature: '' }] }],
    notices: ['dropped messages[0].content[0]'],
  });
});

test('arguments that are no JSON object are wrapped, and the caller is told', () => {
  const part: Part = { kind: 'tool-call', callId: 'c', name: 'f', argumentsText: '{"a":', ranBy: 'caller' };
  expect(messagesOf({ role: 'assistant', parts: [part] })).toEqual({
    messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'f', input: { INVALID_JSON: '{"a":' } }] }],
    notices: ['moved messages[0].content[0]'],
  });
});

test('bytes of a document that are no text stay bytes', () => {
  const part: Part = { kind: 'media', medium: 'document', source: { kind: 'bytes', base64: '/////w==', format: 'text/plain' } };
  expect(messagesOf({ role: 'user', parts: [part] }).messages).toEqual([
    { role: 'user', content: [{ type: 'document', source: { type: 'base64', media_type: 'text/plain', data: '/////w==' } }] },
  ]);
});

test.each<[string, Partial<GenerateRequest>, object, readonly string[]]>([
  ['no limit', { limits: {} }, { max_tokens: 4096 }, ['clamped max_tokens']],
  [
    'a limit of the answer beside a budget',
    { limits: { answerTokens: 1000 }, thinking: { kind: 'on', budgetTokens: 500 } },
    { max_tokens: 1500, thinking: { type: 'enabled', budget_tokens: 500 } },
    ['clamped max_tokens'],
  ],
  [
    'a budget beyond the limit',
    { thinking: { kind: 'on', budgetTokens: 500 } },
    { thinking: { type: 'enabled', budget_tokens: 99 } },
    ['clamped thinking_budget'],
  ],
  ['thinking without a budget', { thinking: { kind: 'on' } }, { thinking: { type: 'adaptive' } }, []],
  [
    'effort none',
    { thinking: { kind: 'unsaid', effort: 'none' } },
    { thinking: { type: 'disabled' } },
    ['moved reasoning_effort'],
  ],
  [
    'effort minimal',
    { thinking: { kind: 'unsaid', effort: 'minimal' } },
    { output_config: { effort: 'low' } },
    ['clamped reasoning_effort'],
  ],
  ['JSON mode', { form: { kind: 'json' } }, {}, ['dropped response_format']],
  ['a seed', { sampling: { seed: 1, temperature: 0 } }, { temperature: 0 }, ['dropped seed']],
  ['parallel calls without tools', { parallelToolCalls: true }, {}, ['dropped parallel_tool_calls']],
  [
    'an image search',
    { serverTools: { image_search: true, web_search: false } },
    {},
    ['dropped tool_image_search', 'dropped tool_web_search'],
  ],
  ['fields of another protocol', { carry: { protocol: 'openai-chat', fields: { user: 'u' } } }, {}, ['dropped ']],
])('%s', (_, fields, said, notices) => {
  const base = { model: 'm', max_tokens: 100, messages: [{ role: 'user', content: 'hi' }] };
  expect(written(fields)).toEqual({ body: { ...base, ...said }, notices });
});

test('tools of Anthropic go back to their places among the others', () => {
  const tool = { type: 'bash_20250124', name: 'bash' };
  expect(
    written({
      tools: ['a', 'b'].map((name) => ({ kind: 'function', name, parameters: {} })),
      carry: { protocol: 'anthropic-messages', fields: { tools: [{ index: 1, tool }] } },
    }).body,
  ).toMatchObject({ tools: [{ name: 'a' }, tool, { name: 'b' }] });
});
