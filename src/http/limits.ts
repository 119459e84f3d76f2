/** What one caller may take of the listener. Every wait and every buffer of the HTTP edge has its bound here. */
export interface HttpLimits {
  /** Bytes of a request body, on the wire and again once it is unpacked. */
  readonly bodyBytes: number;
  /** Levels of arrays and objects inside each other. */
  readonly jsonDepth: number;
  /** From the first byte of a request to the end of its headers. */
  readonly headersMs: number;
  /** From the headers to the last byte of the body. */
  readonly bodyMs: number;
  /** How long an idle connection is kept for the next request. */
  readonly keepAliveMs: number;
  /** A reader that takes no byte for this long is cut. */
  readonly stallMs: number;
  /** Silence after which a stream sends a heartbeat. */
  readonly heartbeatMs: number;
  /** Bytes of one stream that may wait for its reader; above it the model is not asked for more. */
  readonly bufferedBytes: number;
  /** How long a WebSocket may be open; it then ends with the turn that runs. */
  readonly socketMs: number;
  /** Connections open at the same time; more are dropped at once. */
  readonly connections: number;
  /** How long a refused body is still read and thrown away, so that the caller can see the refusal. */
  readonly lingerMs: number;
  /** Once a drain is over its deadline: how long the aborted requests may take to settle. */
  readonly settleMs: number;
  /** How often Node looks for connections that are over `headersMs`. */
  readonly checkIntervalMs: number;
}

export const defaultHttpLimits: HttpLimits = {
  // A context of a million tokens is 4 to 8 MB of text; JSON.parse of 50 MB of small objects blocks for 0.8 s (measured).
  bodyBytes: 32 * 1024 * 1024,
  jsonDepth: 64,
  headersMs: 20_000,
  bodyMs: 120_000,
  // Longer than the 60 s for which common load balancers keep idle connections: the side that closes first should be theirs.
  keepAliveMs: 65_000,
  stallMs: 60_000,
  heartbeatMs: 15_000,
  bufferedBytes: 256 * 1024,
  // The time that the Open Responses specification of 2026-04-24 gives.
  socketMs: 3_600_000,
  connections: 16_384,
  lingerMs: 1_000,
  settleMs: 5_000,
  checkIntervalMs: 5_000,
};
