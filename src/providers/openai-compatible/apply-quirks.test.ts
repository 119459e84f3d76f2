import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../model/json.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { openaiChat } from '../../protocols/openai-chat/openai-chat.ts';
import { quirksRows, type QuirksName } from '../quirks.ts';
import { requestOf } from '../attempt.test-support.ts';
import { applyQuirks } from './apply-quirks.ts';

interface Sent {
  readonly body: JsonObject;
  /** `code path` of each. */
  readonly notices: readonly string[];
}

/** What a host of this kind is sent for a request. */
function sent(name: QuirksName, more: Partial<GenerateRequest>, text = 'hi'): Sent {
  const request = requestOf(text, more);
  const { body } = openaiChat.client.writeRequest(request);
  const before = JSON.stringify(body);
  const result = applyQuirks(body, request, quirksRows[name]);
  expect(JSON.stringify(body), 'the body given is not changed').toBe(before);
  return { body: result.body, notices: result.notices.map(({ code, path }) => `${code} ${path}`) };
}

const names: readonly QuirksName[] = [
  'openai',
  'generic',
  'dashscope',
  'empiriolabs',
  'aimlapi',
  'segmind',
  'vercel',
  'openrouter',
  'vllm',
  'sglang',
  'llama-server',
  'ollama',
  'flashmux',
];
/** Those that know the words of this gateway, or of the platform that they come from. */
const insiders: readonly QuirksName[] = ['flashmux', 'empiriolabs'];

describe('every host', () => {
  it('has a row, and each row says where its facts were seen', () => {
    expect(Object.keys(quirksRows).toSorted()).toEqual(names.toSorted());
    for (const row of Object.values(quirksRows)) expect(row.seen.length).toBeGreaterThan(20);
  });

  it.each(names.filter((name) => quirksRows[name].streams))(
    '%s is asked to stream with usage, whatever the caller said',
    (name) => {
      for (const delivery of [{ kind: 'whole', said: true }, { kind: 'stream' }, { kind: 'stream', usage: false }] as const) {
        expect(sent(name, { delivery }).body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
      }
    },
  );

  it.each(names)('%s gets a plain request without any notice', (name) => {
    const { body, notices } = sent(name, {});
    expect(body).toMatchObject({ model: 'm', messages: [{ role: 'user' }] });
    expect(notices).toEqual([]);
  });
});

describe('a host that differs', () => {
  const rows = quirksRows.generic;

  it('and cannot stream is not asked to', () => {
    const request = requestOf('hi', { delivery: { kind: 'stream', usage: true } });
    const { body } = openaiChat.client.writeRequest(request);
    const result = applyQuirks(body, request, { ...rows, streams: false });
    expect(result.body).not.toHaveProperty('stream');
    expect(result.body).not.toHaveProperty('stream_options');
  });

  it('and does not know stream_options is not sent them', () => {
    const request = requestOf('hi', { delivery: { kind: 'stream', usage: true } });
    const { body } = openaiChat.client.writeRequest(request);
    expect(applyQuirks(body, request, { ...rows, usageInStream: false }).body).not.toHaveProperty('stream_options');
  });
});

describe('limits', () => {
  it('keep their two meanings where the host knows both', () => {
    const { body, notices } = sent('dashscope', { limits: { answerTokens: 5, completionTokens: 9 } });
    expect(body).toMatchObject({ max_tokens: 5, max_completion_tokens: 9 });
    expect(notices).toEqual([]);
  });

  it('take the name that the host knows', () => {
    const { body, notices } = sent('ollama', { limits: { completionTokens: 9 } });
    expect(body['max_tokens']).toBe(9);
    expect(body).not.toHaveProperty('max_completion_tokens');
    expect(notices).toEqual([]);
  });

  it('become the smaller one where there is one, and the caller is told', () => {
    const { body, notices } = sent('llama-server', { limits: { answerTokens: 50, completionTokens: 9 } });
    expect(body['max_tokens']).toBe(9);
    expect(notices).toEqual(['clamped max_completion_tokens']);
  });
});

describe('ranges of DashScope', () => {
  it.each([
    ['temperature', { sampling: { temperature: 2 } }, 1.99],
    ['top_p', { sampling: { topP: 0 } }, 0.01],
    ['top_logprobs', { logprobs: { wanted: true, top: 20 } }, 5],
    ['seed', { sampling: { seed: 2 ** 40 } }, 2 ** 31 - 1],
  ] as const)('%s is moved to the end of its range with a notice', (field, more, value) => {
    const { body, notices } = sent('dashscope', more);
    expect(body[field]).toBe(value);
    expect(notices).toEqual([`clamped ${field}`]);
  });

  it('leave alone what lies within', () => {
    const { body, notices } = sent('dashscope', { sampling: { temperature: 1.99, topP: 1 }, logprobs: { wanted: true, top: 5 } });
    expect(body).toMatchObject({ temperature: 1.99, top_p: 1, top_logprobs: 5 });
    expect(notices).toEqual([]);
  });
});

describe('missing fields', () => {
  it('are dropped with a notice', () => {
    const { body, notices } = sent('dashscope', { sampling: { frequencyPenalty: 1 } });
    expect(body).not.toHaveProperty('frequency_penalty');
    expect(notices).toEqual(['dropped frequency_penalty']);
  });

  it('that asked for nothing are dropped without one', () => {
    const { body, notices } = sent('vllm', { serverTools: { web_search: false } });
    expect(body).not.toHaveProperty('tool_web_search');
    expect(notices).toEqual([]);
  });

  it.each(names.filter((name) => !insiders.includes(name)))('%s never sees a word that only this gateway knows', (name) => {
    const { body, notices } = sent(name, { serverTools: { web_search: true }, plainCitations: true });
    expect(body).not.toHaveProperty('tool_web_search');
    expect(body).not.toHaveProperty('disable_formatting');
    expect(notices).toEqual(['dropped tool_web_search', 'dropped disable_formatting']);
  });

  it('another flashmux gets every word', () => {
    const { body, notices } = sent('flashmux', { serverTools: { web_search: true }, sampling: { topK: 3, frequencyPenalty: 1 } });
    expect(body).toMatchObject({ tool_web_search: true, top_k: 3, frequency_penalty: 1 });
    expect(notices).toEqual([]);
  });
});

describe('thinking', () => {
  type Case = readonly [QuirksName, GenerateRequest['thinking'], JsonObject, readonly string[]];
  const cases: readonly Case[] = [
    ['dashscope', { kind: 'on', budgetTokens: 100 }, { enable_thinking: true, thinking_budget: 100 }, []],
    ['dashscope', { kind: 'on', effort: 'low' }, { enable_thinking: true, reasoning_effort: 'low' }, []],
    [
      'dashscope',
      { kind: 'on', effort: 'low', budgetTokens: 9 },
      { enable_thinking: true, thinking_budget: 9 },
      ['ignored reasoning_effort'],
    ],
    ['dashscope', { kind: 'off', budgetTokens: 9 }, { enable_thinking: false }, []],
    ['dashscope', { kind: 'unsaid', effort: 'none' }, { enable_thinking: false }, []],
    ['dashscope', { kind: 'unsaid', preserve: true }, { preserve_thinking: true }, []],
    ['vllm', { kind: 'on' }, { chat_template_kwargs: { enable_thinking: true } }, []],
    ['vllm', { kind: 'off' }, { chat_template_kwargs: { enable_thinking: false } }, []],
    ['sglang', { kind: 'unsaid', effort: 'none' }, { chat_template_kwargs: { enable_thinking: false } }, []],
    [
      'sglang',
      { kind: 'unsaid', effort: 'high' },
      { chat_template_kwargs: { enable_thinking: true } },
      ['dropped reasoning_effort'],
    ],
    [
      'llama-server',
      { kind: 'on', budgetTokens: 9 },
      { chat_template_kwargs: { enable_thinking: true } },
      ['dropped thinking_budget'],
    ],
    ['vllm', { kind: 'unsaid', preserve: true }, { chat_template_kwargs: { preserve_thinking: true } }, []],
    ['openai', { kind: 'off' }, { reasoning_effort: 'none' }, []],
    ['openai', { kind: 'unsaid', effort: 'max' }, { reasoning_effort: 'xhigh' }, ['clamped reasoning_effort']],
    ['openai', { kind: 'on' }, {}, ['dropped enable_thinking']],
    ['openai', { kind: 'on', budgetTokens: 4_096 }, { reasoning_effort: 'low' }, ['clamped thinking_budget']],
    ['ollama', { kind: 'unsaid', budgetTokens: 20_000 }, { reasoning_effort: 'high' }, ['clamped thinking_budget']],
    ['ollama', { kind: 'unsaid', effort: 'minimal' }, { reasoning_effort: 'low' }, ['clamped reasoning_effort']],
    [
      'flashmux',
      { kind: 'on', effort: 'low', budgetTokens: 9 },
      { enable_thinking: true, reasoning_effort: 'low', thinking_budget: 9 },
      [],
    ],
  ];
  it.each(cases)('%s is told %j as %j', (name, thinking, said, notices) => {
    const result = sent(name, { thinking });
    const { enable_thinking, thinking_budget, reasoning_effort, preserve_thinking, chat_template_kwargs } = result.body;
    expect(
      JSON.parse(JSON.stringify({ enable_thinking, thinking_budget, reasoning_effort, preserve_thinking, chat_template_kwargs })),
    ).toEqual(said);
    expect(result.notices).toEqual(notices);
  });

  it('keeps the other arguments that a caller gave to the template', () => {
    const carry = { protocol: 'openai-chat', fields: { chat_template_kwargs: { style: 'brief' } } } as const;
    const { body } = sent('vllm', { thinking: { kind: 'off' }, carry });
    expect(body['chat_template_kwargs']).toEqual({ style: 'brief', enable_thinking: false });
  });

  it('is dropped with a notice where the host has no switch at all', () => {
    const request = requestOf('hi', { thinking: { kind: 'on', effort: 'low' } });
    const { body } = openaiChat.client.writeRequest(request);
    const result = applyQuirks(body, request, { ...quirksRows.generic, thinking: { kind: 'none' } });
    expect(result.body).not.toHaveProperty('enable_thinking');
    expect(result.notices.map(({ code, path }) => `${code} ${path}`)).toEqual([
      'dropped enable_thinking',
      'dropped reasoning_effort',
    ]);
  });
});

describe('messages', () => {
  it('of a developer become system messages where the host knows no developer', () => {
    const turns = [{ role: 'developer', parts: [{ kind: 'text', text: 'Be kind.' }] }] as const;
    expect(sent('vllm', { turns }).body['messages']).toMatchObject([{ role: 'system' }]);
    expect(sent('vllm', { turns }).notices).toEqual(['moved messages[0]']);
    expect(sent('openai', { turns }).body['messages']).toMatchObject([{ role: 'developer' }]);
  });

  it('get the word "json" where the host demands it and nobody said it', () => {
    const { body, notices } = sent('dashscope', { form: { kind: 'json' }, thinking: { kind: 'off' } });
    expect(body['messages']).toMatchObject([{ role: 'system', content: 'Answer in JSON.' }, { role: 'user' }]);
    expect(notices).toEqual(['clamped messages']);
  });

  it('get it behind the instructions of the caller', () => {
    const turns = [
      { role: 'system', parts: [{ kind: 'text', text: 'Be kind.' }] },
      { role: 'user', parts: [{ kind: 'text', text: 'hi' }] },
    ] as const;
    const { body } = sent('dashscope', { turns, form: { kind: 'json' }, thinking: { kind: 'off' } });
    expect(JSON.stringify(body['messages'])).toMatch(/Be kind\..*Answer in JSON\./);
    expect(body['messages']).toHaveLength(2);
  });

  it('that have it already stay as they are', () => {
    const { body, notices } = sent('dashscope', { form: { kind: 'json' }, thinking: { kind: 'off' } }, 'as Json please');
    expect(body['messages']).toHaveLength(1);
    expect(notices).toEqual([]);
  });
});
