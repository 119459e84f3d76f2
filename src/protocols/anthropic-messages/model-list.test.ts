import type Anthropic from '@anthropic-ai/sdk';
import type Anthropic0 from '@anthropic-ai/sdk-0';
import { describe, expect, test } from 'vitest';
import { FlashmuxError } from '../../model/fault.ts';
import { readModelPage, writeModel, writeModelList } from './model-list.ts';
import { writeTokenCount } from './write-token-count.ts';

const models = ['a', 'b', 'c', 'd'].map((id) => ({ id, displayName: id.toUpperCase(), createdAt: 1_771_891_200 }));

test('a model is a ModelInfo of both lines of the SDK', () => {
  const model = {
    type: 'model',
    id: 'alibaba/qwen3.5-flash',
    display_name: 'Qwen3.5 Flash',
    created_at: '2026-02-24T00:00:00Z',
    max_input_tokens: 983_616,
    max_tokens: 65_536,
    capabilities: null,
    lifecycle: 'active',
    line: null,
    deprecated_at: null,
    retires_at: null,
  } satisfies Anthropic.ModelInfo satisfies Anthropic0.ModelInfo;
  const facts = {
    id: model.id,
    displayName: 'Qwen3.5 Flash',
    createdAt: 1_771_891_200,
    maxInputTokens: 983_616,
    maxOutputTokens: 65_536,
  };
  expect(writeModel(facts)).toEqual(model);
});

describe('a page', () => {
  test.each<[Record<string, string>, readonly string[], boolean]>([
    [{}, ['a', 'b', 'c', 'd'], false],
    [{ limit: '2' }, ['a', 'b'], true],
    [{ limit: '2', after_id: 'b' }, ['c', 'd'], false],
    [{ after_id: 'd' }, [], false],
    [{ limit: '1', before_id: 'c' }, ['b'], true],
    [{ limit: '3', before_id: 'c' }, ['a', 'b'], false],
  ])('%j is %j', (query, ids, hasMore) => {
    const page = writeModelList(models, readModelPage(query));
    expect(page).toMatchObject({
      data: ids.map((id) => ({ id })),
      has_more: hasMore,
      first_id: ids[0] ?? null,
      last_id: ids.at(-1) ?? null,
    });
  });

  test.each<[Record<string, string>, string]>([
    [{ limit: '0' }, 'limit'],
    [{ limit: '1001' }, 'limit'],
    [{ limit: 'all' }, 'limit'],
    [{ after_id: 'a', before_id: 'b' }, 'before_id'],
    [{ after_id: 'x' }, 'after_id'],
    [{ before_id: 'x' }, 'before_id'],
  ])('%j is refused with the name of %s', (query, param) => {
    expect(() => writeModelList(models, readModelPage(query))).toThrow(
      expect.objectContaining({ code: 'invalid_request', param }),
    );
    expect(() => writeModelList(models, readModelPage(query))).toThrow(FlashmuxError);
  });

  test('has 20 models where nobody said how many', () => {
    const many = Array.from({ length: 21 }, (_, index) => ({ id: `m${index}`, displayName: 'M', createdAt: 0 }));
    expect(writeModelList(many)).toMatchObject({ has_more: true, last_id: 'm19' });
  });
});

test('a count is a MessageTokensCount', () => {
  expect(writeTokenCount(12)).toEqual({
    input_tokens: 12,
  } satisfies Anthropic.MessageTokensCount satisfies Anthropic0.MessageTokensCount);
});
