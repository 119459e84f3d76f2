import { z } from 'zod';
import type { AttemptFacts, CallFacts, Outcome, RequestRecord } from '../../ledger/request-record.ts';
import { summable } from '../../ledger/request-record.ts';
import type { FinishReason } from '../../model/event.ts';
import { faults, type FaultCode } from '../../model/fault.ts';
import { bigintColumn, numberColumn, textColumn, wordColumn } from './row.ts';
import type { Row, SqlValue } from './statement.ts';
import { tagsIn, tagsText } from './tags-text.ts';
import { readLines, readUsage, writeLines, writeUsage } from './usage-json.ts';

const billColumns = ['price_list_id', 'tier_max_input_tokens', 'billed', 'usage_json', 'lines_json'] as const;
const callColumns = [
  'answer_id',
  'key_id',
  'named_model',
  'answering_model',
  'provider',
  'attempts_json',
  'streamed',
  'created_at',
  'first_token_ms',
  'total_ms',
  'finish_reason',
  'fault',
  'end_user',
  'tags',
  'used_own_key',
] as const;
const readColumns = ['request_id', 'account_id', 'outcome', 'charged', 'ended_at', ...billColumns, ...callColumns] as const;
/** Written for sums only; the record is read from the JSON of its usage. */
const sumColumns = ['input_tokens', 'cache_read_tokens', 'output_tokens', 'reasoning_tokens'] as const;

type RecordColumn = (typeof readColumns)[number] | (typeof sumColumns)[number];

export const recordColumns = readColumns.join(', ');

const outcomes: readonly Outcome[] = ['complete', 'aborted', 'failed'];
const finishReasons: readonly FinishReason[] = ['stop', 'length', 'tool-calls', 'content-filter', 'error', 'other'];

/** Always the same text, so that a database prepares it once. */
export const insertRecordText = `INSERT INTO request_records (${[...readColumns, ...sumColumns].join(', ')})
  VALUES (${[...readColumns, ...sumColumns].map((_, position) => `$${position + 1}`).join(', ')})`;

/** The values of `insertRecordText`; what is not known is null. */
export function recordValues(record: RequestRecord): readonly SqlValue[] {
  const { requestId, accountId, outcome, charged, at } = record;
  const values: Partial<Record<RecordColumn, SqlValue>> = {
    request_id: requestId,
    account_id: accountId,
    outcome,
    charged,
    ended_at: BigInt(at),
    ...billValues(record),
    ...callValues(record.call),
  };
  return [...readColumns, ...sumColumns].map((column) => values[column] ?? null);
}

function billValues({ bill, usage }: RequestRecord): Partial<Record<RecordColumn, SqlValue>> {
  if (bill === undefined || usage === undefined) return {};
  return {
    price_list_id: bill.priceListId,
    tier_max_input_tokens: integer(bill.tierMaxInputTokens),
    billed: bill.total,
    usage_json: writeUsage(usage),
    lines_json: writeLines(bill.lines),
    input_tokens: integer(summable(usage.input.total)),
    cache_read_tokens: integer(summable(usage.input.cacheRead)),
    output_tokens: integer(summable(usage.output.total)),
    reasoning_tokens: integer(summable(usage.output.reasoning)),
  };
}

function callValues(call: CallFacts | undefined): Partial<Record<RecordColumn, SqlValue>> {
  if (call === undefined) return {};
  return {
    answer_id: call.answerId,
    key_id: call.keyId,
    named_model: call.namedModel,
    answering_model: call.answeringModel,
    provider: call.provider,
    attempts_json: JSON.stringify(call.attempts),
    streamed: call.streamed ? 1n : 0n,
    created_at: BigInt(call.createdAt),
    first_token_ms: integer(call.firstTokenMs),
    total_ms: BigInt(call.totalMs),
    finish_reason: call.finishReason ?? null,
    fault: call.fault ?? null,
    end_user: call.endUser ?? null,
    tags: call.tags === undefined ? null : tagsText(call.tags),
    used_own_key: call.usedOwnKey === undefined ? null : call.usedOwnKey ? 1n : 0n,
  };
}

function integer(value: number | undefined): bigint | null {
  return value === undefined ? null : BigInt(value);
}

export function readRecord(row: Row): RequestRecord {
  return {
    requestId: textColumn(row, 'request_id'),
    accountId: textColumn(row, 'account_id'),
    outcome: wordColumn(row, 'outcome', outcomes),
    charged: bigintColumn(row, 'charged'),
    at: numberColumn(row, 'ended_at'),
    ...(row['billed'] === null ? {} : readBill(row)),
    ...(row['answer_id'] === null ? {} : { call: readCall(row) }),
  };
}

function readBill(row: Row): Pick<RequestRecord, 'bill' | 'usage'> {
  return {
    bill: {
      lines: readLines(textColumn(row, 'lines_json')),
      total: bigintColumn(row, 'billed'),
      priceListId: textColumn(row, 'price_list_id'),
      ...(row['tier_max_input_tokens'] === null ? {} : { tierMaxInputTokens: numberColumn(row, 'tier_max_input_tokens') }),
    },
    usage: readUsage(textColumn(row, 'usage_json')),
  };
}

function readCall(row: Row): CallFacts {
  return {
    answerId: textColumn(row, 'answer_id'),
    keyId: textColumn(row, 'key_id'),
    namedModel: textColumn(row, 'named_model'),
    answeringModel: textColumn(row, 'answering_model'),
    provider: textColumn(row, 'provider'),
    attempts: z.array(attempt).parse(JSON.parse(textColumn(row, 'attempts_json'))),
    streamed: bigintColumn(row, 'streamed') === 1n,
    createdAt: numberColumn(row, 'created_at'),
    ...(row['first_token_ms'] === null ? {} : { firstTokenMs: numberColumn(row, 'first_token_ms') }),
    totalMs: numberColumn(row, 'total_ms'),
    ...(row['finish_reason'] === null ? {} : { finishReason: wordColumn(row, 'finish_reason', finishReasons) }),
    ...(row['fault'] === null ? {} : { fault: readFault(textColumn(row, 'fault')) }),
    ...(row['end_user'] === null ? {} : { endUser: textColumn(row, 'end_user') }),
    ...(row['tags'] === null ? {} : { tags: tagsIn(textColumn(row, 'tags')) }),
    ...(row['used_own_key'] === null ? {} : { usedOwnKey: bigintColumn(row, 'used_own_key') === 1n }),
  };
}

/** A code that a later program no longer has must not make the record unreadable. */
function readFault(text: string): FaultCode {
  return isFaultCode(text) ? text : 'internal';
}

function isFaultCode(text: string): text is FaultCode {
  return Object.hasOwn(faults, text);
}

const attempt = z.strictObject({
  provider: z.string(),
  model: z.string(),
  durationMs: z.number(),
  fault: z.string().transform(readFault).exactOptional(),
} satisfies Record<keyof AttemptFacts, z.ZodType>);
