import { expect, test } from 'vitest';
import { ByteChunks } from './byte-chunks.ts';

const chunk = (letter: string): Buffer => Buffer.alloc(2_000, letter);

test('any part of the bytes is what it would be of all of them together', () => {
  const list = [chunk('a'), Buffer.from('xyz'), Buffer.alloc(0), chunk('b')];
  const chunks = new ByteChunks(list);
  const all = Buffer.concat(list);
  expect(chunks.list).toBe(list);
  expect(chunks.length).toBe(4_003);
  expect(chunks.all().equals(all)).toBe(true);
  const places = [0, 1, 1_999, 2_000, 2_001, 2_003, 2_004, 4_002, 4_003];
  for (const start of places) {
    for (const end of places.filter((place) => place >= start)) {
      expect(chunks.between(start, end).equals(all.subarray(start, end))).toBe(true);
    }
  }
});

test('of no bytes at all there is nothing', () => {
  expect(new ByteChunks([]).all().length).toBe(0);
});

test('many small chunks are made one', () => {
  const small = Array.from('abcdefgh', (letter) => Buffer.from(letter));
  expect(new ByteChunks(small).list.map(String)).toEqual(['abcdefgh']);
});
