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
