import { characters, choice, literal } from './gbnf.ts';
import type { Expression } from './gbnf.ts';
import { unicodeEscape } from './json-rules.ts';

/** Code points, both ends included. */
export type CharacterRange = readonly [from: number, to: number];

const lastCodePoint = 0x10ffff;

/** The sets behind the letters of a regular expression (ECMA-262, section 22.2.2). */
export const namedSets = {
  digits: [[0x30, 0x39]],
  wordCharacters: [
    [0x30, 0x39],
    [0x41, 0x5a],
    [0x5f, 0x5f],
    [0x61, 0x7a],
  ],
  spaces: [
    [0x09, 0x0d],
    [0x20, 0x20],
    [0xa0, 0xa0],
    [0x1680, 0x1680],
    [0x2000, 0x200a],
    [0x2028, 0x2029],
    [0x202f, 0x202f],
    [0x205f, 0x205f],
    [0x3000, 0x3000],
    [0xfeff, 0xfeff],
  ],
  lineEnds: [
    [0x0a, 0x0a],
    [0x0d, 0x0d],
    [0x2028, 0x2029],
  ],
} as const satisfies Record<string, readonly CharacterRange[]>;

/** Every code point outside of the ranges. */
export function complement(ranges: readonly CharacterRange[]): readonly CharacterRange[] {
  const gaps: CharacterRange[] = [];
  let next = 0;
  for (const [from, to] of ranges.toSorted((one, other) => one[0] - other[0])) {
    if (from > next) gaps.push([next, from - 1]);
    next = Math.max(next, to + 1);
  }
  if (next <= lastCodePoint) gaps.push([next, lastCodePoint]);
  return gaps;
}

/** One character of the set as it is written inside of a JSON string; those in `without` only as escapes. */
export function characterSet(ranges: readonly CharacterRange[], without: readonly string[]): Expression {
  const has = (character: string): boolean =>
    ranges.some(([from, to]) => from <= character.charCodeAt(0) && character.charCodeAt(0) <= to);
  const escapedHere = without.map((character): CharacterRange => [character.charCodeAt(0), character.charCodeAt(0)]);
  const plain = complement([...complement(ranges), ...writtenOtherwise, ...escapedHere]);
  return choice(
    ...(plain.length === 0 ? [] : [characters(`[${plain.map(rangeText).join('')}]`)]),
    ...escapedCharacters.filter(has).map((character) => literal(JSON.stringify(character).slice(1, -1))),
    ...without.filter(has).map((character) => literal(unicodeEscape(character))),
  );
}

/** Control characters, the quote, the backslash and halves of surrogate pairs. */
const writtenOtherwise: readonly CharacterRange[] = [
  [0x00, 0x1f],
  [0x22, 0x22],
  [0x5c, 0x5c],
  [0x7f, 0x7f],
  [0xd800, 0xdfff],
];

const escapedCharacters = ['"', '\\', '\b', '\f', '\n', '\r', '\t'];

function rangeText([from, to]: CharacterRange): string {
  return from === to ? codeText(from) : `${codeText(from)}-${codeText(to)}`;
}

function codeText(code: number): string {
  const character = String.fromCodePoint(code);
  return /[A-Za-z0-9]/.test(character) ? character : `\\U${code.toString(16).padStart(8, '0')}`;
}
