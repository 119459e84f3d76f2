import { usdText } from '../ledger/amount.ts';
import type { RequestRecord } from '../ledger/request-record.ts';

export const recordColumns = ['request', 'ended', 'model', 'host', 'outcome', 'in', 'out', 'took', 'cost'];

/** A request as a line of a table. */
export function recordCells({ requestId, at, outcome, charged, call, usage }: RequestRecord): readonly string[] {
  return [
    requestId,
    new Date(at).toISOString(),
    call?.answeringModel ?? '-',
    call?.provider ?? '-',
    call?.fault ?? outcome,
    String(usage?.input.total ?? '-'),
    String(usage?.output.total ?? '-'),
    call === undefined ? '-' : `${call.totalMs} ms`,
    usdText(charged),
  ];
}
