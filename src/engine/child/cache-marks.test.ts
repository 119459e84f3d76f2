import { expect, test } from 'vitest';
import type { Part, TextPart } from '../../model/part.ts';
import type { Turn } from '../../model/turn.ts';
import { placeMarks } from './cache-marks.ts';

function text(words: string, cacheMark?: Part['cacheMark']): TextPart {
  return { kind: 'text', text: words, ...(cacheMark === undefined ? {} : { cacheMark }) };
}

const cuts = [100, 200, 300, 400, 500];

/** The parts end where the map says; each is a user's turn of its own. */
function place(ends: readonly (readonly [Part, number])[], leastTokens = 64): ReturnType<typeof placeMarks> {
  const turns = ends.map(([part]): Turn => ({ role: 'user', parts: [part] }));
  return placeMarks({ turns }, { cuts, ends: new Map(ends) }, leastTokens);
}

test('a mark stands at the last cut of its part and lives for what it says, or 300 seconds', () => {
  const { marks, notices } = place([
    [text('rules', {}), 200],
    [text('document', { lifetimeSeconds: 3_600 }), 430],
    [text('question'), 520],
  ]);
  expect(marks).toEqual([
    { path: 'messages[0].content[0].cache_control', tokens: 200, lifetimeMs: 300_000 },
    { path: 'messages[1].content[0].cache_control', tokens: 400, lifetimeMs: 3_600_000 },
  ]);
  expect(notices).toEqual([]);
});

test('of more than four marks the last four count, and the others are told', () => {
  const { marks, notices } = place([100, 200, 300, 400, 500, 500].map((end) => [text(String(end), {}), end]));
  expect(marks.map(({ tokens }) => tokens)).toEqual([300, 400, 500]);
  expect(notices).toEqual([
    { code: 'ignored', path: 'messages[0].content[0].cache_control', message: expect.stringContaining('at most 4') },
    { code: 'ignored', path: 'messages[1].content[0].cache_control', message: expect.stringContaining('at most 4') },
  ]);
});

test('a beginning that is too short is told with its length', () => {
  const { marks, notices } = place([[text('short', {}), 130]], 101);
  expect(marks).toEqual([]);
  expect(notices).toEqual([
    {
      code: 'ignored',
      path: 'messages[0].content[0].cache_control',
      message: 'What is cached has at least 101 tokens; up to here there are 130.',
    },
  ]);
});

test('of two marks at one cut the longer lifetime counts', () => {
  const { marks } = place([
    [text('a', { lifetimeSeconds: 3_600 }), 210],
    [text('b', {}), 220],
  ]);
  expect(marks).toMatchObject([{ tokens: 200, lifetimeMs: 3_600_000 }]);
});

test('a result of a tool is marked as a whole or on its last part; a call ends with what stands before it', () => {
  const inner = text('21 degrees');
  const answer = text('I look.');
  const call: Part = { kind: 'tool-call', callId: 'c', name: 'f', argumentsText: '{}', ranBy: 'caller', cacheMark: {} };
  const result: Part = { kind: 'tool-result', callId: 'c', parts: [inner], cacheMark: {} };
  const ends = new Map<Part, number>([
    [answer, 310],
    [inner, 480],
  ]);
  const turns: Turn[] = [
    { role: 'assistant', parts: [answer, call] },
    { role: 'tool', parts: [result] },
  ];
  expect(placeMarks({ turns }, { cuts, ends }, 1).marks).toMatchObject([
    { path: 'messages[0].content[1].cache_control', tokens: 300 },
    { path: 'messages[1].content[0].cache_control', tokens: 400 },
  ]);
});
