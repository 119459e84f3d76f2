import type { CallFacts, RequestRecord } from '../../ledger/request-record.ts';
import { summable } from '../../ledger/request-record.ts';
import type { SqlValue } from './statement.ts';
import { tagsText } from './tags-text.ts';
import { writeLines, writeUsage } from './usage-json.ts';

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

/** Of a record as it is summed up; null for what was not told, and for all of it where nothing was used. */
export function summedTokens({ bill, usage }: RequestRecord): Readonly<Record<SummedTokens, bigint | null>> {
  if (bill === undefined || usage === undefined) return { input: null, cacheRead: null, output: null, reasoning: null };
  const { input, output } = usage;
  return {
    input: integer(summable(input.total)),
    cacheRead: integer(summable(input.cacheRead)),
    output: integer(summable(output.total)),
    reasoning: integer(summable(output.reasoning)),
  };
}

type SummedTokens = 'input' | 'cacheRead' | 'output' | 'reasoning';

function billValues(record: RequestRecord): Partial<Record<RecordColumn, SqlValue>> {
  const { bill, usage } = record;
  if (bill === undefined || usage === undefined) return {};
  const { input, cacheRead, output, reasoning } = summedTokens(record);
  return {
    price_list_id: bill.priceListId,
    tier_max_input_tokens: integer(bill.tierMaxInputTokens),
    billed: bill.total,
    usage_json: writeUsage(usage),
    lines_json: writeLines(bill.lines),
    input_tokens: input,
    cache_read_tokens: cacheRead,
    output_tokens: output,
    reasoning_tokens: reasoning,
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
