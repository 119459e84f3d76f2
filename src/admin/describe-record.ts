import { describeGeneration } from '../http/describe-generation.ts';
import type { RequestRecord } from '../ledger/request-record.ts';
import type { JsonObject } from '../model/json.ts';
import { amountFields } from './amount-fields.ts';
import { timeText } from './time-text.ts';

/** What is kept of one request; never a word of what was asked or answered. */
export function describeRecord(record: RequestRecord): JsonObject {
  const { requestId, accountId, outcome, at, charged, call } = record;
  return {
    request_id: requestId,
    account: accountId,
    outcome,
    ended_at: timeText(at),
    ...amountFields('cost', charged),
    ...(call === undefined ? {} : { key: call.keyId, ...describeGeneration(record, call) }),
  };
}
