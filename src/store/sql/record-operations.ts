import type { RecordPage, RequestRecord } from '../../ledger/request-record.ts';
import { toolsOf } from '../../ledger/request-record.ts';
import { insertRecordText, readRecord, recordColumns, recordValues } from './record-rows.ts';
import { query } from './statement.ts';
import type { Operation } from './statement.ts';

/** Part of the transaction that ends a hold, so that there is no charge without its record. */
export function* insertRecord(record: RequestRecord): Operation<void> {
  yield* query(insertRecordText, ...recordValues(record));
  if (record.bill === undefined) return;
  for (const { tool, calls, billed } of toolsOf(record.bill)) {
    yield* query(
      'INSERT INTO tool_lines (request_id, tool, calls, billed) VALUES ($1, $2, $3, $4)',
      record.requestId,
      tool,
      BigInt(calls),
      billed,
    );
  }
}

export function* findRecord(input: { readonly requestId: string }): Operation<RequestRecord | undefined> {
  const [row] = yield* query(`SELECT ${recordColumns} FROM request_records WHERE request_id = $1`, input.requestId);
  return row === undefined ? undefined : readRecord(row);
}

export function* findRecordOfAnswer(input: { readonly answerId: string }): Operation<RequestRecord | undefined> {
  const [row] = yield* query(`SELECT ${recordColumns} FROM request_records WHERE answer_id = $1`, input.answerId);
  return row === undefined ? undefined : readRecord(row);
}

export function* listRecords({ accountId, before, limit }: RecordPage): Operation<readonly RequestRecord[]> {
  const order = 'ORDER BY ended_at DESC, request_id DESC LIMIT $2';
  const rows =
    before === undefined
      ? yield* query(`SELECT ${recordColumns} FROM request_records WHERE account_id = $1 ${order}`, accountId, BigInt(limit))
      : yield* query(
          `SELECT ${recordColumns} FROM request_records WHERE account_id = $1 AND (ended_at, request_id) < ($3, $4) ${order}`,
          accountId,
          BigInt(limit),
          BigInt(before.at),
          before.requestId,
        );
  return rows.map(readRecord);
}
