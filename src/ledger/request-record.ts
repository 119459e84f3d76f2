import type { Bill, FinishReason } from '../model/event.ts';
import type { FaultCode } from '../model/fault.ts';
import type { NanoUsd } from '../model/money.ts';
import type { Usage } from '../model/usage.ts';

/** One call, as it is kept: what happened, what it used and what it cost. Never a word of what was asked or answered. */
export interface RequestRecord {
  readonly requestId: string;
  readonly accountId: string;
  readonly outcome: Outcome;
  /** What was posted to the ledger; 0 where the hold was released whole. */
  readonly charged: NanoUsd;
  /** When it ended, in Unix milliseconds. */
  readonly at: number;
  /** As is `usage`, absent where nothing was produced, so that nothing is owed. */
  readonly bill?: Bill;
  readonly usage?: Usage;
  /** Absent: written by a flashmux that did not keep it yet. */
  readonly call?: CallFacts;
}

export type Outcome = 'complete' | 'aborted' | 'failed';

/** The record of a request that used something. */
export interface UsageRecord extends RequestRecord {
  readonly bill: Bill;
  readonly usage: Usage;
}

/** What is known of a call beside its money. */
export interface CallFacts {
  /** `gen_...`, as the caller got it. */
  readonly answerId: string;
  readonly keyId: string;
  /** The model as the caller named it. */
  readonly namedModel: string;
  /** The model that answered, or that was tried last, by its catalogue id. */
  readonly answeringModel: string;
  /** The host that answered, or that was tried last. */
  readonly provider: string;
  /** In the order in which they were tried. */
  readonly attempts: readonly AttemptFacts[];
  readonly streamed: boolean;
  /** The caller's own user, where the call named one. */
  readonly endUser?: string;
  /** The caller's own words for what the call was for. */
  readonly tags?: readonly string[];
  /** True: the host was called with a key of the caller's own. */
  readonly usedOwnKey?: boolean;
  /** Unix milliseconds. */
  readonly createdAt: number;
  /** From `createdAt` to the first word for the caller; absent where there was none. */
  readonly firstTokenMs?: number;
  /** From `createdAt` to the end of the call, before it was settled. */
  readonly totalMs: number;
  /** Of the first of its answers; absent where the caller did not get to its end. */
  readonly finishReason?: FinishReason;
  readonly fault?: FaultCode;
}

export interface AttemptFacts {
  readonly provider: string;
  /** The host's own id of the model. */
  readonly model: string;
  readonly durationMs: number;
  /** Absent: it went well. */
  readonly fault?: FaultCode;
}

/** Records of one account, the newest first. */
export interface RecordPage {
  readonly accountId: string;
  /** Records that are older than this one; absent: from the newest. */
  readonly before?: RecordPlace;
  /** How many at most, from 1. */
  readonly limit: number;
}

/** Where a record stands in the order of an account's records. */
export type RecordPlace = Pick<RequestRecord, 'requestId' | 'at'>;

/** What an account used from `from` until before `until`, both Unix milliseconds and by the end of the request. */
export interface UsageSpan {
  readonly accountId: string;
  readonly from: number;
  readonly until: number;
}

export interface UsageQuery extends UsageSpan, UsageFilter {
  readonly groupBy: UsageGrouping;
}

/** Only what all of these are true of. */
export interface UsageFilter {
  readonly keyId?: string;
  readonly endUser?: string;
  /** Calls that have all of them, and perhaps others. At most `attributionLimits.tags`, because no call has more. */
  readonly tags?: readonly string[];
  /** The one that answered, or that was tried last. */
  readonly provider?: string;
  /** The one that answered, or that was tried last. */
  readonly model?: string;
  /** False: only calls with a key of this server's. */
  readonly usedOwnKey?: boolean;
}

/**
 * `model`, `provider`: the one that answered. `day`, `hour`: of UTC. `credential`: whose key the host was called with. A call with
 * several tags counts with each of them, so sums by `tag` add up to more than was used.
 */
export type UsageGrouping = 'model' | 'key' | 'day' | 'hour' | 'provider' | 'user' | 'tag' | 'credential';

/** The groups of `credential`: keys that the caller brought along, and those of this server. */
export type Credential = 'byok' | 'system';

/** Sums over the requests of a group. Tokens that a host did not tell, or told as nonsense, count as none. */
export interface UsageSum {
  /** The id or the word of the group, a date, or a time with its zone (ISO 8601); absent for what was recorded without it. */
  readonly group?: string;
  readonly requests: number;
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly charged: NanoUsd;
}

/** Sums over the bill lines of one tool. */
export interface ToolSum {
  readonly tool: string;
  readonly requests: number;
  readonly calls: number;
  readonly billed: NanoUsd;
}

export const millisecondsOfDay = 86_400_000;
export const millisecondsOfHour = 3_600_000;

/** True where the request used something, and was billed for it. */
export function isUsageRecord(record: RequestRecord): record is UsageRecord {
  return record.bill !== undefined && record.usage !== undefined;
}

/**
 * A figure as it may be summed up: no request uses more than 10^12 of anything, and sums of what is not above it stay inside a
 * 64-bit integer. Undefined for what a host did not tell and for nonsense.
 */
export function summable(count: number | undefined): number | undefined {
  return count !== undefined && Number.isSafeInteger(count) && count >= 0 && count <= 1e12 ? count : undefined;
}

/** The tools on a bill, each once. */
export function toolsOf(bill: Bill): readonly Omit<ToolSum, 'requests'>[] {
  const tools = new Map<string, Omit<ToolSum, 'requests'>>();
  for (const { meter, quantity, amount } of bill.lines) {
    if (!meter.startsWith('tool:')) continue;
    const tool = meter.slice('tool:'.length);
    const before = tools.get(tool) ?? { tool, calls: 0, billed: 0n };
    tools.set(tool, { tool, calls: before.calls + (summable(quantity) ?? 0), billed: before.billed + amount });
  }
  return [...tools.values()];
}
