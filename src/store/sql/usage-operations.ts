import { millisecondsOfDay } from '../../ledger/request-record.ts';
import type { ToolSum, UsageGrouping, UsageQuery, UsageSpan, UsageSum } from '../../ledger/request-record.ts';
import { bigintColumn, numberColumn, textColumn } from './row.ts';
import { query } from './statement.ts';
import type { Operation, Row } from './statement.ts';

/** Whole days since 1970: a division of integers, which cuts off on every database. */
const groups: Readonly<Record<UsageGrouping, string>> = {
  model: 'answering_model',
  key: 'key_id',
  day: `ended_at / ${millisecondsOfDay}`,
};

export function* sumUsage({ accountId, from, until, groupBy, keyId }: UsageQuery): Operation<readonly UsageSum[]> {
  const rows = yield* query(
    `SELECT ${groups[groupBy]} AS grouped, COUNT(*) AS requests, SUM(charged) AS charged,
       COALESCE(SUM(input_tokens), 0) AS input_tokens, COALESCE(SUM(cache_read_tokens), 0) AS cache_read_tokens,
       COALESCE(SUM(output_tokens), 0) AS output_tokens, COALESCE(SUM(reasoning_tokens), 0) AS reasoning_tokens
     FROM request_records
     WHERE account_id = $1 AND ended_at >= $2 AND ended_at < $3 AND ($4 = '' OR key_id = $4)
     GROUP BY 1 ORDER BY 1 NULLS FIRST`,
    accountId,
    BigInt(from),
    BigInt(until),
    keyId ?? '',
  );
  return rows.map((row) => ({
    ...(row['grouped'] === null ? {} : { group: groupText(row, groupBy) }),
    requests: numberColumn(row, 'requests'),
    inputTokens: numberColumn(row, 'input_tokens'),
    cacheReadTokens: numberColumn(row, 'cache_read_tokens'),
    outputTokens: numberColumn(row, 'output_tokens'),
    reasoningTokens: numberColumn(row, 'reasoning_tokens'),
    charged: bigintColumn(row, 'charged'),
  }));
}

function groupText(row: Row, groupBy: UsageGrouping): string {
  if (groupBy !== 'day') return textColumn(row, 'grouped');
  return new Date(numberColumn(row, 'grouped') * millisecondsOfDay).toISOString().slice(0, 10);
}

export function* sumTools({ accountId, from, until }: UsageSpan): Operation<readonly ToolSum[]> {
  const rows = yield* query(
    `SELECT tool, COUNT(*) AS requests, SUM(calls) AS calls, SUM(tool_lines.billed) AS billed
     FROM request_records JOIN tool_lines ON tool_lines.request_id = request_records.request_id
     WHERE account_id = $1 AND ended_at >= $2 AND ended_at < $3
     GROUP BY tool ORDER BY tool`,
    accountId,
    BigInt(from),
    BigInt(until),
  );
  return rows.map((row) => ({
    tool: textColumn(row, 'tool'),
    requests: numberColumn(row, 'requests'),
    calls: numberColumn(row, 'calls'),
    billed: bigintColumn(row, 'billed'),
  }));
}
