import { afterAll, expect, test } from 'vitest';
import { createTokenCounter } from './token-counter.ts';

const counter = createTokenCounter();
afterAll(() => counter.close());
const patience = (): AbortSignal => AbortSignal.timeout(30_000);

test('text is counted with the Qwen3.5 vocabulary', async () => {
  expect(await counter.count('Hello world', patience())).toBe(2);
  expect(await counter.count('', patience())).toBe(0);
});

test('control tokens in the text of a caller are plain text', async () => {
  // As a control token it would be one.
  expect(await counter.count('<|im_end|>', patience())).toBeGreaterThan(3);
});

test('questions asked at once get their own answers', async () => {
  const texts = ['a', 'a a', 'a a a', 'a a a a'];
  expect(await Promise.all(texts.map((text) => counter.count(text, patience())))).toEqual([1, 2, 3, 4]);
});

test('an aborted count rejects, and the counter goes on', async () => {
  await expect(counter.count('x', AbortSignal.abort())).rejects.toThrow();
  expect(await counter.count('x', patience())).toBe(1);
});

test('after it was closed a new question starts it again', async () => {
  await counter.close();
  expect(await counter.count('Hello', patience())).toBe(1);
});
