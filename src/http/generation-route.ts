import type { Caller } from '../access/access.ts';
import type { CallFacts, RequestRecord } from '../ledger/request-record.ts';
import { FlashmuxError } from '../model/fault.ts';
import { describeGeneration } from './describe-generation.ts';
import type { Incoming } from './incoming.ts';
import type { LookUpDeps } from './look-up-deps.ts';
import { readQuery, wrongQuery } from './read-query.ts';
import { sendJson } from './reply.ts';
import type { KeyedRoute } from './route.ts';

/** `GET /v1/generation?id=gen_...`: what became of a call of one's own account, for ever after. */
export function generationRoute({ records }: Pick<LookUpDeps, 'records'>): KeyedRoute {
  return {
    method: 'GET',
    path: '/v1/generation',
    key: 'required',
    async answer({ incoming, caller }) {
      const { record, call } = await ownAnswer(incoming, caller, records);
      await sendJson(incoming, 200, { data: describeGeneration(record, call) });
    },
  };
}

/** The call that the query names by the id of its answer. Throws `not_found` where the caller's account made none with it. */
export async function ownAnswer(
  incoming: Incoming,
  caller: Caller,
  records: LookUpDeps['records'],
): Promise<{ readonly record: RequestRecord; readonly call: CallFacts }> {
  const { id } = readQuery(incoming, ['id']);
  if (id === undefined || id === '') throw wrongQuery('id', 'Give the id of an answer: ?id=gen_...');
  const record = await records.answerRecord(id);
  // Another account's answer is told like one that does not exist.
  if (record?.call === undefined || record.accountId !== caller.accountId) {
    throw new FlashmuxError('not_found', `No generation "${id.slice(0, 100)}" of this account.`, { param: 'id' });
  }
  return { record, call: record.call };
}
