import { csvText, usageGroupings, usageReport, usageReportColumns } from '../ledger/usage-report.ts';
import { millisecondsOfDay } from '../ledger/request-record.ts';
import type { LookUpDeps } from './look-up-deps.ts';
import { readQuery, wrongQuery } from './read-query.ts';
import { sendJson, sendText } from './reply.ts';
import type { KeyedRoute } from './route.ts';

const defaultDays = 30;
const formats = ['json', 'csv'] as const;

/** `GET /v1/usage`: what one's own account used, grouped. `from` is the first moment that counts, `to` the first that does not. */
export function usageRoute({ records, clock }: Pick<LookUpDeps, 'records' | 'clock'>): KeyedRoute {
  return {
    method: 'GET',
    path: '/v1/usage',
    key: 'required',
    async answer({ incoming, caller }) {
      const query = readQuery(incoming, ['from', 'to', 'group_by', 'format']);
      const groupBy = oneOf('group_by', query.group_by ?? 'model', usageGroupings);
      const format = oneOf('format', query.format ?? 'json', formats);
      const until = query.to === undefined ? clock.now() + 1 : readMoment('to', query.to);
      const from = query.from === undefined ? until - defaultDays * millisecondsOfDay : readMoment('from', query.from);
      if (from >= until) throw wrongQuery('from', '"from" must be before "to".');
      const rows = await usageReport(records, { accountId: caller.accountId, from, until, groupBy });
      if (format === 'csv') {
        await sendText(incoming, 200, csvText(usageReportColumns(groupBy), rows), { 'content-type': 'text/csv; charset=utf-8' });
        return;
      }
      const span = { from: new Date(from).toISOString(), to: new Date(until).toISOString() };
      await sendJson(incoming, 200, { object: 'list', ...span, group_by: groupBy, data: rows });
    },
  };
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
