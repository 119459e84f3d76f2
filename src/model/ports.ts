import type { EmbeddingAnswer, EmbeddingRequest } from './embedding.ts';
import type { AnswerStream } from './event.ts';
import type { GenerateRequest } from './request.ts';

/** One try at one host. */
export interface Attempt {
  /** The request as this host gets it: its `model` is the host's own id. */
  readonly request: GenerateRequest;
  /** Name of the configured provider. */
  readonly provider: string;
  readonly requestId: string;
  readonly deadlines: Deadlines;
  /** The caller's own key at this host, in place of those of the configuration. */
  readonly ownKey?: string;
  /** For whom. Absent: nobody in particular. What a host of ours keeps of prompts is kept apart by it. */
  readonly accountId?: string;
}

/** Milliseconds; every wait has one. */
export interface Deadlines {
  /** From dispatch to the first event. */
  readonly firstEventMs: number;
  /** Between two readable chunks. */
  readonly idleMs: number;
  /** For the whole answer. */
  readonly totalMs: number;
}

/** An upstream or the embedded engine. Exchange knows providers only through this. */
export interface Provider {
  readonly name: string;
  /** Whether an abort stops the host's work, and so its billing, at once. Where false, the exchange drains the answer. */
  readonly cancellable: boolean;
  /**
   * Runs one attempt. The signal stops the upstream read and its generation. Throws FlashmuxError, before the first batch when
   * nothing was produced; `retryable` on it says whether another host may help.
   */
  run(attempt: Attempt, signal: AbortSignal): AnswerStream;
  /** Whether the words of an answer wait here until they are whole, so that the first of them says nothing of the host's pace. */
  holds?(request: GenerateRequest): boolean;
  /**
   * Tokens of the input as this host would bill them, without running anything. A host that can tell them also says them in a usage
   * event before the first part of its answer. Absent: only the end of an answer tells. Throws like `run`.
   */
  countInput?(request: GenerateRequest, signal: AbortSignal): Promise<number>;
}

/** One try at one host for vectors. Its `model` is the host's own id. */
export interface EmbeddingAttempt extends Omit<Attempt, 'request'> {
  readonly request: EmbeddingRequest;
}

/** A host that turns texts into vectors. */
export interface EmbeddingProvider {
  readonly name: string;
  /** Throws FlashmuxError, as `run` of a provider does. */
  embed(attempt: EmbeddingAttempt, signal: AbortSignal): Promise<EmbeddingAnswer>;
}

/** Counts tokens where a host did not. */
export interface TokenCounter {
  /** Tokens of plain text. */
  count(text: string, signal: AbortSignal): Promise<number>;
}

/** Time and ids, from telemetry in life and from the test in tests. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number;
  /** Milliseconds on a clock that never goes back. */
  ticks(): number;
}
