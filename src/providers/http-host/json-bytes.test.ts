import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../model/json.ts';
import { jsonBytes } from './json-bytes.ts';

const numRuns = Number(process.env['FLASHMUX_FUZZ_RUNS'] ?? 200);

/** Lone surrogates and names that objects have of their own among it; lists below and above the length from which they are taken apart. */
const value = fc.jsonValue({ stringUnit: 'binary', maxDepth: 2 });
const list = fc.array(value, { minLength: 6, maxLength: 12 });
const body = fc
  .dictionary(fc.string({ unit: 'binary' }), fc.oneof(value, list))
  .map((made): JsonObject => JSON.parse(JSON.stringify(made)));

test('the bytes are those of the JSON of the whole body', () => {
  fc.assert(
    fc.property(body, (each) => {
      expect(jsonBytes(each).toString()).toBe(JSON.stringify(each));
    }),
    { numRuns },
  );
});

test('every letter of a long conversation arrives, in whatever script it is', () => {
  const messages = ['plain', 'Größe', '你好', '🙂', '\ud800', '"\\\n\u0000', '', 'é'].map((content) => ({
    role: 'user',
    content,
  }));
  expect(JSON.parse(jsonBytes({ model: 'm', messages, stream: true }).toString())).toEqual({
    model: 'm',
    messages,
    stream: true,
  });
});
