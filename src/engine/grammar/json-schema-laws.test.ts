import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { getLlama, LlamaGrammarEvaluationState } from 'node-llama-cpp';
import type { Llama, LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyModelPath } from '../../../tests/support/tiny-gguf/tiny-model-path.ts';
import { parseJson } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import { jsonSchemaGrammar } from './json-schema-grammar.ts';

let llama: Llama;
let model: LlamaModel;
let sequence: LlamaContextSequence;

beforeAll(async () => {
  llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, maxThreads: 1 });
  model = await llama.loadModel({ modelPath: await tinyModelPath({ architecture: 'llama' }) });
  const context = await model.createContext({ contextSize: 1024, sequences: 1, threads: 1 });
  sequence = context.getSequence();
});

afterAll(async () => {
  await model.dispose();
  await llama.dispose();
});

/** Asks the engine itself whether a text is one of the grammar's, whole. The library has the question but does not publish it. */
async function acceptor(grammar: string): Promise<(text: string) => boolean> {
  const compiled: object = await llama.createGrammar({ grammar });
  if (!('_testText' in compiled) || typeof compiled._testText !== 'function') throw new Error('the library has no _testText');
  const test = compiled._testText.bind(compiled);
  return (text) => test(text) === true;
}

/** What a model of random weights writes under the grammar; undefined where it did not come to an end. */
async function written(grammar: string, seed: number, maxTokens = 600): Promise<string | undefined> {
  const state = new LlamaGrammarEvaluationState({ model, grammar: await llama.createGrammar({ grammar }) });
  await sequence.clearHistory();
  const tokens: Token[] = [];
  const options = { temperature: 1.5, topK: 0, topP: 1, seed, grammarEvaluationState: state, yieldEogToken: true };
  for await (const token of sequence.evaluate(model.tokenize('x'), options)) {
    if (model.isEogToken(token)) return model.detokenize(tokens);
    tokens.push(token);
    if (tokens.length === maxTokens) return undefined;
  }
  return undefined;
}

interface Example {
  readonly schema: JsonObject;
  /** A value that is valid under it, its keys in the order of the declaration. */
  readonly value: Json;
}

/** Schemas with a value each, made together: what one leaves open, the other chooses. */
const { example } = fc.letrec<{ example: Example; leaf: Example }>((tie) => ({
  example: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    object(tie('example')),
    list(tie('example')),
    branches(tie('example')),
  ),
  leaf: fc.oneof(
    fc.constantFrom<Example>(
      { schema: { type: 'boolean' }, value: true },
      { schema: { type: 'null' }, value: null },
      { schema: { type: 'string', format: 'date' }, value: '2026-11-20' },
      { schema: { type: 'string', pattern: '^[a-z]{1,4}_?\\d$' }, value: 'abc_1' },
    ),
    fc.tuple(fc.string({ unit: 'grapheme', maxLength: 6 }), fc.nat({ max: 3 })).map(([value, room]): Example => {
      const length = Array.from(value).length;
      return { schema: { type: 'string', minLength: Math.max(0, length - room), maxLength: length + room }, value };
    }),
    fc.tuple(fc.integer(), fc.nat({ max: 3_000 }), fc.nat({ max: 3_000 })).map(([value, below, above]): Example => {
      return { schema: { type: 'integer', minimum: value - below, maximum: value + above }, value };
    }),
    fc
      .uniqueArray(fc.oneof(fc.string(), fc.integer(), fc.constant(null)), { minLength: 1, maxLength: 4 })
      .map((values): Example => {
        return { schema: { enum: values }, value: values[0] ?? null };
      }),
  ),
}));

function object(inner: fc.Arbitrary<Example>): fc.Arbitrary<Example> {
  const property = fc.record({
    name: fc.string({ maxLength: 5 }).filter((name) => name !== '__proto__' && !/^\d+$/.test(name)),
    inner,
    required: fc.boolean(),
    present: fc.boolean(),
  });
  return fc.uniqueArray(property, { maxLength: 4, selector: (one) => one.name }).map((properties): Example => {
    const present = properties.filter((one) => one.required || one.present);
    return {
      schema: {
        type: 'object',
        properties: Object.fromEntries(properties.map((one) => [one.name, one.inner.schema])),
        required: properties.filter((one) => one.required).map((one) => one.name),
        additionalProperties: false,
      },
      value: Object.fromEntries(present.map((one) => [one.name, one.inner.value])),
    };
  });
}

function list(inner: fc.Arbitrary<Example>): fc.Arbitrary<Example> {
  return fc
    .tuple(inner, fc.nat({ max: 3 }), fc.nat({ max: 2 }), fc.nat({ max: 2 }))
    .map(([item, count, less, more]): Example => ({
      schema: { type: 'array', items: item.schema, minItems: Math.max(0, count - less), maxItems: count + more },
      value: Array.from({ length: count }, () => item.value),
    }));
}

function branches(inner: fc.Arbitrary<Example>): fc.Arbitrary<Example> {
  return fc
    .tuple(inner, inner)
    .map(([one, other]): Example => ({ schema: { anyOf: [other.schema, one.schema] }, value: one.value }));
}

const ajv = new Ajv2020({ strict: false, formats: { date: /^\d{4}-\d\d-\d\d$/ } });

describe('laws', () => {
  it('every schema compiles, and the grammar takes a valid value however it is laid out', async () => {
    await fc.assert(
      fc.asyncProperty(example, async ({ schema, value }) => {
        expect(ajv.validate(schema, value)).toBe(true);
        const accepts = await acceptor(jsonSchemaGrammar(schema, 'at'));
        expect(accepts(JSON.stringify(value))).toBe(true);
        if (!JSON.stringify(schema).includes('enum')) expect(accepts(JSON.stringify(value, undefined, 2))).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('what a model of random weights writes under the grammar is valid', async () => {
    let finished = 0;
    await fc.assert(
      fc.asyncProperty(example, fc.nat(), async ({ schema }, seed) => {
        const text = await written(jsonSchemaGrammar(schema, 'at'), seed);
        // Random tokens may be broken UTF-8, whose characters the engine cannot count.
        if (text === undefined || text.includes('\uFFFD')) return;
        finished++;
        const value = parseJson(text);
        expect({ text, valid: value !== undefined && ajv.validate(schema, value) }).toEqual({ text, valid: true });
      }),
      { numRuns: 60 },
    );
    expect(finished).toBeGreaterThan(20);
  });
});
