/** What a key may do, and how much of it. Absent: no limit of its own. */
export interface KeyLimits {
  /** Models the key may call, each by any of its ids; `id:variant` means that variant only. */
  readonly allowedModels?: readonly string[];
  /** Server-side tools that its calls may switch on; empty: none. */
  readonly allowedTools?: readonly string[];
  /** Requests that pass in any minute. */
  readonly requestsPerMinute?: number;
  /** Tokens in any minute, read and written, counted when a request has ended; once they are used the next request waits. */
  readonly tokensPerMinute?: number;
  /** Requests that run at the same time; without it, the limit that the server has for every key. */
  readonly maxInFlight?: number;
}

/** Only the limits of something that has more to say. */
export function limitsOf(of: KeyLimits): KeyLimits {
  const { allowedModels, allowedTools, requestsPerMinute, tokensPerMinute, maxInFlight } = of;
  return {
    ...(allowedModels === undefined ? {} : { allowedModels }),
    ...(allowedTools === undefined ? {} : { allowedTools }),
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
    ...(tokensPerMinute === undefined ? {} : { tokensPerMinute }),
    ...(maxInFlight === undefined ? {} : { maxInFlight }),
  };
}
