import { csvText, usageReport, usageReportColumns } from '../ledger/usage-report.ts';
import type { LookUpDeps } from './look-up-deps.ts';
import { readQuery } from './read-query.ts';
import { sendJson, sendText } from './reply.ts';
import type { KeyedRoute } from './route.ts';
import { readUsageQuery, usageParameters } from './usage-query.ts';

/** `GET /v1/usage`: what one's own account used, grouped. */
export function usageRoute({ records, clock }: Pick<LookUpDeps, 'records' | 'clock'>): KeyedRoute {
  return {
    method: 'GET',
    path: '/v1/usage',
    key: 'required',
    async answer({ incoming, caller }) {
      const { groupBy, format, from, until } = readUsageQuery(readQuery(incoming, usageParameters), clock.now());
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
