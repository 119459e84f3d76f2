import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isJsonObject, parseJson } from '../model/json.ts';
import { ByteChunks } from './byte-chunks.ts';
import { readJsonSlices } from './read-json-slices.ts';

const numRuns = Number(process.env['FLASHMUX_FUZZ_RUNS'] ?? 300);

const value = fc.jsonValue({ stringUnit: 'grapheme', maxDepth: 3 });
/** Objects with lists in them, written with and without space, as clients do. */
const body = fc
  .tuple(
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'toString', '0')), fc.oneof(fc.array(value), value)),
    fc.constantFrom(0, 2, '\t'),
  )
  .map(([fields, space]) => JSON.stringify(fields, null, space));
const sliceBytes = fc.integer({ min: 1, max: 40 });
/** Where the bytes of a body are cut into chunks. */
const places = fc.array(fc.nat(), { maxLength: 5 });

/** As text, so that the order of fields counts too. */
function sliced(text: string, bytesAtOnce: number, cutAt: readonly number[] = []): string | undefined {
  const read = readJsonSlices(inChunks(text, cutAt), 1_000, bytesAtOnce);
  return read === undefined ? undefined : JSON.stringify(read);
}

function inChunks(text: string, cutAt: readonly number[]): ByteChunks {
  const bytes = Buffer.from(text);
  const cuts = cutAt.map((place) => place % (bytes.length + 1)).toSorted((one, other) => one - other);
  const chunks = [...cuts, bytes.length].map((cut, index) => bytes.subarray(cuts[index - 1] ?? 0, cut));
  // Long ones before and behind, so that the short ones stay as they are.
  const space = Buffer.alloc(4_096, ' ');
  return new ByteChunks([space, ...chunks, space]);
}

test('an object is read as JSON.parse reads it, however many entries are parsed at once', () => {
  fc.assert(
    fc.property(body, sliceBytes, places, (text, bytesAtOnce, cutAt) => {
      expect(sliced(text, bytesAtOnce, cutAt)).toBe(JSON.stringify(parseJson(text)));
    }),
    { numRuns },
  );
});

test('nothing is read that JSON.parse refuses, and nothing otherwise than it does', () => {
  const insert = fc.constantFrom('', '"', '\\', '{', '}', '[', ']', ',', ':', '0', '[0]', ',,', ' ', '\u0001', 'é', '\ufeff');
  const edited = fc.tuple(body, fc.nat(), insert, fc.boolean()).map(([text, at, more, cuts]) => {
    const index = at % (text.length + 1);
    // Half of a pair of surrogates is nothing that UTF-8 has.
    return (text.slice(0, index) + more + text.slice(index + (cuts ? 1 : 0))).toWellFormed();
  });
  fc.assert(
    fc.property(edited, sliceBytes, places, (text, bytesAtOnce, cutAt) => {
      const whole = parseJson(text);
      expect(sliced(text, bytesAtOnce, cutAt)).toBe(isJsonObject(whole) ? JSON.stringify(whole) : undefined);
    }),
    { numRuns },
  );
});

test.each([
  ['{"a":[1,2,]}', undefined],
  ['{"a":[,1,2]}', undefined],
  ['{"a":[1,,2]}', undefined],
  ['{"a":[1,2}', undefined],
  ['{"a":[1,2],"b":[3', undefined],
  ['{"a":[1,2]}]', undefined],
  ['{"a":[1,2]}{}', undefined],
  ['[{"a":[1,2]}]', undefined],
  ['"[1,2]"', undefined],
  ['{"a":[oops],"a":[1]}', undefined],
  ['{"a":[1,2],"a":3}', '{"a":3}'],
  ['{"a":3,"b":0,"a":[1,2]}', '{"a":[1,2],"b":0}'],
  ['{"a":[],"c":[0],"d":[[0]],"e":[ 1 , 2 ]}', '{"a":[],"c":[0],"d":[[0]],"e":[1,2]}'],
  ['{"__proto__":[1,2]}', '{"__proto__":[1,2]}'],
  ['{"a":["],[\\"",",{"]}', '{"a":["],[\\"",",{"]}'],
])('reads %s as %s', (text, expected) => {
  expect(sliced(text, 1)).toBe(expected);
});

test('it makes no difference where the bytes are cut into chunks', () => {
  const text = JSON.stringify({ 'é\\"': ['\\"],[', '\\\\', '\\\\"}', '你'], b: { '"': [[1], '🙂', '\\'] }, c: [2, '"'] });
  for (let at = 0; at <= Buffer.byteLength(text); at++) expect(sliced(text, 1, [at])).toBe(text);
});

test('an object that is nested too deep is not read', () => {
  const bytes = new ByteChunks([Buffer.from('{"a":[[1]],"b":{"c":[[2]]}}')]);
  expect(readJsonSlices(bytes, 4)).toEqual({ a: [[1]], b: { c: [[2]] } });
  expect(readJsonSlices(bytes, 3)).toBeUndefined();
});

test('an object of many lists, or of much beside them, is left to be read as a whole', () => {
  const lists = (count: number): object =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, [index]]));
  const read = (whole: object): unknown => readJsonSlices(new ByteChunks([Buffer.from(JSON.stringify(whole))]), 4);
  expect(read(lists(64))).toEqual(lists(64));
  expect(read(lists(65))).toBeUndefined();
  expect(read({ a: [1], b: 'b'.repeat(200_000) })).toEqual({ a: [1], b: 'b'.repeat(200_000) });
  expect(read({ a: [1], b: 'b'.repeat(300_000) })).toBeUndefined();
});

test('a body that is no UTF-8 is not read, wherever that stands', () => {
  const wrong = (before: string, behind: string): ByteChunks =>
    new ByteChunks([Buffer.from(before), Buffer.from([0xc3]), Buffer.from(behind)]);
  expect(readJsonSlices(wrong('{"a":["b', 'c"]}'), 4)).toBeUndefined();
  expect(readJsonSlices(wrong('{"a":["b"],"c', '":1}'), 4)).toBeUndefined();
  expect(readJsonSlices(wrong('{"a":["b"]}', ''), 4)).toBeUndefined();
});
