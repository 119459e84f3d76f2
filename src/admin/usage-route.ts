import { readQuery, wrongQuery } from '../http/read-query.ts';
import { sendJson, sendText } from '../http/reply.ts';
import { readUsageQuery, usageParameters } from '../http/usage-query.ts';
import type { LedgerRecords } from '../ledger/ledger-records.ts';
import { csvText, usageReport, usageReportColumns, type UsageReportRow } from '../ledger/usage-report.ts';
import type { Clock } from '../model/ports.ts';
import type { AdminRoute } from './admin-route.ts';
import { pageOf, pageParameters, readPage, restAfter } from './page.ts';
import { timeText } from './time-text.ts';

export interface UsageDeps {
  readonly ledger: LedgerRecords;
  readonly clock: Pick<Clock, 'now'>;
}

/** What an account used, grouped: page by page as JSON, or whole as CSV. */
export function usageRoute({ ledger, clock }: UsageDeps): AdminRoute {
  return {
    method: 'GET',
    path: '/admin/v1/usage',
    async answer({ incoming }) {
      const query = readQuery(incoming, ['account', ...usageParameters, ...pageParameters]);
      if (query.account === undefined) throw wrongQuery('account', 'Say whose usage: ?account=<id>.');
      const { groupBy, format, from, until } = readUsageQuery(query, clock.now());
      const page = readPage(query);
      const { id: accountId } = await ledger.account(query.account);
      const rows = await usageReport(ledger, { accountId, groupBy, from, until });
      if (format === 'csv') {
        await sendText(incoming, 200, csvText(usageReportColumns(groupBy), rows), { 'content-type': 'text/csv; charset=utf-8' });
        return;
      }
      // A user may be called "none", so the row of what was recorded without the group is told apart by a mark that the others have.
      const place = (row: UsageReportRow): string => (row[groupBy] === null ? 'none' : `=${row[groupBy]}`);
      const found = restAfter(rows, page, place);
      await sendJson(incoming, 200, {
        account: accountId,
        from: timeText(from),
        to: timeText(until),
        group_by: groupBy,
        ...pageOf(found, page, { describe: (row) => row, place }),
      });
    },
  };
}
