import { describe, expect, test } from 'vitest';
import type { Part } from '../../model/part.ts';
import type { GenerateRequest, Thinking } from '../../model/request.ts';
import type { Turn } from '../../model/turn.ts';
import { requestOf } from '../attempt.test-support.ts';
import { messagesRows, type MessagesQuirksName } from './messages-quirks.ts';
import { writeMessagesCall } from './write-messages-call.ts';

function sent(name: MessagesQuirksName, more: Partial<GenerateRequest>, limit?: number): ReturnType<typeof writeMessagesCall> {
  return writeMessagesCall(requestOf('hi', more), messagesRows[name], limit);
}

const told = ({ notices }: ReturnType<typeof sent>): readonly string[] => notices.map(({ code, path }) => `${code} ${path}`);
const plain = { answerTokens: 100 };
const tool = { kind: 'function', name: 'f' } as const;

describe('the limit that every request has', () => {
  test('is that of the caller, and room for the thoughts is added to a limit of the answer', () => {
    expect(sent('anthropic', { limits: { completionTokens: 300 } }).body['max_tokens']).toBe(300);
    const thinking = { kind: 'on', budgetTokens: 2000 } as const;
    expect(sent('anthropic', { limits: { answerTokens: 300 }, thinking }).body['max_tokens']).toBe(2300);
  });

  test('is that of the model where the caller named none, which is no loss and needs no notice', () => {
    const written = sent('anthropic', {}, 8192);
    expect(written.body['max_tokens']).toBe(8192);
    expect(written.notices).toEqual([]);
  });

  test('is assumed, and told, where nobody knows one', () => {
    const written = sent('anthropic', {});
    expect(written.body['max_tokens']).toBe(4096);
    expect(told(written)).toEqual(['clamped max_tokens']);
  });

  test('never exceeds that of the model', () => {
    const written = sent('anthropic', { limits: { completionTokens: 100_000 } }, 8192);
    expect(written.body['max_tokens']).toBe(8192);
    expect(told(written)).toContain('clamped max_tokens');
  });
});

describe('a limit of the model that is too small for thoughts and answer together', () => {
  const thinking = { kind: 'on', budgetTokens: 80_000 } as const;

  test('cuts the thoughts, and leaves the answer what the caller said', () => {
    const written = sent('dashscope', { limits: { answerTokens: 2000 }, thinking }, 8192);
    expect(written.body).toMatchObject({ max_tokens: 8192, thinking: { type: 'enabled', budget_tokens: 6192 } });
    expect(told(written)).toEqual(['clamped thinking_budget']);
  });

  test('leaves the answer a share where the caller said nothing', () => {
    expect(sent('dashscope', { thinking }, 65_536).body).toMatchObject({
      max_tokens: 65_536,
      thinking: { budget_tokens: 61_440 },
    });
    expect(sent('dashscope', { thinking }, 8192).body).toMatchObject({ max_tokens: 8192, thinking: { budget_tokens: 6144 } });
  });

  test('is not asked for where less will do', () => {
    const small = { kind: 'on', budgetTokens: 1500 } as const;
    expect(sent('anthropic', { limits: { answerTokens: 2000 }, thinking: small }, 8192).body).toMatchObject({
      max_tokens: 3500,
      thinking: { budget_tokens: 1500 },
    });
  });
});

describe('thinking at Anthropic', () => {
  function thinking(wish: Thinking, more: Partial<GenerateRequest> = {}): ReturnType<typeof sent> {
    return sent('anthropic', { limits: { completionTokens: 4000 }, thinking: wish, ...more });
  }

  test.each([
    [{ kind: 'on', budgetTokens: 2000 }, { type: 'enabled', budget_tokens: 2000 }, []],
    [{ kind: 'on', budgetTokens: 100 }, { type: 'enabled', budget_tokens: 1024 }, ['clamped thinking_budget']],
    [{ kind: 'on', budgetTokens: 9000 }, { type: 'enabled', budget_tokens: 3999 }, ['clamped thinking_budget']],
    [{ kind: 'on' }, { type: 'adaptive' }, []],
    [{ kind: 'off' }, { type: 'disabled' }, []],
    [{ kind: 'unsaid' }, undefined, []],
  ] as const)('%j is %j', (wish, expected, notices) => {
    const written = thinking(wish);
    expect(written.body['thinking']).toEqual(expected);
    expect(told(written)).toEqual(notices);
  });

  test('is off where the limit leaves no room for the smallest budget', () => {
    const written = thinking({ kind: 'on', budgetTokens: 2000 }, { limits: { completionTokens: 1024 } });
    expect(written.body['thinking']).toEqual({ type: 'disabled' });
    expect(told(written)).toContain('clamped enable_thinking');
  });

  test('excludes what the guide excludes: temperature, top_k, a low top_p', () => {
    const written = thinking({ kind: 'on' }, { sampling: { temperature: 0.3, topK: 4, topP: 0.5 } });
    expect(written.body).toMatchObject({ thinking: { type: 'adaptive' }, top_p: 0.95 });
    expect(written.body).not.toHaveProperty('temperature');
    expect(written.body).not.toHaveProperty('top_k');
    expect(told(written)).toEqual(['dropped temperature', 'dropped top_k', 'clamped top_p']);
    const off = thinking({ kind: 'off' }, { sampling: { temperature: 0.3, topK: 4, topP: 0.5 } });
    expect(off.body).toMatchObject({ temperature: 0.3, top_k: 4, top_p: 0.5 });
  });

  test.each([{ kind: 'required' }, { kind: 'function', name: 'f' }] as const)(
    'gives way to a forced choice: %j',
    (toolChoice) => {
      const written = thinking({ kind: 'on' }, { tools: [tool], toolChoice });
      expect(written.body['thinking']).toEqual({ type: 'disabled' });
      expect(told(written)).toEqual(['clamped enable_thinking']);
      expect(thinking({ kind: 'on' }, { tools: [tool], toolChoice: { kind: 'auto' } }).body['thinking']).toEqual({
        type: 'adaptive',
      });
    },
  );

  test('goes on after results only with the thoughts that it signed', () => {
    const results: Turn = { role: 'tool', parts: [{ kind: 'tool-result', callId: 'c', parts: [{ kind: 'text', text: '7' }] }] };
    const call: Part = { kind: 'tool-call', callId: 'c', name: 'f', argumentsText: '{}', ranBy: 'caller' };
    const question: Turn = { role: 'user', parts: [{ kind: 'text', text: 'hi' }] };
    const thought: Part = { kind: 'reasoning', text: 'Hm.' };
    const signed: Part = { ...thought, seal: { protocol: 'anthropic-messages', value: 'c2ln' } };
    const budget = { kind: 'on', budgetTokens: 2000 } as const;
    const foreign = thinking(budget, {
      turns: [question, { role: 'assistant', parts: [thought, call] }, results],
      tools: [tool],
    });
    expect(foreign.body['thinking']).toEqual({ type: 'disabled' });
    expect(told(foreign)).toEqual(['dropped messages[1].content[0]', 'clamped enable_thinking']);
    const own = thinking(budget, { turns: [question, { role: 'assistant', parts: [signed, call] }, results], tools: [tool] });
    expect(own.body['thinking']).toEqual({ type: 'enabled', budget_tokens: 2000 });
  });
});

describe('thinking elsewhere', () => {
  test('is a switch of the template at vLLM', () => {
    const limits = { completionTokens: 4000 };
    const written = sent('vllm', { limits, thinking: { kind: 'on', budgetTokens: 2000 } });
    expect(written.body['chat_template_kwargs']).toEqual({ enable_thinking: true });
    expect(written.body).not.toHaveProperty('thinking');
    expect(told(written)).toEqual(['dropped thinking_budget']);
    expect(sent('vllm', { limits, thinking: { kind: 'off' } }).body['chat_template_kwargs']).toEqual({ enable_thinking: false });
  });

  test.each(['sglang', 'ollama', 'generic'] as const)('has a budget at %s, because it knows no other word', (name) => {
    const written = sent(name, { limits: { completionTokens: 4000 }, thinking: { kind: 'on' } });
    expect(written.body['thinking']).toEqual({ type: 'enabled', budget_tokens: 3999 });
  });

  test('has no word at llama-server, which is told', () => {
    const written = sent('llama-server', { limits: { completionTokens: 4000 }, thinking: { kind: 'on', budgetTokens: 2000 } });
    expect(written.body).not.toHaveProperty('thinking');
    expect(told(written)).toEqual(['dropped enable_thinking']);
  });

  test("excludes a forced choice at Alibaba's face, and no temperature", () => {
    const wish = {
      limits: { completionTokens: 4000 },
      thinking: { kind: 'on' },
      sampling: { temperature: 2 },
      tools: [tool],
    } as const;
    expect(sent('dashscope', wish).body).toMatchObject({ temperature: 1.99, thinking: { type: 'adaptive' } });
    const forced = sent('dashscope', { ...wish, toolChoice: { kind: 'required' } });
    expect(forced.body).toMatchObject({ thinking: { type: 'disabled' }, tool_choice: { type: 'any' } });
  });
});

describe('ranges and words', () => {
  test('a temperature above 1 is 1 at Anthropic', () => {
    const written = sent('anthropic', { limits: plain, sampling: { temperature: 1.7 } });
    expect(written.body['temperature']).toBe(1);
    expect(told(written)).toContain('clamped temperature');
  });

  test('stop sequences of white space are refused by Anthropic, and left out', () => {
    const written = sent('anthropic', { limits: plain, sampling: { stop: ['\n\n', 'END'] } });
    expect(written.body['stop_sequences']).toEqual(['END']);
    expect(told(written)).toContain('dropped stop');
    expect(sent('vllm', { limits: plain, sampling: { stop: ['\n\n', 'END'] } }).body['stop_sequences']).toEqual(['\n\n', 'END']);
  });

  test('effort and form are dropped where the host has none, and told by the names that callers know', () => {
    const wish = {
      limits: plain,
      thinking: { kind: 'unsaid', effort: 'low' },
      form: { kind: 'schema', name: 'output', schema: {}, strict: true },
    } as const;
    expect(sent('anthropic', wish).body['output_config']).toEqual({ effort: 'low', format: { type: 'json_schema', schema: {} } });
    expect(sent('ollama', wish).body['output_config']).toEqual({ effort: 'low' });
    const bare = sent('sglang', wish);
    expect(bare.body).not.toHaveProperty('output_config');
    expect(told(bare)).toEqual(expect.arrayContaining(['dropped reasoning_effort', 'dropped response_format']));
  });

  test('a tool that the host would run is left out where it runs none, and the choice with it', () => {
    const wish = { limits: plain, serverTools: { web_search: true }, toolChoice: { kind: 'auto' } } as const;
    expect(sent('anthropic', wish).body['tools']).toEqual([{ type: 'web_search_20250305', name: 'web_search' }]);
    const bare = sent('vllm', wish);
    expect(bare.body).not.toHaveProperty('tools');
    expect(bare.body).not.toHaveProperty('tool_choice');
    expect(told(bare)).toEqual(expect.arrayContaining(['dropped tools[0]', 'dropped tool_choice']));
  });

  test('streams in any case', () => {
    expect(sent('anthropic', { delivery: { kind: 'whole', said: true } }).body['stream']).toBe(true);
  });
});

describe('what was said before', () => {
  const question: Turn = { role: 'user', parts: [{ kind: 'text', text: 'hi' }] };
  const said = (...parts: readonly Part[]): Turn => ({ role: 'assistant', parts });

  test('thoughts without proof, or with that of another protocol, never reach Anthropic; an answer of nothing else is left out', () => {
    const foreign: Part = { kind: 'reasoning', text: 'Hm.', seal: { protocol: 'openai-responses', value: 'x' } };
    const turns = [
      question,
      said({ kind: 'reasoning', text: 'Hm.' }, { kind: 'text', text: 'Yes' }),
      question,
      said(foreign),
      question,
    ];
    const written = sent('anthropic', { limits: plain, turns });
    expect(written.body['messages']).toEqual([
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'Yes' },
      { role: 'user', content: 'hi' },
      { role: 'user', content: 'hi' },
    ]);
    expect(told(written)).toEqual(expect.arrayContaining(['dropped messages[1].content[0]', 'dropped messages[3].content[0]']));
    expect(JSON.stringify(sent('vllm', { limits: plain, turns }).body['messages'])).toContain('Hm.');
  });

  test('redacted thoughts of Anthropic go back as they came', () => {
    const seal = { protocol: 'anthropic-messages', value: { data: 'abc' } } as const;
    const turns = [question, said({ kind: 'reasoning', text: '', seal }, { kind: 'text', text: 'Yes' }), question];
    expect(sent('anthropic', { limits: plain, turns }).body['messages']).toMatchObject([
      {},
      { content: [{ type: 'redacted_thinking', data: 'abc' }, { type: 'text' }] },
      {},
    ]);
  });

  test('later words of the system are heard before the conversation where there is no other place', () => {
    const turns: Turn[] = [
      { role: 'system', parts: [{ kind: 'text', text: 'Be brief.' }] },
      question,
      { role: 'system', parts: [{ kind: 'text', text: 'Be kind.' }] },
    ];
    const written = sent('sglang', { limits: plain, turns });
    expect(written.body).toMatchObject({
      system: [{ text: 'Be brief.' }, { text: 'Be kind.' }],
      messages: [{ role: 'user' }],
    });
    expect(told(written)).toContain('moved messages[2]');
    expect(sent('anthropic', { limits: plain, turns }).body['messages']).toMatchObject([{}, { role: 'system' }]);
  });

  test('marks for a cache are left out where they mean nothing, once for each', () => {
    const marked: Turn = { role: 'user', parts: [{ kind: 'text', text: 'hi', cacheMark: {} }] };
    expect(JSON.stringify(sent('anthropic', { limits: plain, turns: [marked] }).body)).toContain('cache_control');
    const bare = sent('vllm', { limits: plain, turns: [marked] });
    expect(JSON.stringify(bare.body)).not.toContain('cache_control');
    expect(told(bare)).toContain('dropped messages[0].content[0]');
  });

  test.each([
    ['ollama', { kind: 'media', medium: 'image', source: { kind: 'url', url: 'https://example.com/a.png' } }],
    ['vllm', { kind: 'media', medium: 'document', source: { kind: 'url', url: 'https://example.com/a.pdf' } }],
    ['dashscope', { kind: 'media', medium: 'image', source: { kind: 'file', id: 'file_1' } }],
  ] as const)(
    'what %s cannot read is refused with its place: without it the answer would be to another question',
    (name, part) => {
      const turns: Turn[] = [{ role: 'user', parts: [{ kind: 'text', text: 'look' }, part] }];
      expect(() => sent(name, { turns })).toThrow(
        expect.objectContaining({ code: 'unsupported_media', param: 'messages[0].content[1]' }),
      );
      expect(() => sent('anthropic', { turns })).not.toThrow();
    },
  );

  test.each(['audio', 'video'] as const)('%s is refused by all: the protocol has no word for it', (medium) => {
    const turns: Turn[] = [
      { role: 'user', parts: [{ kind: 'media', medium, source: { kind: 'url', url: 'https://example.com/a' } }] },
    ];
    expect(() => sent('anthropic', { turns })).toThrow(
      expect.objectContaining({ code: 'unsupported_media', param: 'messages[0].content[0]' }),
    );
  });
});
