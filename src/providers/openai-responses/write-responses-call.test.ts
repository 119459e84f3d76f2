import { describe, expect, test } from 'vitest';
import type { Part } from '../../model/part.ts';
import type { GenerateRequest, Thinking } from '../../model/request.ts';
import type { Turn } from '../../model/turn.ts';
import { requestOf } from '../attempt.test-support.ts';
import { responsesRows, type ResponsesQuirksName } from './responses-quirks.ts';
import { writeResponsesCall } from './write-responses-call.ts';

function sent(name: ResponsesQuirksName, more: Partial<GenerateRequest>): ReturnType<typeof writeResponsesCall> {
  return writeResponsesCall(requestOf('hi', more), responsesRows[name]);
}

const told = ({ notices }: ReturnType<typeof sent>): readonly string[] => notices.map(({ code, path }) => `${code} ${path}`);
const question: Turn = { role: 'user', parts: [{ kind: 'text', text: 'hi' }] };
const said = (...parts: readonly Part[]): Turn => ({ role: 'assistant', parts });

describe('nothing is kept at a host', () => {
  test.each(['openai', 'dashscope', 'vllm', 'generic', 'flashmux'] as const)(
    '%s is told so, whatever the caller said',
    (name) => {
      const carry = {
        protocol: 'openai-responses',
        fields: { store: true, previous_response_id: 'resp_1', background: true },
      } as const;
      const written = sent(name, { carry });
      expect(written.body['store']).toBe(false);
      expect(written.body).not.toHaveProperty('previous_response_id');
      expect(told(written)).toEqual(expect.arrayContaining(['dropped previous_response_id', 'dropped background']));
    },
  );

  test.each(['ollama', 'empiriolabs'] as const)('%s has no word for it', (name) => {
    expect(sent(name, {}).body).not.toHaveProperty('store');
  });

  test('thoughts are asked for in their encrypted form where the model is to think, and from hosts that have it', () => {
    const include = (name: ResponsesQuirksName, thinking: Thinking): unknown => sent(name, { thinking }).body['include'];
    expect(include('openai', { kind: 'on', effort: 'high' })).toEqual(['reasoning.encrypted_content']);
    expect(include('openai', { kind: 'unsaid', effort: 'low' })).toEqual(['reasoning.encrypted_content']);
    expect(include('openai', { kind: 'unsaid' })).toBeUndefined();
    expect(include('openai', { kind: 'off' })).toBeUndefined();
    expect(include('openai', { kind: 'on', effort: 'none' })).toBeUndefined();
    expect(include('dashscope', { kind: 'on' })).toBeUndefined();
  });
});

describe('thinking', () => {
  test.each([
    ['openai', { kind: 'on', effort: 'high' }, { reasoning: { effort: 'high' } }],
    ['openai', { kind: 'on', effort: 'max' }, { reasoning: { effort: 'xhigh' } }],
    ['openai', { kind: 'off' }, { reasoning: { effort: 'none' } }],
    ['openai', { kind: 'on', budgetTokens: 9000 }, { reasoning: { effort: 'medium' } }],
    ['vllm', { kind: 'on', effort: 'xhigh' }, { reasoning: { effort: 'high' } }],
    ['dashscope', { kind: 'on', effort: 'low' }, { enable_thinking: true, reasoning: { effort: 'low' } }],
    ['dashscope', { kind: 'off', effort: 'low' }, { enable_thinking: false }],
    ['dashscope', { kind: 'on', effort: 'none' }, { enable_thinking: false }],
    ['empiriolabs', { kind: 'on', budgetTokens: 500 }, { enable_thinking: true, thinking_budget: 500 }],
    ['empiriolabs', { kind: 'on', effort: 'minimal' }, { enable_thinking: true, reasoning_effort: 'low' }],
    ['flashmux', { kind: 'on', budgetTokens: 500 }, { reasoning: { enabled: true, max_tokens: 500 } }],
  ] as const)('at %s %j is %j', (name, thinking, expected) => {
    const { body } = sent(name, { thinking });
    const fields = ['reasoning', 'enable_thinking', 'thinking_budget', 'reasoning_effort'];
    expect(Object.fromEntries(Object.entries(body).filter(([field]) => fields.includes(field)))).toEqual(expected);
  });

  test('a measure that the host does not have is told', () => {
    expect(told(sent('openai', { thinking: { kind: 'on', budgetTokens: 9000 } }))).toEqual(['clamped thinking_budget']);
    expect(told(sent('dashscope', { thinking: { kind: 'on', budgetTokens: 9000 } }))).toEqual(['clamped thinking_budget']);
    expect(told(sent('openai', { thinking: { kind: 'on' } }))).toEqual(['dropped enable_thinking']);
    expect(told(sent('openai', { thinking: { kind: 'unsaid', preserve: true } }))).toEqual(['dropped preserve_thinking']);
  });
});

describe('tools', () => {
  const tool = { kind: 'function', name: 'f' } as const;

  test('are held to their schema only where the caller said so: OpenAI does it unless it is told not to', () => {
    expect(sent('openai', { tools: [tool, { ...tool, name: 'g', strict: true }] }).body['tools']).toEqual([
      { type: 'function', name: 'f', strict: false },
      { type: 'function', name: 'g', strict: true },
    ]);
    expect(sent('vllm', { tools: [tool] }).body['tools']).toEqual([{ type: 'function', name: 'f' }]);
  });

  test('of the host are named in its own way', () => {
    const serverTools = { web_search: true, code_interpreter: true, web_extractor: false };
    expect(sent('openai', { serverTools }).body['tools']).toEqual([
      { type: 'web_search' },
      { type: 'code_interpreter', container: { type: 'auto' } },
    ]);
    expect(sent('dashscope', { serverTools }).body['tools']).toEqual([{ type: 'web_search' }, { type: 'code_interpreter' }]);
    expect(sent('empiriolabs', { serverTools }).body).toMatchObject({
      tool_web_search: true,
      tool_code_interpreter: true,
      tool_web_extractor: false,
    });
    const bare = sent('vllm', { serverTools, toolChoice: { kind: 'auto' } });
    expect(bare.body).not.toHaveProperty('tools');
    expect(bare.body).not.toHaveProperty('tool_choice');
    expect(told(bare)).toEqual(expect.arrayContaining(['dropped tools[0]', 'dropped tools[1]', 'dropped tool_choice']));
  });

  test('a choice among them is no word of Ollama', () => {
    expect(told(sent('ollama', { tools: [tool], toolChoice: { kind: 'required' } }))).toContain('dropped tool_choice');
  });
});

describe('what was said before', () => {
  const seal = { protocol: 'openai-responses', value: 'gAAA' } as const;

  test('thoughts that OpenAI did not encrypt never reach it, and the pieces of one that it did stay together', () => {
    const own: Part[] = [
      { kind: 'reasoning', text: 'One. ', itemId: 'rs_1' },
      { kind: 'reasoning', text: 'Two.', itemId: 'rs_1', seal },
    ];
    const foreign: Part[] = [
      { kind: 'reasoning', text: 'Hm.' },
      { kind: 'reasoning', text: 'Hm.', seal: { protocol: 'anthropic-messages', value: 'c2ln' } },
    ];
    const written = sent('openai', { turns: [question, said(...own, ...foreign, { kind: 'text', text: 'Yes' }), question] });
    expect(written.body['input']).toMatchObject([
      { role: 'user' },
      { type: 'reasoning', id: 'rs_1', encrypted_content: 'gAAA', summary: [{ text: 'One. ' }, { text: 'Two.' }] },
      { role: 'assistant', content: [{ text: 'Yes' }] },
      { role: 'user' },
    ]);
    expect(told(written)).toEqual(['dropped messages[1].content[2]', 'dropped messages[1].content[3]']);
  });

  test('an answer of nothing but such a thought is left out', () => {
    const written = sent('openai', { turns: [question, said({ kind: 'reasoning', text: 'Hm.' }), question] });
    expect(written.body['input']).toMatchObject([{ role: 'user' }, { role: 'user' }]);
    expect(sent('vllm', { turns: [question, said({ kind: 'reasoning', text: 'Hm.' }), question] }).body['input']).toHaveLength(3);
  });

  test('the words of a sound that the model made are sent in place of it', () => {
    const sound: Part = { kind: 'media', medium: 'audio', source: { kind: 'file', id: 'a' }, transcript: 'Yes' };
    expect(sent('openai', { turns: [question, said(sound), question] }).body['input']).toMatchObject([
      {},
      { role: 'assistant', content: [{ type: 'output_text', text: 'Yes' }] },
      {},
    ]);
  });

  test('ids of items that another host gave are not shown to OpenAI', () => {
    const call: Part = { kind: 'tool-call', callId: 'call_1', name: 'f', argumentsText: '{}', ranBy: 'caller', itemId: 'item-7' };
    const own: Part = { ...call, callId: 'call_2', itemId: 'fc_2' };
    const { body } = sent('openai', { turns: [question, said({ kind: 'text', text: 'Yes', itemId: 'x' }, call, own)] });
    expect(body['input']).toEqual([
      expect.objectContaining({ role: 'user' }),
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Yes' }] },
      { type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{}' },
      { type: 'function_call', call_id: 'call_2', name: 'f', arguments: '{}', id: 'fc_2' },
    ]);
  });

  test('a developer is the system where the host knows none', () => {
    const turns: Turn[] = [question, { role: 'developer', parts: [{ kind: 'text', text: 'Be kind.' }] }];
    expect(sent('openai', { turns }).body['input']).toMatchObject([{}, { role: 'developer' }]);
    const moved = sent('vllm', { turns });
    expect(moved.body['input']).toMatchObject([{}, { role: 'system' }]);
    expect(told(moved)).toContain('moved messages[1]');
  });

  test('how to look at a picture, and marks for a cache, go where they mean something', () => {
    const picture: Part = {
      kind: 'media',
      medium: 'image',
      source: { kind: 'url', url: 'https://example.com/a.png' },
      maxPixels: 9000,
      cacheMark: {},
    };
    const turns: Turn[] = [{ role: 'user', parts: [picture] }];
    expect(JSON.stringify(sent('flashmux', { turns }).body)).toMatch(/max_pixels.*prompt_cache_breakpoint/);
    const bare = sent('vllm', { turns });
    expect(JSON.stringify(bare.body)).not.toMatch(/max_pixels|prompt_cache_breakpoint/);
    expect(told(bare)).toEqual(['dropped messages[0].content[0]', 'dropped messages[0].content[0]']);
  });

  test('what a host cannot read is refused with its place: without it the answer would be to another question', () => {
    const video: Part = { kind: 'media', medium: 'video', source: { kind: 'url', url: 'https://example.com/a.mp4' } };
    const turns: Turn[] = [{ role: 'user', parts: [{ kind: 'text', text: 'look' }, video] }];
    expect(() => sent('openai', { turns })).toThrow(
      expect.objectContaining({ code: 'unsupported_media', param: 'messages[0].content[1]' }),
    );
    expect(() => sent('empiriolabs', { turns })).not.toThrow();
  });
});

describe('ranges and words', () => {
  test('the smallest limit of OpenAI and Alibaba is 16 tokens', () => {
    const limits = { completionTokens: 3 };
    expect(sent('openai', { limits }).body['max_output_tokens']).toBe(16);
    expect(told(sent('dashscope', { limits }))).toContain('clamped max_output_tokens');
    expect(sent('vllm', { limits }).body['max_output_tokens']).toBe(3);
  });

  test("a form is dropped at Alibaba's face, which would ignore it", () => {
    const form = { kind: 'schema', name: 'answer', schema: { type: 'object' } } as const;
    expect(told(sent('dashscope', { form }))).toContain('dropped text');
    expect(sent('openai', { form }).body['text']).toMatchObject({ format: { type: 'json_schema', name: 'answer' } });
  });

  test('words that only other wires have are dropped and told', () => {
    const sampling = { topK: 4, seed: 7, stop: ['END'], frequencyPenalty: 1 };
    expect(told(sent('openai', { sampling }))).toEqual(
      expect.arrayContaining(['dropped top_k', 'dropped seed', 'dropped stop', 'dropped frequency_penalty']),
    );
    expect(sent('flashmux', { sampling }).body).toMatchObject({ top_k: 4, seed: 7, stop: ['END'], frequency_penalty: 1 });
  });

  test('streams in any case', () => {
    expect(sent('openai', { delivery: { kind: 'whole', said: true } }).body['stream']).toBe(true);
  });
});
