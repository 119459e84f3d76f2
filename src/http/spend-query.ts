import { millisecondsOfDay, type UsageFilter, type UsageGrouping } from '../ledger/request-record.ts';
import { attributionLimits, isKeepable } from '../model/attribution-limits.ts';
import { wrongQuery } from './read-query.ts';

/** Query parameters of the gateway's spend report, as its client sends them. */
export const spendParameters = [
  'start_date',
  'end_date',
  'group_by',
  'date_part',
  'user_id',
  'model',
  'provider',
  'credential_type',
  'tags',
] as const;

/** What a report may be grouped by. */
export const spendGroupings = ['day', 'user', 'model', 'tag', 'provider', 'credential_type'] as const;
export const credentialTypes = ['byok', 'system'] as const;
export const dateParts = ['day', 'hour'] as const;

type SpendParameter = (typeof spendParameters)[number];
type SpendQuery = Readonly<Partial<Record<SpendParameter, string>>>;

/** The fields of a row that name its group. */
export type SpendColumn = (typeof spendGroupings)[number] | (typeof dateParts)[number];

export interface AskedSpend extends UsageFilter {
  readonly column: SpendColumn;
  /** Unix milliseconds: the first moment that counts, and the first that does not. */
  readonly from: number;
  readonly until: number;
}

/** What the store calls the group of each column. */
export const groupingOf: Readonly<Record<SpendColumn, UsageGrouping>> = {
  day: 'day',
  hour: 'hour',
  user: 'user',
  model: 'model',
  tag: 'tag',
  provider: 'provider',
  credential_type: 'credential',
};

/** Both dates are inclusive. Throws `invalid_request` with the parameter that is wrong. */
export function readSpendQuery(query: SpendQuery): AskedSpend {
  const from = readDay('start_date', query.start_date);
  const until = readDay('end_date', query.end_date) + millisecondsOfDay;
  if (from >= until) throw wrongQuery('start_date', '"start_date" must not be after "end_date".');
  return { column: readColumn(query), from, until, ...readFilter(query) };
}

function readColumn(query: SpendQuery): SpendColumn {
  const groupBy = oneOf(query, 'group_by', spendGroupings) ?? 'day';
  const datePart = oneOf(query, 'date_part', dateParts);
  if (datePart === 'hour' && groupBy !== 'day') throw wrongQuery('date_part', 'Hours are told with group_by=day only.');
  return groupBy === 'day' && datePart === 'hour' ? 'hour' : groupBy;
}

function readFilter(query: SpendQuery): UsageFilter {
  const endUser = readText(query, 'user_id');
  const model = readText(query, 'model');
  const provider = readText(query, 'provider');
  const tags = readText(query, 'tags')?.split(',');
  if (tags !== undefined && (tags.includes('') || tags.length > attributionLimits.tags)) {
    throw wrongQuery('tags', `"tags" must be 1 to ${attributionLimits.tags} tags with commas between them.`);
  }
  const credential = oneOf(query, 'credential_type', credentialTypes);
  return {
    ...(endUser === undefined ? {} : { endUser }),
    ...(model === undefined ? {} : { model }),
    ...(provider === undefined ? {} : { provider }),
    ...(tags === undefined ? {} : { tags }),
    ...(credential === undefined ? {} : { usedOwnKey: credential === 'byok' }),
  };
}

function readText(query: SpendQuery, param: SpendParameter): string | undefined {
  const text = query[param];
  if (text !== undefined && !isKeepable(text)) throw wrongQuery(param, `"${param}" must be a text without control characters.`);
  return text;
}

function oneOf<Word extends string>(query: SpendQuery, param: SpendParameter, words: readonly Word[]): Word | undefined {
  const text = query[param];
  const word = words.find((candidate) => candidate === text);
  if (text !== undefined && word === undefined) throw wrongQuery(param, `"${param}" must be one of ${words.join(', ')}.`);
  return word;
}

/** Unix milliseconds of the first moment of a day of UTC. */
function readDay(param: SpendParameter, text: string | undefined): number {
  const unixMs = text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(unixMs) || unixMs < 0 || new Date(unixMs).toISOString().slice(0, 10) !== text) {
    throw wrongQuery(param, `Give "${param}" as a date such as 2026-11-20.`);
  }
  return unixMs;
}
