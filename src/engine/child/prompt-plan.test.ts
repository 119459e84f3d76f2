import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PromptPiece } from '../prompt/prompt-template.ts';
import { lastAgreedCut, planPrompt } from './prompt-plan.ts';

const chunkTokens = 50;

/** One token a character, so that lengths can be read off. */
function plan(pieces: readonly PromptPiece[]): ReturnType<typeof planPrompt<number>> {
  return planPrompt(pieces, ({ text }) => Array.from(text, (character) => character.codePointAt(0) ?? 0), chunkTokens);
}

function piece(length: number, checkpoint = false): PromptPiece {
  return { text: 'x'.repeat(length), special: false, checkpoint };
}

const pieces = fc.array(fc.record({ length: fc.integer({ min: 0, max: 120 }), checkpoint: fc.boolean() }), { maxLength: 12 });

test('a long prompt is cut into pieces of the chunk length', () => {
  expect(plan([piece(130)]).cuts).toEqual([50, 100]);
});

test('a marked place is a cut, and the count begins again there', () => {
  expect(plan([piece(70, true), piece(70)]).cuts).toEqual([50, 70, 120]);
});

test('the end of the prompt is no cut, because one token must be left to go on from', () => {
  expect(plan([piece(70, true), piece(30, true)]).cuts).toEqual([50, 70]);
  expect(plan([piece(50)]).cuts).toEqual([]);
});

test('marked places close together get one cut', () => {
  expect(plan([piece(40, true), piece(10, true), piece(40, true), piece(1)]).cuts).toEqual([40, 90]);
});

test('the first and the three newest marked places are saved', () => {
  const marked = Array.from({ length: 7 }, () => piece(40, true));
  expect([...plan([...marked, piece(1)]).checkpoints]).toEqual([40, 200, 240, 280]);
});

test('a longer prompt is cut like the shorter one wherever they are the same', () => {
  fc.assert(
    fc.property(pieces, pieces, (first, more) => {
      const shorter = plan(first.map(({ length, checkpoint }) => piece(length, checkpoint)));
      const longer = plan([...first, ...more].map(({ length, checkpoint }) => piece(length, checkpoint)));
      expect(longer.cuts.slice(0, shorter.cuts.length)).toEqual(shorter.cuts);
    }),
  );
});

test('every cut is inside of the prompt, none further from the next than a chunk', () => {
  fc.assert(
    fc.property(pieces, (list) => {
      const { tokens, cuts, checkpoints } = plan(list.map(({ length, checkpoint }) => piece(length, checkpoint)));
      const edges = [0, ...cuts, tokens.length];
      for (const [index, edge] of edges.entries()) {
        if (index === 0) continue;
        const size = edge - (edges[index - 1] ?? 0);
        expect(size).toBeLessThanOrEqual(chunkTokens);
        expect(size > 0 || tokens.length === 0).toBe(true);
      }
      expect([...checkpoints].every((checkpoint) => cuts.includes(checkpoint))).toBe(true);
    }),
  );
});

test('agreement ends at the first cut that differs or lies behind the common beginning', () => {
  expect(lastAgreedCut([10, 20, 30], [10, 20, 30, 40], 100)).toBe(30);
  expect(lastAgreedCut([10, 20, 30], [10, 20, 30], 25)).toBe(20);
  expect(lastAgreedCut([10, 25, 30], [10, 20, 30], 100)).toBe(10);
  expect(lastAgreedCut([], [10], 100)).toBe(0);
});
