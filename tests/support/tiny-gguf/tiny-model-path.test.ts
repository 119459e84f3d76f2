import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { encodeGguf } from './gguf-file.ts';
import { tinyModelPath } from './tiny-model-path.ts';
import { tinyModel } from './tiny-model.ts';
import { tinyVocabulary } from './tiny-vocabulary.ts';

test('the same recipe makes the same bytes', async () => {
  const content = {
    architecture: 'qwen35',
    template: 'a template',
    contextTokens: 1000,
    vocabulary: await tinyVocabulary(),
  } as const;
  expect(Buffer.from(encodeGguf(tinyModel(content))).equals(encodeGguf(tinyModel(content)))).toBe(true);
});

test('what is asked for makes a file of its own, and asking again finds it', async () => {
  const options = [
    { architecture: 'qwen35' },
    { architecture: 'qwen35moe' },
    { architecture: 'qwen35', template: 'plain' },
    { architecture: 'qwen35', contextTokens: 512 },
  ] as const;
  const first = await Promise.all(options.map((option) => tinyModelPath(option)));
  expect(new Set(first).size).toBe(options.length);
  expect(await Promise.all(options.map((option) => tinyModelPath(option)))).toEqual(first);
});

test('callers who ask at the same time get the same whole file', async () => {
  const paths = await Promise.all(
    Array.from({ length: 4 }, () => tinyModelPath({ architecture: 'qwen35moe', contextTokens: 4096 })),
  );
  expect(new Set(paths).size).toBe(1);
  const bytes = await readFile(paths[0] ?? '');
  expect(bytes.subarray(0, 4).toString()).toBe('GGUF');
  expect(bytes.length).toBeGreaterThan(3_000_000);
});

test('the vocabulary has a merge for every token that is more than a byte', async () => {
  const vocabulary = await tinyVocabulary();
  expect(vocabulary.tokens).toHaveLength(2080);
  expect(vocabulary.types).toHaveLength(2080);
  expect(vocabulary.merges).toHaveLength(2048 - 256);
  expect(vocabulary.tokens[vocabulary.endOfTurnId]).toBe('<|im_end|>');
});
