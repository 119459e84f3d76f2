import { z } from 'zod';
import type { AttemptFacts, CallFacts, Outcome, RequestRecord } from '../../ledger/request-record.ts';
import type { FinishReason } from '../../model/event.ts';
import { faults, type FaultCode } from '../../model/fault.ts';
import { readLines, readUsage } from './read-usage-json.ts';
import { bigintColumn, numberColumn, textColumn, wordColumn } from './row.ts';
import type { Row } from './statement.ts';
import { tagsIn } from './tags-text.ts';

// The other half of record-rows.ts. It runs where a record was asked for and not where the rows are: the thread of the data file
// would carry the schemas for nothing, and has more urgent work.

const outcomes: readonly Outcome[] = ['complete', 'aborted', 'failed'];
const finishReasons: readonly FinishReason[] = ['stop', 'length', 'tool-calls', 'content-filter', 'error', 'other'];

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
