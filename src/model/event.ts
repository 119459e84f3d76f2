import type { ChargeLine, NanoUsd } from './money.ts';
import type { Citation, Medium, Seal, TokenLogprob } from './part.ts';
import type { FaultCode } from './fault.ts';
import type { Json, JsonObject } from './json.ts';
import type { Notice } from './notice.ts';
import type { ProtocolName, Carry } from './protocol.ts';
import type { Usage } from './usage.ts';

/**
 * What a model says, as it says it. A whole answer is the fold of these (model/fold.ts); there is no second path.
 *
 * `answer` counts the answers of one request from 0 (`n`). `index` counts the parts of one answer from 0 in the order in which
 * they start. Parts of one answer may be open at the same time (parallel tool calls), each ends once.
 * A fault is not an event: the iterable throws a FlashmuxError.
 */
export type AnswerEvent =
  | AnswerStart
  | { readonly kind: 'part-start'; readonly answer: number; readonly index: number; readonly part: PartOpening }
  | { readonly kind: 'part-delta'; readonly answer: number; readonly index: number; readonly delta: PartDelta }
  | { readonly kind: 'part-end'; readonly answer: number; readonly index: number }
  | UsageEvent
  | { readonly kind: 'notice'; readonly notice: Notice }
  | CarryEvent
  | AnswerEnd;

/** Once, first. */
export interface AnswerStart {
  readonly kind: 'answer-start';
  /** The host's id of the answer. */
  readonly id?: string;
  /** The model: from a provider as the host names it, from the exchange by its id in our catalogue. */
  readonly model?: string;
  /** The host that answers, set by the exchange. */
  readonly provider?: string;
  /** Unix seconds. */
  readonly createdAt?: number;
  /** Every try at a host, the one that answers last; set by the exchange where there was more than one. */
  readonly attempts?: readonly ToldAttempt[];
}

/** One try at one host, as the caller is told of it. */
export interface ToldAttempt {
  readonly provider: string;
  /** The host's own id of the model. */
  readonly model: string;
  /** Until it failed; absent for the one that answers. */
  readonly durationMs?: number;
  /** Absent: it answers. */
  readonly fault?: FaultCode;
}

export type PartOpening =
  | { readonly kind: 'text'; readonly itemId?: string; readonly carry?: Carry }
  | { readonly kind: 'refusal'; readonly itemId?: string; readonly carry?: Carry }
  | { readonly kind: 'reasoning'; readonly itemId?: string; readonly carry?: Carry }
  | {
      readonly kind: 'media';
      readonly medium: Medium;
      readonly id?: string;
      readonly format?: string;
      readonly expiresAt?: number;
    }
  | {
      readonly kind: 'tool-call';
      readonly callId: string;
      readonly itemId?: string;
      readonly name: string;
      readonly ranBy: 'caller' | 'server' | 'provider';
      readonly carry?: Carry;
    }
  | { readonly kind: 'opaque'; readonly protocol: ProtocolName; readonly value: Json };

/** The kind says to which opening it belongs. */
export type PartDelta =
  | { readonly kind: 'text'; readonly text: string; readonly logprobs?: readonly TokenLogprob[] }
  | { readonly kind: 'citation'; readonly citation: Citation }
  | { readonly kind: 'reasoning'; readonly text: string }
  | { readonly kind: 'seal'; readonly seal: Seal }
  | { readonly kind: 'arguments'; readonly text: string }
  /** `base64` and `transcript` are the next piece of each. */
  | { readonly kind: 'media'; readonly base64?: string; readonly transcript?: string };

/** Totals so far: the last one replaces all before it, they are never added. */
export interface UsageEvent {
  readonly kind: 'usage';
  readonly usage: Usage;
  /** Set by the exchange once the request is settled. */
  readonly bill?: Bill;
}

/** What a request cost, as posted to the ledger. The lines add up to the total. */
export interface Bill {
  readonly lines: readonly ChargeLine[];
  readonly total: NanoUsd;
  readonly priceListId: string;
  /** Tokens up to which the chosen tier reaches; absent for a flat list. */
  readonly tierMaxInputTokens?: number;
}

/** Fields of the wire without a word in the model, with the place they stood at (each protocol names its own places). */
export interface CarryEvent {
  readonly kind: 'carry';
  readonly protocol: ProtocolName;
  readonly place: string;
  readonly answer?: number;
  readonly fields: JsonObject;
}

export interface AnswerEnd {
  readonly kind: 'answer-end';
  readonly answer: number;
  readonly reason: FinishReason;
  /** The host's own word for it. */
  readonly providerReason?: string;
  /** The stop text that ended it, where the host tells. */
  readonly stopSequence?: string;
}

export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'error' | 'other';

/** What one readable chunk of the upstream brought. Never empty. Batches keep it at one write per chunk. */
export type EventBatch = readonly AnswerEvent[];

export type AnswerStream = AsyncIterable<EventBatch>;
