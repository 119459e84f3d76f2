import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readTestFile } from '../support/test-titles.ts';
import { samples } from './samples.ts';

const root = path.dirname(path.dirname(import.meta.dirname));

describe.each(samples)('page $page, $at ($client)', ({ page, tests, failsBecause }) => {
  test('has a test in the file of its page', () => {
    expect(tests).not.toEqual([]);
    for (const { file, title } of tests) {
      expect(path.basename(file).startsWith(`${page}-`), file).toBe(true);
      const { titles, failing } = readTestFile(path.join(root, file));
      expect(titles, file).toContainEqual(expect.stringContaining(title));
      expect(
        failing.some((one) => one.includes(title)),
        title,
      ).toBe(failsBecause !== undefined);
    }
  });
});

test('every page has samples, and a call among them', () => {
  const called = new Set(samples.filter(({ client }) => client !== '-').map(({ page }) => page));
  expect([...called].toSorted()).toEqual(['000', '001', '002', '003', '004']);
});

test('no two rows are about the same', () => {
  expect(new Set(samples.map(({ what }) => what)).size).toBe(samples.length);
});

test('every test of a page stands in the table', () => {
  const files = readdirSync(import.meta.dirname).filter((file) => /^\d{3}-.*\.test\.ts$/.test(file));
  expect(files).toHaveLength(5);
  for (const file of files) {
    const named = samples.flatMap(({ tests }) => tests).filter((reference) => path.basename(reference.file) === file);
    const { titles } = readTestFile(path.join(import.meta.dirname, file));
    // A title that is nothing but a column of a table is the name of a group.
    const own = titles.filter((title) => !/^\$\w+$/.test(title));
    expect(
      own.filter((title) => !named.some((reference) => title.includes(reference.title))),
      file,
    ).toEqual([]);
  }
});
