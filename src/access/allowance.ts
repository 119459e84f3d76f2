/** What a key with a limit by the minute may still do, and when it may do more. */
export interface Allowance {
  /** In a minute. */
  readonly limit: number;
  /** How many could follow at once. */
  readonly remaining: number;
  /** Milliseconds until the whole limit is there again. */
  readonly resetMs: number;
  /** Set where a request is refused: milliseconds until one will pass. */
  readonly retryMs?: number;
}

export const minuteMs = 60_000;

/** When a key may ask again that other processes have used up: they know when their minute ends, this one does not. */
export const askAgainMs = 1_000;
