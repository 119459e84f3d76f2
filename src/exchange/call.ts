import type { Caller } from '../access/access.ts';
import type { EventBatch } from '../model/event.ts';
import type { NanoUsd } from '../model/money.ts';
import type { GenerateRequest } from '../model/request.ts';

/** One accepted request: its key was found valid, its body was read completely and understood. */
export interface Call {
  /** `req_...`, also the id of the hold and of the transfer. */
  readonly requestId: string;
  /** `gen_...`, the id the answer carries. */
  readonly answerId: string;
  readonly caller: Caller;
  readonly request: GenerateRequest;
  /** Aborts when the caller leaves. */
  readonly signal: AbortSignal;
  /** Told what the account can still spend, each time that the ledger says so for this call; null: it has no limit. */
  readonly onBalance?: (available: NanoUsd | null) => void;
}

/**
 * The whole line for one call. The first batch begins with `answer-start` (our id, the answering model, the host); the usage
 * event comes once, last, after the settlement is durable. Throws FlashmuxError: before the first batch a status can still be sent.
 * Leaving the loop settles like a caller who left.
 */
export type Serve = (call: Call) => AsyncGenerator<EventBatch, void, undefined>;
