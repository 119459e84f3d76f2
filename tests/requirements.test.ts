import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createCatalogue } from '../src/catalogue/create-catalogue.ts';
import { requirements } from './requirements.ts';
import type { TestReference } from './support/requirement.ts';
import { readTestFile, type TestFile } from './support/test-titles.ts';

const root = path.dirname(import.meta.dirname);
const read = new Map<string, TestFile>();

function fileOf({ file }: TestReference): TestFile {
  const known = read.get(file) ?? readTestFile(path.join(root, file));
  read.set(file, known);
  return known;
}

describe.each(requirements)('$what ($source)', ({ tests, failsBecause }) => {
  test('is proven by tests that exist', () => {
    expect(tests.length).toBeGreaterThan(0);
    for (const reference of tests) {
      const { titles, words } = fileOf(reference);
      expect(titles, reference.file).toContainEqual(expect.stringContaining(reference.title));
      if (reference.row !== undefined) expect(words, `${reference.file}: ${reference.title}`).toContain(reference.row);
    }
  });

  test('is expected to fail only where it is listed so', () => {
    for (const reference of tests) {
      const fails = fileOf(reference).failing.some((title) => title.includes(reference.title));
      expect(fails, reference.title).toBe(failsBecause !== undefined);
    }
  });
});

test('every promise is made once', () => {
  expect(new Set(requirements.map(({ what }) => what)).size).toBe(requirements.length);
});

test('every parameter of the published models has its row', () => {
  const catalogue = createCatalogue();
  const promised = requirements.map(({ what }) => what);
  for (const id of ['qwen3-5-flash', 'qwen3-5-flash:variant1', 'alibaba/qwen3.5-omni-flash']) {
    const found = catalogue.find(id);
    const documented = (found?.variant ?? found?.model)?.parameters.map(({ name }) => `parameter ${name}`) ?? [];
    expect(documented.length).toBeGreaterThan(10);
    expect(promised).toEqual(expect.arrayContaining(documented));
  }
});
