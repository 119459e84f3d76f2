import { describe, expect, test } from 'vitest';
import type { UsageQuery, UsageSum } from '../ledger/request-record.ts';
import { readSpendQuery } from './spend-query.ts';
import { spendReport } from './spend-report.ts';

const span = { start_date: '2026-11-01', end_date: '2026-11-02' };

describe('the query of a spend report', () => {
  test('both days count whole, in UTC', () => {
    expect(readSpendQuery(span)).toEqual({ column: 'day', from: Date.parse('2026-11-01'), until: Date.parse('2026-11-03') });
  });

  test.each([
    ['day', {}],
    ['day', { group_by: 'day', date_part: 'day' }],
    ['hour', { date_part: 'hour' }],
    ['user', { group_by: 'user' }],
    ['model', { group_by: 'model', date_part: 'day' }],
    ['tag', { group_by: 'tag' }],
    ['provider', { group_by: 'provider' }],
    ['credential_type', { group_by: 'credential_type' }],
  ])('its rows are called by %s for %j', (column, query) => {
    expect(readSpendQuery({ ...span, ...query }).column).toBe(column);
  });

  test.each([
    [{ user_id: 'ann' }, { endUser: 'ann' }],
    [{ model: 'm' }, { model: 'm' }],
    [{ provider: 'p' }, { provider: 'p' }],
    [{ tags: 'a' }, { tags: ['a'] }],
    [{ tags: 'a,team: b' }, { tags: ['a', 'team: b'] }],
    [{ credential_type: 'byok' }, { usedOwnKey: true }],
    [{ credential_type: 'system' }, { usedOwnKey: false }],
  ])('%j is a filter of any grouping', (query, filter) => {
    for (const groupBy of ['day', 'user', 'model', 'tag', 'provider', 'credential_type']) {
      expect(readSpendQuery({ ...span, ...query, group_by: groupBy })).toMatchObject({ column: groupBy, ...filter });
    }
  });

  test.each([
    ['start_date', {}],
    ['start_date', { start_date: '2026-02-30', end_date: '2026-03-01' }],
    ['end_date', { start_date: '2026-11-01', end_date: 'tomorrow' }],
    ['start_date', { start_date: '2026-11-03', end_date: '2026-11-02' }],
    ['date_part', { ...span, date_part: 'minute' }],
    ['date_part', { ...span, group_by: 'user', date_part: 'hour' }],
    ['group_by', { ...span, group_by: 'colour' }],
    ['model', { ...span, model: '' }],
    ['user_id', { ...span, user_id: '' }],
    // PostgreSQL has no text with a NUL.
    ['user_id', { ...span, user_id: 'a\u0000' }],
    ['provider', { ...span, provider: '\ud800' }],
    ['tags', { ...span, tags: 'a,,b' }],
    ['tags', { ...span, tags: Array.from({ length: 11 }, (_, place) => `tag${place}`).join(',') }],
    ['credential_type', { ...span, credential_type: 'mine' }],
  ])('what it cannot answer is refused by its parameter: %s', (param, query) => {
    expect(() => readSpendQuery(query)).toThrow(
      expect.objectContaining({ param, row: expect.objectContaining({ status: 400 }) }),
    );
  });
});

test('a row has the name of its group and what it used; what was used without saying for whom has none', async () => {
  const used = { requests: 2, inputTokens: 10, cacheReadTokens: 4, outputTokens: 5, reasoningTokens: 3, charged: 1_500_000n };
  const asked: UsageQuery[] = [];
  const usage = async (query: UsageQuery): Promise<readonly UsageSum[]> => {
    asked.push(query);
    return [used, { group: 'ann', ...used }];
  };
  const rows = await spendReport({ usage }, 'mine', readSpendQuery({ ...span, group_by: 'user', tags: 'a,b' }));
  const told = {
    total_cost: 0.0015,
    input_tokens: 10,
    output_tokens: 5,
    cached_input_tokens: 4,
    reasoning_tokens: 3,
    request_count: 2,
  };
  expect(rows).toEqual([told, { user: 'ann', ...told }]);
  const days = { from: Date.parse('2026-11-01'), until: Date.parse('2026-11-03') };
  expect(asked).toEqual([{ accountId: 'mine', groupBy: 'user', tags: ['a', 'b'], ...days }]);
});
