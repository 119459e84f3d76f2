import { millisecondsOfDay, millisecondsOfHour } from '../../ledger/request-record.ts';
import type { Credential, ToolSum, UsageGrouping, UsageQuery, UsageSpan, UsageSum } from '../../ledger/request-record.ts';
import { attributionLimits } from '../../model/attribution-limits.ts';
import { bigintColumn, numberColumn, textColumn } from './row.ts';
import { query } from './statement.ts';
import type { Operation, Row, SqlValue } from './statement.ts';
import { tagMark, tagsIn } from './tags-text.ts';

const tagPlaces = Array.from({ length: attributionLimits.tags }, (_, place) => place);

const credential = `CASE WHEN used_own_key = 1 THEN ${word('byok')} ELSE ${word('system')} END`;

/** Days and hours are counted since 1970: a division of integers, which cuts off on every database. */
const groups: Readonly<Record<UsageGrouping, string>> = {
  model: 'answering_model',
  key: 'key_id',
  day: `ended_at / ${millisecondsOfDay}`,
  hour: `ended_at / ${millisecondsOfHour}`,
  // A call that was refused before a host was chosen has a provider without a name.
  provider: `NULLIF(provider, '')`,
  user: 'end_user',
  // Whole sets of tags, which are taken apart afterwards.
  tag: 'tags',
  credential,
};

/**
 * An empty text stands for "whatever it is", so that the text of a query depends on its grouping alone. What is left of the tags without
 * a mark tells whether it was there, in words that both databases have and that tell cases apart.
 */
const filters = [
  `($4 = '' OR key_id = $4)`,
  `($5 = '' OR end_user = $5)`,
  `($6 = '' OR provider = $6)`,
  `($7 = '' OR answering_model = $7)`,
  `($8 = '' OR ${credential} = $8)`,
  ...tagPlaces.map((place) => `($${place + 9} = '' OR REPLACE(tags, $${place + 9}, '') <> tags)`),
];

export function* sumUsage(asked: UsageQuery): Operation<readonly UsageSum[]> {
  const { accountId, from, until, groupBy } = asked;
  const rows = yield* query(
    `SELECT ${groups[groupBy]} AS grouped, COUNT(*) AS requests, SUM(charged) AS charged,
       COALESCE(SUM(input_tokens), 0) AS input_tokens, COALESCE(SUM(cache_read_tokens), 0) AS cache_read_tokens,
       COALESCE(SUM(output_tokens), 0) AS output_tokens, COALESCE(SUM(reasoning_tokens), 0) AS reasoning_tokens
     FROM request_records
     WHERE account_id = $1 AND ended_at >= $2 AND ended_at < $3 AND ${filters.join(' AND ')}
     GROUP BY 1 ORDER BY 1 NULLS FIRST`,
    accountId,
    BigInt(from),
    BigInt(until),
    ...filterValues(asked),
  );
  const sums = rows.map((row) => readSum(row, groupBy));
  return groupBy === 'tag' ? sumsOfTags(sums) : sums;
}

function readSum(row: Row, groupBy: UsageGrouping): UsageSum {
  return {
    ...(row['grouped'] === null ? {} : { group: groupText(row, groupBy) }),
    requests: numberColumn(row, 'requests'),
    inputTokens: numberColumn(row, 'input_tokens'),
    cacheReadTokens: numberColumn(row, 'cache_read_tokens'),
    outputTokens: numberColumn(row, 'output_tokens'),
    reasoningTokens: numberColumn(row, 'reasoning_tokens'),
    charged: bigintColumn(row, 'charged'),
  };
}

/** From sums by sets of tags: a call counts with each tag of its set. The order of tags is that of the database. */
function sumsOfTags(sets: readonly UsageSum[]): readonly UsageSum[] {
  const sums = new Map<string, UsageSum>();
  let without: UsageSum | undefined;
  for (const { group: set = '', ...sum } of sets) {
    const tags = new Set(tagsIn(set));
    if (tags.size === 0) without = plus(without, sum);
    for (const tag of tags) sums.set(tag, { group: tag, ...plus(sums.get(tag), sum) });
  }
  const sorted = [...sums].toSorted(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  return [...(without === undefined ? [] : [without]), ...sorted.map(([, sum]) => sum)];
}

function plus(one: Omit<UsageSum, 'group'> | undefined, other: Omit<UsageSum, 'group'>): Omit<UsageSum, 'group'> {
  if (one === undefined) return other;
  return {
    requests: one.requests + other.requests,
    inputTokens: one.inputTokens + other.inputTokens,
    cacheReadTokens: one.cacheReadTokens + other.cacheReadTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    reasoningTokens: one.reasoningTokens + other.reasoningTokens,
    charged: one.charged + other.charged,
  };
}

/** Throws RangeError for more tags than a call can have: the caller of this asks with a query that was read. */
function filterValues({ keyId, endUser, provider, model, usedOwnKey, tags = [] }: UsageQuery): readonly SqlValue[] {
  const marks = [...new Set(tags)].map(tagMark);
  if (marks.length > tagPlaces.length) throw new RangeError(`No call has ${marks.length} tags.`);
  const whose: Credential | '' = usedOwnKey === undefined ? '' : usedOwnKey ? 'byok' : 'system';
  return [keyId ?? '', endUser ?? '', provider ?? '', model ?? '', whose, ...tagPlaces.map((place) => marks[place] ?? '')];
}

function word(name: Credential): string {
  return `'${name}'`;
}

function groupText(row: Row, groupBy: UsageGrouping): string {
  switch (groupBy) {
    case 'day':
      return timeText(numberColumn(row, 'grouped') * millisecondsOfDay).slice(0, 10);
    case 'hour':
      return timeText(numberColumn(row, 'grouped') * millisecondsOfHour);
    case 'model':
    case 'key':
    case 'provider':
    case 'user':
    case 'tag':
    case 'credential':
      return textColumn(row, 'grouped');
  }
}

function timeText(unixMs: number): string {
  return new Date(unixMs).toISOString();
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
