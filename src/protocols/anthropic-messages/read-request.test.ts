import { describe, expect, test } from 'vitest';
import { FlashmuxError } from '../../model/fault.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import { readCountRequest, readRequest } from './read-request.ts';

const user = { role: 'user', content: 'hi' };
const body = (fields: JsonObject): JsonObject => ({ model: 'm', max_tokens: 100, messages: [user], ...fields });
const messages = (...list: Json[]): JsonObject => body({ messages: list });
const block = (fields: Json): JsonObject => messages({ role: 'user', content: [{ type: 'text', text: 'a' }, fields] });
const said = (fields: Json): JsonObject => messages(user, { role: 'assistant', content: [fields] });
const tool = (fields: JsonObject): JsonObject => body({ tools: [{ name: 'f', input_schema: {}, ...fields }] });
const call = (id: string): JsonObject => ({ type: 'tool_use', id, name: 'f', input: {} });
const result = (id: string, fields: JsonObject = {}): JsonObject => ({ type: 'tool_result', tool_use_id: id, ...fields });
const asked = (...content: Json[]): JsonObject => ({ role: 'assistant', content });
const answered = (...content: Json[]): JsonObject => ({ role: 'user', content });
const marked = { type: 'text', text: 'a', cache_control: { type: 'ephemeral' } };

describe('one wrong thing is refused with its path and what would be right', () => {
  test.each<[Json, string | undefined, RegExp]>([
    ['hello', undefined, /JSON object/],
    [null, undefined, /null/],
    [{ max_tokens: 1, messages: [user] }, 'model', /missing/],
    [body({ model: '' }), 'model', /""/],
    [{ model: 'm', messages: [user] }, 'max_tokens', /missing; it must be a whole number of at least 1/],
    [body({ max_tokens: 0 }), 'max_tokens', /at least 1/],
    [body({ max_tokens: 1.5 }), 'max_tokens', /whole number/],
    [{ model: 'm', max_tokens: 1 }, 'messages', /missing/],
    [body({ messages: [] }), 'messages', /at least one/],
    [messages('hi'), 'messages[0]', /an object with role and content/],
    [messages({ role: 'tool', content: 'x' }), 'messages[0].role', /"tool"; it must be one of "user", "assistant", "system"/],
    [messages({ role: 'user' }), 'messages[0].content', /missing/],
    [messages({ role: 'user', content: 5 }), 'messages[0].content', /is 5/],
    [body({ system: 5 }), 'system', /a string or an array/],
    [
      body({ system: [{ type: 'image', source: {} }] }),
      'system[0].type',
      /a block of the system prompt; this one stands in a user message/,
    ],
    [block(null), 'messages[0].content[1]', /null/],
    [block({ text: 'a' }), 'messages[0].content[1].type', /missing/],
    [block({ type: 'text' }), 'messages[0].content[1].text', /missing/],
    [block({ type: 'text', text: 'a', citations: 1 }), 'messages[0].content[1].citations', /an array/],
    [block({ type: 'image' }), 'messages[0].content[1].source', /an object with a type/],
    [block({ type: 'image', source: { type: 'x' } }), 'messages[0].content[1].source.type', /"base64", "url", "file"/],
    [block({ type: 'image', source: { type: 'base64', data: 'AAAA' } }), 'messages[0].content[1].source.media_type', /missing/],
    [
      block({ type: 'image', source: { type: 'base64', media_type: 'application/pdf', data: 'AAAA' } }),
      'messages[0].content[1].source.media_type',
      /no type of an image/,
    ],
    [
      block({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'data:image/png;base64,AAAA' } }),
      'messages[0].content[1].source.data',
      /without a data: prefix/,
    ],
    [block({ type: 'image', source: { type: 'url', url: 'here' } }), 'messages[0].content[1].source.url', /the address/],
    [block({ type: 'image', source: { type: 'file' } }), 'messages[0].content[1].source.file_id', /missing/],
    [
      block({ type: 'document', source: { type: 'base64', media_type: 'video/mp4', data: 'AAAA' } }),
      'messages[0].content[1].source.media_type',
      /no type of a document/,
    ],
    [block({ type: 'document', source: { type: 'text', data: '\uD800' } }), 'messages[0].content[1].source.data', /surrogate/],
    [
      block({ type: 'document', source: { type: 'text', media_type: 'text/html', data: 'a' } }),
      'messages[0].content[1].source.media_type',
      /"text\/plain"/,
    ],
    [block({ type: 'document', source: { type: 'content', content: 5 } }), 'messages[0].content[1].source.content', /is 5/],
    [block(call('a')), 'messages[0].content[1].type', /stands in an assistant message/],
    [block({ type: 'thinking', thinking: 't', signature: 's' }), 'messages[0].content[1].type', /assistant message/],
    [said(result('a')), 'messages[1].content[0].type', /stands in a user message/],
    [said({ type: 'image', source: {} }), 'messages[1].content[0].type', /user message or a tool result/],
    [said({ type: 'thinking', thinking: 't' }), 'messages[1].content[0].signature', /missing/],
    [said({ type: 'redacted_thinking' }), 'messages[1].content[0].data', /missing/],
    [
      said({ type: 'thinking', thinking: 't', signature: 's', cache_control: { type: 'ephemeral' } }),
      'messages[1].content[0].cache_control',
      /cached with the message/,
    ],
    [said({ ...call('a'), input: '{}' }), 'messages[1].content[0].input', /an object of arguments/],
    [said({ ...call('a'), caller: 3 }), 'messages[1].content[0].caller', /an object/],
    [block({ ...marked, cache_control: { type: 'forever' } }), 'messages[0].content[1].cache_control', /ephemeral/],
    [block({ ...marked, cache_control: 5 }), 'messages[0].content[1].cache_control', /is 5/],
    [body({ temperature: 2.1 }), 'temperature', /from 0 to 2/],
    [body({ top_p: -1 }), 'top_p', /from 0 to 1/],
    [body({ top_k: -1 }), 'top_k', /at least 0/],
    [body({ stop_sequences: 'END' }), 'stop_sequences', /an array/],
    [body({ stop_sequences: [1] }), 'stop_sequences[0]', /a string/],
    [body({ tools: {} }), 'tools', /an array/],
    [tool({ name: 'a b' }), 'tools[0].name', /1 to 128/],
    [body({ tools: [{ name: 'f' }] }), 'tools[0].input_schema', /missing/],
    [tool({ input_schema: true }), 'tools[0].input_schema', /JSON Schema/],
    [tool({ strict: 'yes' }), 'tools[0].strict', /true or false/],
    [body({ tool_choice: 'auto' }), 'tool_choice', /an object/],
    [body({ tool_choice: { type: 'required' } }), 'tool_choice.type', /"any"/],
    [body({ tool_choice: { type: 'tool' } }), 'tool_choice.name', /missing/],
    [body({ tool_choice: { type: 'auto', disable_parallel_tool_use: 1 } }), 'tool_choice.disable_parallel_tool_use', /true or/],
    [body({ thinking: { type: 'on' } }), 'thinking.type', /"adaptive"/],
    [body({ thinking: { type: 'enabled' } }), 'thinking.budget_tokens', /missing/],
    [body({ thinking: { type: 'enabled', budget_tokens: 100 } }), 'thinking.budget_tokens', /max_tokens must be greater/],
    [body({ output_config: { effort: 'none' } }), 'output_config.effort', /"low"/],
    [body({ output_config: { format: { type: 'json' } } }), 'output_config.format.type', /"json_schema"/],
    [body({ output_format: { type: 'json_schema' } }), 'output_format.schema', /missing/],
    [
      body({
        output_format: { type: 'json_schema', schema: {} },
        output_config: { format: { type: 'json_schema', schema: {} } },
      }),
      'output_format',
      /both set/,
    ],
    [body({ metadata: { user_id: 5 } }), 'metadata.user_id', /a string/],
    [body({ stream: 'yes' }), 'stream', /true or false/],
  ])('%j', refusesWith);
});

describe('a conversation that cannot have happened is refused with the path of the block', () => {
  test.each<[string, Json, string, RegExp]>([
    ['a result without a call', messages(answered(result('a'))), 'messages[0].content[0].tool_use_id', /names no tool call/],
    [
      'a result of another call',
      messages(user, asked(call('a')), answered(result('b'))),
      'messages[2].content[0].tool_use_id',
      /names no/,
    ],
    ['a call without a result', messages(user, asked(call('a')), user), 'messages[1].content[0]', /without a result/],
    ['a call at the end', messages(user, asked(call('a'))), 'messages[1].content[0]', /without a result/],
    [
      'one of two calls without a result',
      messages(user, asked(call('a'), call('b')), answered(result('a')), asked({ type: 'text', text: 'x' })),
      'messages[1].content[1]',
      /without a result/,
    ],
    [
      'a result too late',
      messages(user, asked(call('a')), answered(result('a')), asked({ type: 'text', text: 'x' }), answered(result('a'))),
      'messages[4].content[0].tool_use_id',
      /has its result already/,
    ],
    [
      'two results of one call',
      messages(user, asked(call('a')), answered(result('a'), result('a'))),
      'messages[2].content[1].tool_use_id',
      /already/,
    ],
    [
      'one id for two calls',
      messages(user, asked(call('a'), call('a')), answered(result('a'))),
      'messages[1].content[1].id',
      /its own/,
    ],
  ])('%s', (_, wrong, param, words) => refusesWith(wrong, param, words));

  test('but roles may come in any order, results in several messages, and text before, between and after them', () => {
    const text = { type: 'text', text: 'x' };
    const turns = readRequest(
      messages(
        asked(text),
        asked(call('a'), call('b')),
        { role: 'system', content: 'be quick' },
        answered(text, result('b')),
        answered(result('a'), text),
        asked(text),
      ),
    ).turns;
    expect(turns.map((turn) => turn.role)).toEqual(['assistant', 'assistant', 'system', 'user', 'user', 'assistant']);
  });
});

test('four cache marks are read, the fifth is refused, wherever it stands', () => {
  const results = answered(result('a', { content: [marked], cache_control: { type: 'ephemeral', ttl: '1h' } }));
  const four = {
    ...tool({ cache_control: { type: 'ephemeral' } }),
    system: [marked],
    messages: [user, asked(call('a')), results],
  };
  expect(readRequest(four).turns.at(-1)?.parts).toEqual([
    {
      kind: 'tool-result',
      callId: 'a',
      parts: [{ kind: 'text', text: 'a', cacheMark: {} }],
      cacheMark: { lifetimeSeconds: 3600 },
    },
  ]);
  refusesWith(
    { ...four, cache_control: { type: 'ephemeral' } },
    'cache_control',
    /one of 5 cache marks; a request may have up to 4/,
  );
  refusesWith({ ...four, system: [marked, marked] }, 'messages[2].content[0].content[0].cache_control', /up to 4/);
});

test('nothing that was not said is filled in', () => {
  expect(readRequest(body({}))).toEqual({
    model: 'm',
    turns: [{ role: 'user', parts: [{ kind: 'text', text: 'hi' }] }],
    tools: [],
    sampling: {},
    limits: { completionTokens: 100 },
    thinking: { kind: 'unsaid' },
    form: { kind: 'unsaid' },
    delivery: { kind: 'whole', said: false },
  });
});

test.each<[JsonObject, JsonObject]>([
  [{ thinking: { type: 'enabled', budget_tokens: 50 } }, { thinking: { kind: 'on', budgetTokens: 50 } }],
  [{ thinking: { type: 'adaptive' }, output_config: { effort: 'high' } }, { thinking: { kind: 'on', effort: 'high' } }],
  [{ thinking: { type: 'disabled' } }, { thinking: { kind: 'off' } }],
  [
    { tool_choice: { type: 'any', disable_parallel_tool_use: true } },
    { toolChoice: { kind: 'required' }, parallelToolCalls: false },
  ],
  [{ tool_choice: { type: 'tool', name: 'f' } }, { toolChoice: { kind: 'function', name: 'f' } }],
  [
    {
      tools: [
        { type: 'web_search_20260318', name: 'web_search', max_uses: 3 },
        { type: 'bash_20250124', name: 'bash' },
      ],
    },
    { tools: [], serverTools: { web_search: true } },
  ],
  [{ stop_sequences: ['a'], top_k: 3 }, { sampling: { stop: ['a'], topK: 3 } }],
])('%j is %j', (fields, read) => {
  expect(readRequest(body(fields))).toMatchObject(read);
});

test('media and documents keep what they are', () => {
  const protocol = 'anthropic-messages';
  const text = Buffer.from('über').toString('base64');
  const content = [
    { type: 'image', source: { type: 'base64', media_type: 'image/bmp', data: 'AAAA' } },
    { type: 'image', source: { type: 'url', url: 'data:image/png;base64,AAAA' } },
    { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'über' }, title: 'T' },
    {
      type: 'document',
      source: {
        type: 'content',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
    },
    { type: 'container_upload', file_id: 'file_1' },
  ];
  expect(readRequest(messages({ role: 'user', content })).turns[0]?.parts).toMatchObject([
    { kind: 'media', medium: 'image', source: { kind: 'bytes', base64: 'AAAA', format: 'image/bmp' } },
    { kind: 'media', medium: 'image', source: { kind: 'bytes', base64: 'AAAA', format: 'image/png' } },
    {
      kind: 'media',
      medium: 'document',
      source: { kind: 'bytes', base64: text, format: 'text/plain' },
      carry: { protocol, fields: { title: 'T' } },
    },
    { kind: 'media', medium: 'document', source: { kind: 'bytes', base64: Buffer.from('a\n\nb').toString('base64') } },
    { kind: 'opaque', protocol, value: { type: 'container_upload', file_id: 'file_1' } },
  ]);
});

test('a request that only counts needs no max_tokens, and everything else as ever', () => {
  const { max_tokens: _, ...counted } = body({ thinking: { type: 'enabled', budget_tokens: 2048 }, system: 'be kind' });
  expect(readCountRequest(counted)).toMatchObject({
    limits: {},
    thinking: { budgetTokens: 2048 },
    turns: [{ role: 'system' }, { role: 'user' }],
  });
  expect(readCountRequest(body({}))).toEqual(readRequest(body({})));
  expect(faultOf(() => readCountRequest({ ...counted, messages: [] }))?.param).toBe('messages');
});

test('the message never repeats a long value', () => {
  const fault = faultOf(() => readRequest(body({ temperature: 'a secret that is longer than a word should be' })));
  expect(fault?.message).toBe('temperature is a string of 45 characters; it must be a number from 0 to 2.');
});

function refusesWith(wrong: Json, param: string | undefined, words: RegExp): void {
  const fault = faultOf(() => readRequest(wrong));
  expect(fault?.row.status).toBe(400);
  expect(fault?.param).toBe(param);
  expect(fault?.message).toMatch(words);
}

function faultOf(run: () => void): FlashmuxError | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (FlashmuxError.is(error)) return error;
    throw error;
  }
}
