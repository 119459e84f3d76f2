import type { Caller } from '../access/access.ts';
import type { Idempotency } from '../ledger/idempotency.ts';
import type { EventBatch } from '../model/event.ts';
import type { NanoUsd } from '../model/money.ts';
import type { GenerateRequest } from '../model/request.ts';
import type { Usage } from '../model/usage.ts';

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
  /** The caller's word that this request must not be done twice: it then runs to its end even when the caller leaves. */
  readonly idempotency?: Idempotency;
  /** Somebody may look at the answer while it is made, though it is wanted whole: each word counts as seen. */
  readonly isWatched?: boolean;
  /** The first batch is to tell the tokens of the input, as far as anybody knows them. */
  readonly wantsInputTokens?: boolean;
  /** Told before the first batch of an answer that was given before, under the same idempotency key. */
  readonly onReplay?: () => void;
  /** Told what the account can still spend, each time that the ledger says so for this call; null: it has no limit. */
  readonly onBalance?: (available: NanoUsd | null) => void;
  /** Told once what the call has used, totals included, before its usage event; never for a call that produced nothing. */
  readonly onUsage?: (usage: Usage) => void;
}

/**
 * The whole line for one call. The first batch begins with `answer-start` (our id, the answering model, the host); the usage
 * event comes last, after the settlement is durable, and once: but where the call wants its input told first, another one in the first
 * batch has that alone. Throws FlashmuxError: before the first batch a status can still be sent.
 * Leaving the loop settles like a caller who left.
 */
export type Serve = (call: Call) => AsyncGenerator<EventBatch, void, undefined>;
