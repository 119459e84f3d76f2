import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { createTokenCounter } from '../../src/engine/tokens/token-counter.ts';
import { leastTokens } from '../../src/routing/choose/least-tokens.ts';
import { hello } from '../../src/routing/routing.test-support.ts';

const numRuns = Number(process.env['FLASHMUX_FUZZ_RUNS'] ?? 200);
const counter = createTokenCounter();
afterAll(() => counter.close());

const least = (text: string): number => leastOf([text], 0);
const counted = (text: string): Promise<number> => counter.count(text, new AbortController().signal);

/** Words, code, digits, scripts without spaces, contractions, and whatever else. */
const piece = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom(
    ' ',
    '  ',
    '\n',
    "don't",
    "I'LL",
    "'s",
    'https://a.b/c?d=e',
    'camelCase',
    'snake_case',
    '你好',
    'naïve',
    '1234',
    '::',
    '🙂',
  ),
  fc.stringMatching(/^[a-z]{1,12}$/),
);

test('a text never has fewer tokens than the bound says', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
      const text = pieces.join('');
      expect(least(text)).toBeLessThanOrEqual(await counted(text));
    }),
    { numRuns },
  );
});

test('of prose and of code the bound is more than a third of the truth', async () => {
  const root = path.join(import.meta.dirname, '../..');
  const prose = readFileSync(path.join(root, 'docs/routing.md'), 'utf8');
  const folder = path.join(root, 'src/routing');
  const code = readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(path.join(folder, name), 'utf8'));
  for (const text of [prose, code.join('\n')]) {
    const truth = await counted(text);
    expect(least(text)).toBeLessThanOrEqual(truth);
    expect(least(text)).toBeGreaterThan(truth / 3);
  }
});

test('a contraction is one word: other vocabularies than the one above have a token of it', () => {
  expect(least("don't I'LL")).toBe(2);
});

test('text that cannot be too long is not looked at', () => {
  const text = 'word '.repeat(100);
  expect(leastOf([text], 250)).toBe(0);
  expect(leastOf([text], 249)).toBe(100);
});

test('whatever is left unread could not have brought it above what was asked about', () => {
  const texts = fc.array(
    fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 400 }), fc.nat({ max: 6_000 }), (each, mostWanted, repeats) => {
      // Long enough, now and then, for several blocks.
      const all = each.map((text) => text.repeat(Math.ceil(repeats / (text.length + 1))));
      const whole = leastOf(all, -1);
      expect(whole).toBe(all.reduce((sum, text) => sum + (text.match(words)?.length ?? 0), 0));
      expect([0, whole]).toContain(leastOf(all, mostWanted));
      if (whole > mostWanted) expect(leastOf(all, mostWanted)).toBe(whole);
    }),
    { numRuns },
  );
});

const words = /[A-Za-z'\u0080-\uffff]+/g;

function leastOf(texts: readonly string[], mostWanted: number): number {
  const parts = texts.map((text) => ({ kind: 'text', text }) as const);
  return leastTokens({ ...hello, turns: [{ role: 'user', parts }] }, mostWanted);
}
