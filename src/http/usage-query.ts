import { usageGroupings, type UsageReportQuery } from '../ledger/usage-report.ts';
import { millisecondsOfDay, millisecondsOfHour } from '../ledger/request-record.ts';
import { wrongQuery } from './read-query.ts';

const defaultDays = 30;
const formats = ['json', 'csv'] as const;

/** Query parameters of a usage report. `from` is the first moment that counts, `to` the first that does not. */
export const usageParameters = ['from', 'to', 'group_by', 'format'] as const;

export interface AskedUsage extends Omit<UsageReportQuery, 'accountId'> {
  readonly format: (typeof formats)[number];
}

/** `now` in Unix milliseconds. Throws `invalid_request` with the parameter that is wrong. */
export function readUsageQuery(
  query: Readonly<Partial<Record<(typeof usageParameters)[number], string>>>,
  now: number,
): AskedUsage {
  const groupBy = oneOf('group_by', query.group_by ?? 'model', usageGroupings);
  const format = oneOf('format', query.format ?? 'json', formats);
  const until = query.to === undefined ? now + 1 : readMoment('to', query.to);
  const from = query.from === undefined ? defaultFrom(until) : readMoment('from', query.from);
  if (from >= until) throw wrongQuery('from', '"from" must be before "to".');
  return { groupBy, format, from, until };
}

/** The beginning of the hour in which the last 30 days began: of whole hours there are sums, so that nothing has to be counted. */
function defaultFrom(until: number): number {
  const from = until - defaultDays * millisecondsOfDay;
  return from - (from % millisecondsOfHour);
}

function oneOf<Word extends string>(param: string, text: string, words: readonly Word[]): Word {
  const word = words.find((candidate) => candidate === text);
  if (word === undefined) throw wrongQuery(param, `"${param}" must be one of ${words.join(', ')}.`);
  return word;
}

const moment = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** Unix milliseconds. A date alone is its first moment in UTC. */
function readMoment(param: string, text: string): number {
  const unixMs = moment.test(text) ? Date.parse(text) : Number.NaN;
  // Before 1970 nothing was ever used, and a date such as February 30 is read as the day that it would be.
  if (Number.isNaN(unixMs) || unixMs < 0 || !isCalendarDay(text)) {
    throw wrongQuery(param, `"${param}" must be a date or a time with its zone, such as 2026-11-20 or 2026-11-20T08:00:00Z.`);
  }
  return unixMs;
}

function isCalendarDay(text: string): boolean {
  const day = text.slice(0, 10);
  const unixMs = Date.parse(day);
  return !Number.isNaN(unixMs) && new Date(unixMs).toISOString().startsWith(day);
}
