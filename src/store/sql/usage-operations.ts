import { millisecondsOfDay, millisecondsOfHour } from '../../ledger/request-record.ts';
import type { Credential, ToolSum, UsageGrouping, UsageQuery, UsageSpan, UsageSum } from '../../ledger/request-record.ts';
import { bigintColumn, numberColumn, textColumn } from './row.ts';
import { spanParts } from './span-parts.ts';
import { spanValues } from './span-text.ts';
import { query } from './statement.ts';
import type { Operation, Row, SqlValue } from './statement.ts';
import { tagMark, tagsIn } from './tags-text.ts';
import { tagPlaces, toolsOfAccount, usageOfAccount, usageOfKey, usageOfRecords } from './usage-text.ts';
import type { SummedGrouping } from './usage-text.ts';

export function* sumUsage(asked: UsageQuery): Operation<readonly UsageSum[]> {
  const { from, until, groupBy } = asked;
  if (from >= until) return [];
  const sums = (yield* rowsOf(asked)).map((row) => readSum(row, groupBy));
  return groupBy === 'tag' ? sumsOfTags(sums) : sums;
}

/** What is asked by users and tags is counted record by record. All the rest comes from sums, of which there are few. */
function rowsOf(asked: UsageQuery): Operation<readonly Row[]> {
  const { groupBy, endUser = '', tags = [] } = asked;
  const isOfRecords = endUser !== '' || tags.length > 0;
  return groupBy === 'user' || groupBy === 'tag' || isOfRecords ? countRecords(asked) : addSums(asked, groupBy);
}

function addSums(asked: UsageQuery, groupBy: SummedGrouping): Operation<readonly Row[]> {
  const { accountId, keyId = '' } = asked;
  const values = [...spanValues(spanParts(asked, groupBy === 'hour' ? 'hour' : 'day')), ...kindValues(asked)];
  if (keyId === '') return query(usageOfAccount[groupBy], accountId, ...values);
  return query(usageOfKey[groupBy], accountId, ...values, keyId);
}

/** Throws RangeError for more tags than a call can have: the caller of this asks with a query that was read. */
function countRecords(asked: UsageQuery): Operation<readonly Row[]> {
  const { accountId, from, until, groupBy, keyId = '', endUser = '', tags = [] } = asked;
  const marks = [...new Set(tags)].map(tagMark);
  if (marks.length > tagPlaces.length) throw new RangeError(`No call has ${marks.length} tags.`);
  const tagValues = tagPlaces.map((place) => marks[place] ?? '');
  const span = [BigInt(from), BigInt(until)];
  return query(usageOfRecords[groupBy], accountId, ...span, ...kindValues(asked), keyId, endUser, ...tagValues);
}

function kindValues({ provider = '', model = '', usedOwnKey }: UsageQuery): readonly SqlValue[] {
  const credential: Credential | '' = usedOwnKey === undefined ? '' : usedOwnKey ? 'byok' : 'system';
  return [provider, model, credential];
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

export function* sumTools(span: UsageSpan): Operation<readonly ToolSum[]> {
  if (span.from >= span.until) return [];
  const rows = yield* query(toolsOfAccount, span.accountId, ...spanValues(spanParts(span, 'day')));
  return rows.map((row) => ({
    tool: textColumn(row, 'tool'),
    requests: numberColumn(row, 'requests'),
    calls: numberColumn(row, 'calls'),
    billed: bigintColumn(row, 'billed'),
  }));
}
