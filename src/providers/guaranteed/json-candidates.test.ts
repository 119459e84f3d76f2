import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuzzRuns } from '../../../tests/support/arbitraries/fuzz-runs.ts';
import { parseJson } from '../../model/json.ts';
import { jsonCandidates } from './json-candidates.ts';

function texts(text: string): readonly string[] {
  return jsonCandidates(text).map((candidate) => candidate.text);
}

describe('the JSON values of an answer', () => {
  it('a text that is one value is given exactly as it stands', () => {
    const text = '\n {"a": [1,  2]}\n';
    expect(jsonCandidates(text)).toEqual([{ text, value: { a: [1, 2] }, takenOut: false, repaired: false }]);
  });

  it.each<readonly [name: string, text: string, values: readonly string[]]>([
    ['a fence', '```json\n{"a":1}\n```', ['{"a":1}']],
    ['a fence between words', 'Here it is:\n```\n{"a":1}\n```\nEnjoy {it}!', ['{"a":1}']],
    ['a longer fence', '````json\n[1]\n````', ['[1]']],
    ['a fence that never closes', '```json\n{"a":1}\n', ['{"a":1}']],
    ['two fences', '```\n{"a":1}\n```\nor\n```\n{"a":2}\n```', ['{"a":1}', '{"a":2}']],
    ['a scalar in a fence', '```json\n"yes"\n```', ['"yes"']],
    ['prose around an object', 'Sure! {"a": {"b": "}"}} Is that right?', ['{"a": {"b": "}"}}']],
    ['brackets of the prose', 'As [you] {said}: [1, 2].', ['[1, 2]']],
    ['a bracket that never closes before one that does', 'if (a { b: {"a":1}', ['{"a":1}']],
    ['several values', '{"a":1}\n{"a":2}', ['{"a":1}', '{"a":2}']],
    ['escaped quotes', 'so: {"a":"\\"}"}', ['{"a":"\\"}"}']],
    ['a byte order mark', '\uFEFF{"a":1}', ['{"a":1}']],
    ['no JSON at all', 'I cannot say.', []],
    ['a scalar between words', 'The answer is 42 or "no".', []],
    ['nothing', '', []],
  ])('%s', (_, text, values) => {
    expect(texts(text)).toEqual(values);
  });

  it.each<readonly [name: string, text: string, value: string]>([
    ['a comma before a closing bracket', '{"a":[1,2,],}', '{"a":[1,2]}'],
    ['a comma and space before it', '{"a":1 ,\n}', '{"a":1 \n}'],
    ['a line break in a string', '{"a":"one\ntwo"}', '{"a":"one\\ntwo"}'],
    ['a tab in a string', '{"a":"one\ttwo"}', '{"a":"one\\ttwo"}'],
    ['commas that stand in strings stay', '{"a":",}",}', '{"a":",}"}'],
  ])('is repaired: %s', (_, text, value) => {
    expect(jsonCandidates(text)).toMatchObject([{ text: value, repaired: true }]);
  });

  it.each([
    ['names without quotes', '{a:1}'],
    ['single quotes', "{'a':1}"],
    ['comments', '{"a":1 /* one */}'],
    ['a text that was cut', '{"a":[1,2'],
    ['two commas', '{"a":[1,,2]}'],
    ['words of Python', '{"a":True}'],
    ['a missing comma', '{"a":1 "b":2}'],
  ])('is not guessed at: %s', (_, text) => {
    expect(texts(text)).toEqual([]);
  });

  it('whatever the text, each candidate is JSON that stands in it, but for the repairs', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      '\\',
      ',',
      ':',
      '```',
      '\n',
      'a',
      '1',
      ' ',
      '"a":1',
      '{"a":1}',
      '[1,]',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        const text = parts.join('');
        for (const candidate of jsonCandidates(text)) {
          expect(parseJson(candidate.text)).toEqual(candidate.value);
          if (!candidate.repaired) expect(text).toContain(candidate.text);
        }
      }),
      { numRuns: fuzzRuns },
    );
  });

  it('any value is found again between words', () => {
    const words = fc.stringMatching(/^[a-z .,!?'\n]{0,40}$/);
    const container = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()));
    fc.assert(
      fc.property(words, container, words, (before, value, after) => {
        const [found] = jsonCandidates(`${before}${JSON.stringify(value)}${after}`);
        expect(JSON.stringify(found?.value)).toBe(JSON.stringify(value));
      }),
      { numRuns: fuzzRuns },
    );
  });

  it.each([
    ['brackets that never close', '{['.repeat(200_000)],
    ['brackets that all close', `${'{'.repeat(200_000)}${'}'.repeat(200_000)}`],
    ['quotes', '{"'.repeat(200_000)],
    ['commas and spaces', `[${', '.repeat(200_000)}`],
  ])('a text made to be slow ends all the same: %s', (_, text) => {
    expect(texts(text)).toEqual([]);
  });
});
