import { millisecondsOfDay, millisecondsOfHour, summable, toolsOf } from '../../src/ledger/request-record.ts';
import type {
  RecordPage,
  RequestRecord,
  ToolSum,
  UsageFilter,
  UsageGrouping,
  UsageQuery,
  UsageSpan,
  UsageSum,
} from '../../src/ledger/request-record.ts';
import { compare } from './plain-values.ts';

/** Newest first. */
export function pageOf(records: Iterable<RequestRecord>, { accountId, before, limit }: RecordPage): readonly RequestRecord[] {
  return [...records]
    .filter((record) => record.accountId === accountId && (before === undefined || order(record, before) < 0))
    .toSorted((one, other) => order(other, one))
    .slice(0, limit);
}

function order(one: Pick<RequestRecord, 'at' | 'requestId'>, other: Pick<RequestRecord, 'at' | 'requestId'>): number {
  return one.at - other.at || compare(one.requestId, other.requestId);
}

export function usageSums(records: Iterable<RequestRecord>, query: UsageQuery): readonly UsageSum[] {
  const sums = new Map<string | undefined, UsageSum>();
  for (const record of within(records, query)) {
    if (!isWanted(record, query)) continue;
    for (const group of groupsOf(record, query.groupBy)) sums.set(group, plus(sums.get(group) ?? emptySum(group), record));
  }
  return [...sums.values()].toSorted((one, other) => compare(one.group ?? '', other.group ?? ''));
}

function isWanted({ call }: RequestRecord, { keyId, endUser, provider, model, usedOwnKey, tags = [] }: UsageFilter): boolean {
  return (
    (keyId === undefined || call?.keyId === keyId) &&
    (endUser === undefined || call?.endUser === endUser) &&
    (provider === undefined || call?.provider === provider) &&
    (model === undefined || call?.answeringModel === model) &&
    (usedOwnKey === undefined || (call?.usedOwnKey ?? false) === usedOwnKey) &&
    tags.every((tag) => call?.tags?.includes(tag) === true)
  );
}

function groupsOf({ at, call }: RequestRecord, groupBy: UsageGrouping): readonly (string | undefined)[] {
  switch (groupBy) {
    case 'model':
      return [call?.answeringModel];
    case 'key':
      return [call?.keyId];
    case 'day':
      return [new Date(at - (at % millisecondsOfDay)).toISOString().slice(0, 10)];
    case 'hour':
      return [new Date(at - (at % millisecondsOfHour)).toISOString()];
    case 'provider':
      return [call?.provider === '' ? undefined : call?.provider];
    case 'user':
      return [call?.endUser];
    case 'tag':
      return call?.tags === undefined || call.tags.length === 0 ? [undefined] : [...new Set(call.tags)];
    case 'credential':
      return [call?.usedOwnKey === true ? 'byok' : 'system'];
  }
}

function plus(sum: UsageSum, { usage, charged }: RequestRecord): UsageSum {
  const { input, output } = usage ?? { input: {}, output: {} };
  return {
    ...sum,
    requests: sum.requests + 1,
    inputTokens: sum.inputTokens + (summable(input.total) ?? 0),
    cacheReadTokens: sum.cacheReadTokens + (summable(input.cacheRead) ?? 0),
    outputTokens: sum.outputTokens + (summable(output.total) ?? 0),
    reasoningTokens: sum.reasoningTokens + (summable(output.reasoning) ?? 0),
    charged: sum.charged + charged,
  };
}

function emptySum(group: string | undefined): UsageSum {
  const nothing = { requests: 0, inputTokens: 0, cacheReadTokens: 0, outputTokens: 0, reasoningTokens: 0, charged: 0n };
  return { ...(group === undefined ? {} : { group }), ...nothing };
}

export function toolSums(records: Iterable<RequestRecord>, span: UsageSpan): readonly ToolSum[] {
  const sums = new Map<string, ToolSum>();
  for (const { bill } of within(records, span)) {
    for (const { tool, calls, billed } of bill === undefined ? [] : toolsOf(bill)) {
      const sum = sums.get(tool) ?? { tool, requests: 0, calls: 0, billed: 0n };
      sums.set(tool, { tool, requests: sum.requests + 1, calls: sum.calls + calls, billed: sum.billed + billed });
    }
  }
  return [...sums.values()].toSorted((one, other) => compare(one.tool, other.tool));
}

function within(records: Iterable<RequestRecord>, { accountId, from, until }: UsageSpan): readonly RequestRecord[] {
  return [...records].filter((record) => record.accountId === accountId && record.at >= from && record.at < until);
}
