import { expect, test } from 'vitest';
import { builtInModels } from '../../catalogue/built-in-models.ts';
import type { Listing } from '../../catalogue/catalogue.ts';
import { readResponseCall, requestOf } from '../../dialects/openai-responses/response-call.ts';
import type { JsonObject } from '../../model/json.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { inputItems } from '../../sessions/item-form.ts';
import { fitToContext } from './fit-to-context.ts';

const caller = { keyId: 'key_1', accountId: 'acct_1' };
const { signal } = new AbortController();

/** A model whose input has so many tokens at most, and a counter for which a word is a token. */
function modelOf(tokens: number) {
  const [model] = builtInModels;
  if (model === undefined) throw new Error('there is a model');
  const limits = { context: 2 * tokens, input: tokens, output: tokens };
  const listing: Listing = { model: { ...model, limits }, providers: ['p'], ready: true };
  const asked: number[] = [];
  return {
    asked,
    models: { list: () => [listing], find: () => listing, endpoints: () => [] },
    countInput: async ({ request }: { readonly request: GenerateRequest }) => {
      const counted = wordsOf(request).length;
      asked.push(counted);
      return counted;
    },
  };
}

function wordsOf({ turns }: GenerateRequest): readonly string[] {
  return turns.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === 'text' ? part.text.split(' ') : ['(part)'])));
}

function fittingOf(input: readonly JsonObject[]) {
  const call = readResponseCall({ model: 'm', input, truncation: 'auto' });
  const session = { before: [], own: inputItems(input) };
  return { call, session, caller, signal, request: requestOf(call, [], session.own) };
}

function said(role: string, words: number, name: string): JsonObject {
  return { role, content: Array.from({ length: words }, (_, index) => `${name}${index}`).join(' ') };
}

test('an input that fits by its size is neither counted nor changed', async () => {
  const model = modelOf(10_000);
  const fitting = fittingOf([said('user', 10, 'word')]);
  expect(await fitToContext(fitting, model)).toEqual({ request: fitting.request, notices: [] });
  expect(model.asked).toEqual([]);
});

test('an input that only looks too long is counted and not changed', async () => {
  const model = modelOf(1_000);
  const fitting = fittingOf([said('user', 900, 'word')]);
  expect(await fitToContext(fitting, model)).toEqual({ request: fitting.request, notices: [] });
  expect(model.asked).toEqual([900]);
});

test('the oldest items go until the rest fits, but for instructions and the last item, and the caller is told', async () => {
  const model = modelOf(1_000);
  const items = Array.from({ length: 20 }, (_, index) => said(index % 2 === 0 ? 'user' : 'assistant', 100, `n${index}_`));
  const fitting = fittingOf([said('developer', 100, 'rule'), ...items]);
  const { request, notices } = await fitToContext(fitting, model);
  const words = wordsOf(request);
  expect(words.length).toBeLessThanOrEqual(1_000);
  expect(words.length).toBeGreaterThanOrEqual(800);
  expect(words[0]).toBe('rule0');
  expect(words.at(-1)).toBe('n19_99');
  expect(notices).toMatchObject([{ code: 'dropped', path: 'input' }]);
});

test('a result does not stay without its call', async () => {
  const model = modelOf(1_000);
  const call = { type: 'function_call', call_id: 'c', name: 'f', arguments: JSON.stringify('x'.repeat(8_000)) };
  const result = { type: 'function_call_output', call_id: 'c', output: 'short' };
  const fitting = fittingOf([call, result, said('user', 990, 'word')]);
  const countInput = async (): Promise<number> => 2_000;
  const { request } = await fitToContext(fitting, { ...model, countInput });
  expect(request.turns.map(({ role }) => role)).toEqual(['user']);
});

test('the last item stays, however long it is', async () => {
  const fitting = fittingOf([said('user', 5_000, 'word')]);
  expect((await fitToContext(fitting, modelOf(1_000))).request).toBe(fitting.request);
});
