import type { RecordPage, RequestRecord } from '../../ledger/request-record.ts';
import { toolsOf } from '../../ledger/request-record.ts';
import { insertRecordText, recordColumns, recordValues } from './record-rows.ts';
import { query } from './statement.ts';
import type { Operation, Row } from './statement.ts';
import { addToSums } from './sum-operations.ts';

/**
 * Part of the transaction that ends a hold, so that there is no charge without its record and no record that no sum has. `recorded`
 * collects the records of a transaction that ends many, which adds them to the sums together.
 */
export function* insertRecord(record: RequestRecord, recorded?: RequestRecord[]): Operation<void> {
  yield* query(insertRecordText, ...recordValues(record));
  if (recorded === undefined) yield* addToSums([record]);
  else recorded.push(record);
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

/** The row as it is, for `readRecord`; so are those of the other look-ups. */
export function* findRecord(input: { readonly requestId: string }): Operation<Row | undefined> {
  const [row] = yield* query(`SELECT ${recordColumns} FROM request_records WHERE request_id = $1`, input.requestId);
  return row;
}

export function* findRecordOfAnswer(input: { readonly answerId: string }): Operation<Row | undefined> {
  const [row] = yield* query(`SELECT ${recordColumns} FROM request_records WHERE answer_id = $1`, input.answerId);
  return row;
}

export function* listRecords({ accountId, before, limit }: RecordPage): Operation<readonly Row[]> {
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
  return rows;
}
