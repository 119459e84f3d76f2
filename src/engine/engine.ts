import type { AnswerStream } from '../model/event.ts';
import type { GenerateRequest } from '../model/request.ts';

/** The embedded engine as the rest of the server sees it: a supervised child process that runs one GGUF model. */
export interface Engine {
  /**
   * Runs one request. Throws FlashmuxError: `model_not_ready` (no model or still loading past the deadline), `engine_crashed`
   * (the child died; it restarts by itself), `context_length_exceeded` (says how many tokens were sent and fit),
   * `invalid_schema`, `unsupported_media`, `overloaded` (its own queue is full). An abort stops generation within one batch.
   * Beginnings of prompts that are kept for cache marks are kept apart by `scope`, such as the account of the caller.
   */
  run(request: GenerateRequest, signal: AbortSignal, scope?: string): AnswerStream;
  /** Tokens of the prompt that `run` would make of the request, to the token. Throws like `run`. */
  countInput(request: GenerateRequest, signal: AbortSignal): Promise<number>;
  status(): EngineStatus;
  /** Live figures for tests and `doctor`. */
  figures(): Promise<EngineFigures>;
  /** Stops the child; requests in flight fail with `shutting_down`. */
  close(): Promise<void>;
}

export type EngineStatus =
  | { readonly kind: 'absent' }
  | { readonly kind: 'loading'; readonly progress: number }
  | { readonly kind: 'ready'; readonly contextTokens: number; readonly parallel: number; readonly modelName: string }
  | { readonly kind: 'restarting'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

export interface EngineFigures {
  readonly activeSequences: number;
  readonly queued: number;
  readonly tokensEvaluated: number;
  readonly tokensReused: number;
  /** Marked beginnings that are kept, and the memory that they take. */
  readonly pins: number;
  readonly pinnedBytes: number;
  readonly residentBytes: number;
  readonly restarts: number;
}
