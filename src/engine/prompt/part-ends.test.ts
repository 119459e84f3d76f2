import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Part } from '../../model/part.ts';
import type { PromptPiece } from './prompt-template.ts';
import { call, qwen, render, result, textOf, turn, zephyr } from './prompts.test-support.ts';

function text(words: string): Part {
  return { kind: 'text', text: words };
}

/** The whole prompt up to where each part ends. */
function endsOf(pieces: readonly PromptPiece[]): ReadonlyMap<Part, string> {
  const ends = new Map<Part, string>();
  let before = '';
  for (const piece of pieces) {
    for (const { offset, part } of piece.ends ?? []) ends.set(part, before + piece.text.slice(0, offset));
    before += piece.text;
  }
  return ends;
}

test.each([
  ['Qwen3.5', qwen],
  ['Zephyr', zephyr],
])('%s: a message in several parts is rendered as one text, and each part ends where its words end', (_, template) => {
  const words = fc.stringMatching(/^[a-z <|/>\n]{1,12}$/).filter((word) => word.trim() !== '');
  fc.assert(
    fc.property(fc.array(words, { minLength: 1, maxLength: 4 }), words, (rules, question) => {
      const parts = rules.map(text);
      const asked = text(question);
      const { pieces } = render(template, [turn('system', ...parts), turn('user', asked)]);
      const joined = render(template, [turn('system', rules.join('')), turn('user', question)]).pieces;
      const withoutEnds = (list: readonly PromptPiece[]): readonly unknown[] => list.map(({ ends: _ends, ...piece }) => piece);
      expect(withoutEnds(pieces)).toEqual(withoutEnds(joined));
      const ends = endsOf(pieces);
      let written = '';
      for (const part of parts) {
        if (part.kind === 'text') written += part.text;
        expect(ends.get(part)?.trimEnd().endsWith(written.trim())).toBe(true);
      }
      expect(ends.get(asked)?.trimEnd().endsWith(question.trim())).toBe(true);
    }),
  );
});

test('white space alone ends with the words before it', () => {
  const [first, blank, last] = [text('one'), text(' \n'), text('two')];
  const { pieces } = render(qwen, [turn('user', first, blank, last)]);
  expect(textOf(pieces)).toContain('one \ntwo<|im_end|>');
  const ends = endsOf(pieces);
  expect(ends.get(first)?.endsWith('one \n')).toBe(true);
  expect(ends.has(blank)).toBe(false);
  expect(ends.get(last)?.endsWith('two')).toBe(true);
});

test.each([
  ['Qwen3.5', qwen],
  ['Zephyr, which is taught calls', zephyr],
])('%s: the results of tools end where they are written', (_, template) => {
  const turns = [turn('user', 'Look.'), turn('assistant', call('look', '{}', 'a'), call('look', '{}', 'b'))];
  const results = [result('calm sea', 'a'), result('high wind', 'b')];
  const { pieces } = render(template, [...turns, turn('tool', ...results)], { tools: [{ kind: 'function', name: 'look' }] });
  const ends = endsOf(pieces);
  for (const [index, words] of ['calm sea', 'high wind'].entries()) {
    const told = results[index];
    const inner = told?.kind === 'tool-result' ? told.parts[0] : undefined;
    const upTo = inner === undefined ? undefined : ends.get(inner);
    expect(upTo?.replace(/\s*<\/tool_response>\s*$/, '').endsWith(words)).toBe(true);
  }
});

test('a mark changes nothing of the prompt', () => {
  const marked = (part: Part): Part => ({ ...part, cacheMark: { lifetimeSeconds: 60 } });
  const turns = (change: (part: Part) => Part): Parameters<typeof render>[1] => [
    turn('system', change(text('Be kind.')), text(' Be brief.')),
    turn('user', change(text('A document. ')), change(text('A question.'))),
    turn('assistant', change(call('look', '{}'))),
    turn('tool', change(result('calm'))),
  ];
  const plain = (pieces: readonly PromptPiece[]): unknown =>
    pieces.map(({ ends, ...piece }) => ({ ...piece, offsets: ends?.map(({ offset }) => offset) }));
  for (const template of [qwen, zephyr]) {
    const before = render(
      template,
      turns((part) => part),
    ).pieces;
    expect(plain(render(template, turns(marked)).pieces)).toEqual(plain(before));
  }
});
