import { readQuery } from '../http/read-query.ts';
import { sendJson } from '../http/reply.ts';
import type { LedgerRecords } from '../ledger/ledger-records.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { AdminRoute } from './admin-route.ts';
import { describeRecord } from './describe-record.ts';

/** The record of one request, by its own id (`req_...`) or that of its answer (`gen_...`). */
export function requestRoute({ ledger }: { readonly ledger: LedgerRecords }): AdminRoute {
  return {
    method: 'GET',
    path: '/admin/v1/requests/{id}',
    async answer({ incoming, parameters: { id = '' } }) {
      readQuery(incoming, []);
      const record = await (id.startsWith('req_') ? ledger.requestRecord(id) : ledger.answerRecord(id));
      if (record === undefined) throw new FlashmuxError('not_found', `There is no record of "${id.slice(0, 100)}".`);
      await sendJson(incoming, 200, describeRecord(record));
    },
  };
}
