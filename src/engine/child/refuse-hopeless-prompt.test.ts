import { expect, test } from 'vitest';
import type { GenerateRequest } from '../../model/request.ts';
import { tinyRequest } from '../../../tests/support/tiny-gguf/tiny-engine.ts';
import { refuseHopelessPrompt } from './refuse-hopeless-prompt.ts';

/** One token a word, and how much was counted. */
function counter(): { readonly count: (text: string) => number; readonly seen: () => number } {
  let characters = 0;
  const count = (text: string): number => {
    characters += text.length;
    return text.split(' ').length - 1;
  };
  return { count, seen: () => characters };
}

const ofTurns = (count: number, text: string): GenerateRequest =>
  tinyRequest('', { turns: Array.from({ length: count }, () => ({ role: 'user', parts: [{ kind: 'text', text }] })) });

test('a text far beyond the context is refused after a bounded count', () => {
  const { count, seen } = counter();
  expect(() => refuseHopelessPrompt(tinyRequest('word '.repeat(2_000_000)), 1000, count)).toThrow(
    expect.objectContaining({ code: 'context_length_exceeded', param: 'messages', message: expect.stringMatching(/2000.*1000/) }),
  );
  expect(seen()).toBeLessThan(40_000);
});

test('so are a hundred thousand empty messages, and tools that alone are too long', () => {
  expect(() => refuseHopelessPrompt(ofTurns(100_000, ''), 1000, counter().count)).toThrow(/more than 2000/);
  const tools = [{ kind: 'function', name: 'f', description: 'word '.repeat(100_000) }] as const;
  expect(() => refuseHopelessPrompt(tinyRequest('Hi', { tools }), 1000, counter().count)).toThrow(/more than 2000/);
});

test('what may fit passes, and an ordinary request is not counted at all', () => {
  const { count, seen } = counter();
  refuseHopelessPrompt(tinyRequest('word '.repeat(1000)), 1000, count);
  expect(seen()).toBe(0);
  // Long words: many characters, few tokens.
  refuseHopelessPrompt(tinyRequest(`${'w'.repeat(100)} `.repeat(900)), 1000, count);
  expect(seen()).toBeGreaterThan(0);
});
