import type { JsonObject } from './json.ts';

/**
 * What an answer used. Absent means "not told", which is not 0. Cache reads and writes lie inside `input.total`, reasoning
 * lies inside `output.total`; a codec whose wire counts otherwise converts at its border.
 */
export interface Usage {
  readonly input: InputUsage;
  readonly output: OutputUsage;
  /** Finished server-side tool calls by tool name. */
  readonly toolCalls: Readonly<Record<string, number>>;
  /** True where flashmux counted because the upstream did not tell. */
  readonly estimated?: boolean;
  /** Fields of the host's usage object that have no word here. */
  readonly raw?: JsonObject;
}

/** Tokens. */
export interface InputUsage {
  readonly total?: number;
  readonly text?: number;
  readonly image?: number;
  readonly audio?: number;
  readonly video?: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  /** Whether the cache was asked for (explicit) or the host's own doing (implicit): they have different prices. */
  readonly cacheKind?: 'explicit' | 'implicit';
}

/** Tokens. */
export interface OutputUsage {
  readonly total?: number;
  readonly text?: number;
  readonly audio?: number;
  readonly reasoning?: number;
  readonly acceptedPrediction?: number;
  readonly rejectedPrediction?: number;
}

export const nothingTold: Usage = { input: {}, output: {}, toolCalls: {} };
