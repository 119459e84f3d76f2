import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Part } from '../../model/part.ts';
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

const part = (text: string): Part => ({ kind: 'text', text });
const [document, question, result] = [part('d'), part('q'), part('r')];

/** A turn of two parts: where the first ends inside of the text, and where the turn ends. */
function turnOf(first: string, second: string): readonly PromptPiece[] {
  const text = first + second;
  const ends = [
    { offset: first.length, part: document },
    { offset: text.length, part: question },
  ];
  return [
    { text, special: false, checkpoint: false, ends },
    { text: '<end>', special: true, checkpoint: true },
    { text: '<start>', special: true, checkpoint: false },
  ];
}

test('the last part of a turn ends with the turn, so that its mark stands where every longer prompt is cut', () => {
  const words = 'a few words and the question about them';
  const { ends, cuts } = plan(turnOf('a few words', words.slice('a few words'.length)));
  expect(ends.get(question)).toBe(words.length + '<end>'.length);
  expect(cuts).toEqual([words.length + '<end>'.length]);
});

test('a part inside of a text ends before its last word, whatever follows, and is a cut there', () => {
  const words = `${'once upon a time there was '.repeat(2)}a lighthouse`;
  for (const next of ['keeper', ' by the sea', '', ', and then another word']) {
    const { ends, cuts } = plan(turnOf(words, `${next} - so it began`));
    expect(ends.get(document)).toBe(words.length - ' lighthouse'.length);
    expect(cuts).toContain(ends.get(document));
  }
});

test('a part that has no place to be cut at ends with what stands before it', () => {
  const { ends, cuts } = plan(turnOf('x'.repeat(70), 'y'));
  expect(ends.get(document)).toBe(0);
  expect(cuts).toEqual([50, 76]);
});

test('tokens that reach over the end of a part move its end before them', () => {
  // Three characters a token: the end of the first part does not fall between two of them.
  const tokenize = ({ text }: PromptPiece): readonly number[] => text.match(/[^]{1,3}/g)?.map((run) => hashOf(run)) ?? [];
  const { ends } = planPrompt(turnOf('to be or not to be', ' is the question'), tokenize, chunkTokens);
  expect(ends.get(document)).toBe(5);
  expect(planPrompt(turnOf('to be or not so be', ' is the question'), tokenize, chunkTokens).ends.get(document)).toBe(5);
  expect(planPrompt(turnOf('go, be or not', ' is the question'), tokenize, chunkTokens).ends.get(document)).toBe(3);
  expect(planPrompt(turnOf('go be or not', ' is the question'), tokenize, chunkTokens).ends.get(document)).toBe(0);
});

function hashOf(run: string): number {
  return Array.from(run).reduce((sum, character) => sum * 31 + (character.codePointAt(0) ?? 0), 7);
}

test('a part that ends with a piece of the caller alone ends there', () => {
  const { ends } = plan([
    { text: 'x'.repeat(40), special: false, checkpoint: false, ends: [{ offset: 40, part: result }] },
    { text: 'y', special: true, checkpoint: false },
  ]);
  expect(ends.get(result)).toBe(40);
});

test('a part that ends close to its turn does not take the turn its checkpoint', () => {
  const { checkpoints, cuts } = plan(turnOf('a word '.repeat(6), 'and ten characters'));
  expect(cuts).toEqual([36, 65]);
  expect([...checkpoints]).toEqual([65]);
});

test('agreement ends at the first cut that differs or lies behind the common beginning', () => {
  expect(lastAgreedCut([10, 20, 30], [10, 20, 30, 40], 100)).toBe(30);
  expect(lastAgreedCut([10, 20, 30], [10, 20, 30], 25)).toBe(20);
  expect(lastAgreedCut([10, 25, 30], [10, 20, 30], 100)).toBe(10);
  expect(lastAgreedCut([], [10], 100)).toBe(0);
});
