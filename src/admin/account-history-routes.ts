import { readQuery, wrongQuery } from '../http/read-query.ts';
import { sendJson } from '../http/reply.ts';
import type { Grant } from '../ledger/grant.ts';
import type { LedgerAdmin } from '../ledger/ledger-admin.ts';
import type { LedgerRecords } from '../ledger/ledger-records.ts';
import type { RecordPlace } from '../ledger/request-record.ts';
import type { AdminRoute } from './admin-route.ts';
import { describeEntry } from './describe-entry.ts';
import { describeGrant } from './describe-grant.ts';
import { describeRecord } from './describe-record.ts';
import { pageOf, pageParameters, readPage, restAfter, wrongAfter } from './page.ts';

export interface HistoryDeps {
  readonly ledger: LedgerAdmin & LedgerRecords;
}

/** What happened on an account: its movements (the oldest first), its grants, and its requests (the newest first). */
export function accountHistoryRoutes(deps: HistoryDeps): readonly AdminRoute[] {
  return [listEntries(deps), listGrants(deps), listRequests(deps)];
}

function listEntries({ ledger }: HistoryDeps): AdminRoute {
  return {
    method: 'GET',
    path: '/admin/v1/accounts/{id}/ledger',
    async answer({ incoming, parameters: { id = '' } }) {
      const page = readPage(readQuery(incoming, pageParameters));
      const { id: accountId } = await ledger.account(id);
      const after = page.after === undefined ? {} : { afterSeq: entryNumber(page.after) };
      const found = await ledger.entries({ accountId, limit: page.limit + 1, ...after });
      await sendJson(incoming, 200, pageOf(found, page, { describe: describeEntry, place: ({ seq }) => String(seq) }));
    },
  };
}

function entryNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw wrongQuery('after', '"after" must be the number of an entry.');
  return Number(text);
}

function listGrants({ ledger }: HistoryDeps): AdminRoute {
  return {
    method: 'GET',
    path: '/admin/v1/accounts/{id}/grants',
    async answer({ incoming, parameters: { id = '' } }) {
      const page = readPage(readQuery(incoming, pageParameters));
      const found = restAfter(await ledger.grants(id), page, refOf);
      await sendJson(incoming, 200, pageOf(found, page, { describe: describeGrant, place: refOf }));
    },
  };
}

function refOf({ ref }: Grant): string {
  return ref;
}

function listRequests(deps: HistoryDeps): AdminRoute {
  return {
    method: 'GET',
    path: '/admin/v1/accounts/{id}/requests',
    async answer({ incoming, parameters: { id = '' } }) {
      const page = readPage(readQuery(incoming, pageParameters));
      const { id: accountId } = await deps.ledger.account(id);
      const before = page.after === undefined ? {} : { before: await placeOf(page.after, accountId, deps) };
      const found = await deps.ledger.requestRecords({ accountId, limit: page.limit + 1, ...before });
      await sendJson(incoming, 200, pageOf(found, page, { describe: describeRecord, place: ({ requestId }) => requestId }));
    },
  };
}

async function placeOf(requestId: string, accountId: string, { ledger }: HistoryDeps): Promise<RecordPlace> {
  const record = await ledger.requestRecord(requestId);
  if (record?.accountId !== accountId) throw wrongAfter(requestId);
  return record;
}
