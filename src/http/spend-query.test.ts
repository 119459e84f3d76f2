import { describe, expect, test } from 'vitest';
import type { UsageQuery, UsageSum } from '../ledger/request-record.ts';
import { readSpendQuery } from './spend-query.ts';
import { spendReport } from './spend-report.ts';

const span = { start_date: '2026-11-01', end_date: '2026-11-02' };

describe('the query of a spend report', () => {
  test('both days count whole, in UTC', () => {
    expect(readSpendQuery(span)).toEqual({
      groupBy: 'day',
      from: Date.parse('2026-11-01'),
      until: Date.parse('2026-11-03'),
      isOwnKeys: false,
    });
    expect(readSpendQuery({ ...span, date_part: 'hour' }).groupBy).toBe('hour');
    expect(readSpendQuery({ ...span, group_by: 'model', model: 'm', date_part: 'day' })).toMatchObject({
      groupBy: 'model',
      model: 'm',
    });
  });

  test.each([
    ['start_date', {}],
    ['start_date', { start_date: '2026-02-30', end_date: '2026-03-01' }],
    ['end_date', { start_date: '2026-11-01', end_date: 'tomorrow' }],
    ['start_date', { start_date: '2026-11-03', end_date: '2026-11-02' }],
    ['date_part', { ...span, date_part: 'minute' }],
    ['date_part', { start_date: '2026-10-01', end_date: '2026-11-02', date_part: 'hour' }],
    ['group_by', { ...span, group_by: 'colour' }],
    ['group_by', { ...span, group_by: 'tag' }],
    ['model', { ...span, model: 'm' }],
    ['user_id', { ...span, user_id: 'u' }],
    ['tags', { ...span, tags: 'a,b' }],
    ['credential_type', { ...span, credential_type: 'mine' }],
  ])('what it cannot answer is refused by its parameter: %s', (param, query) => {
    expect(() => readSpendQuery(query)).toThrow(
      expect.objectContaining({ param, row: expect.objectContaining({ status: 400 }) }),
    );
  });
});

describe('the rows of a spend report', () => {
  const sum: UsageSum = {
    group: 'm',
    requests: 2,
    inputTokens: 10,
    cacheReadTokens: 4,
    outputTokens: 5,
    reasoningTokens: 3,
    charged: 1_500_000n,
  };
  const row = {
    total_cost: 0.0015,
    input_tokens: 10,
    output_tokens: 5,
    cached_input_tokens: 4,
    reasoning_tokens: 3,
    request_count: 2,
  };
  const records = (sums: (query: UsageQuery) => readonly UsageSum[]) => ({ usage: async (query: UsageQuery) => sums(query) });

  test('several models are one row of credentials of the system', async () => {
    const asked = readSpendQuery({ ...span, group_by: 'credential_type' });
    const rows = await spendReport(
      records(() => [sum, { ...sum, group: 'other' }]),
      'a',
      asked,
    );
    expect(rows).toEqual([
      {
        credential_type: 'system',
        total_cost: 0.003,
        input_tokens: 20,
        output_tokens: 10,
        cached_input_tokens: 8,
        reasoning_tokens: 6,
        request_count: 4,
      },
    ]);
  });

  test('an hour has a row where something was used in it', async () => {
    const used = Date.parse('2026-11-01T07:30:00Z');
    const asked = readSpendQuery({ ...span, date_part: 'hour' });
    const rows = await spendReport(
      records(({ from, until }) => (from <= used && used < until ? [sum] : [])),
      'a',
      asked,
    );
    expect(rows).toEqual([{ hour: '2026-11-01T07:00:00.000Z', ...row }]);
  });

  test('one model is the one that was asked for, and nothing was spent with keys of the caller', async () => {
    const sums = records(() => [sum, { ...sum, group: 'other' }]);
    expect(await spendReport(sums, 'a', readSpendQuery({ ...span, group_by: 'model', model: 'm' }))).toEqual([
      { model: 'm', ...row },
    ]);
    expect(await spendReport(sums, 'a', readSpendQuery({ ...span, credential_type: 'byok' }))).toEqual([]);
  });
});
