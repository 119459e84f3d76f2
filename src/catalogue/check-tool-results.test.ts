import { expect, it } from 'vitest';
import type { Part } from '../model/part.ts';
import type { Turn } from '../model/turn.ts';
import { checkToolResults } from './check-tool-results.ts';
import { chatRequest } from './request.test-support.ts';

const call: Part = { kind: 'tool-call', callId: 'a', name: 'f', argumentsText: '{}', ranBy: 'caller' };
const result: Part = { kind: 'tool-result', callId: 'a', parts: [] };
const check = (...turns: Turn[]): void => checkToolResults(chatRequest('qwen3.5-flash', { turns }));

it('takes the result of a call before it, once or again', () => {
  check({ role: 'assistant', parts: [call] }, { role: 'tool', parts: [result] }, { role: 'user', parts: [result] });
});

it('refuses a result without a call before it, with the path of its id', () => {
  const fault = { code: 'invalid_request', param: 'messages[0].tool_call_id' };
  const orphan: Turn = { role: 'tool', parts: [result] };
  expect(() => check(orphan)).toThrow(expect.objectContaining(fault));
  expect(() => check(orphan, { role: 'assistant', parts: [call] })).toThrow(expect.objectContaining(fault));
});

it('lets results pass behind a call of a kind that it cannot read', () => {
  const custom: Part = { kind: 'opaque', protocol: 'openai-chat', value: { tool_call: { id: 'a', type: 'custom' } } };
  check({ role: 'assistant', parts: [custom] }, { role: 'tool', parts: [result] });
});
