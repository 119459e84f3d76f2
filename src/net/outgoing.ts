/** The one door out. Only this layer (and the engine's child process) opens connections to other machines. */
export interface Outgoing {
  /**
   * Sends one request and waits for the head of the answer. Throws FlashmuxError: `upstream_timeout` where a deadline passed,
   * `upstream_failed` where the connection failed, `forbidden` where the guard refuses the address, `cancelled` on abort.
   */
  send(request: OutgoingRequest, signal: AbortSignal): Promise<OutgoingAnswer>;
  close(): Promise<void>;
}

export interface OutgoingRequest {
  readonly method: 'GET' | 'POST' | 'HEAD';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /**
   * Whose address is it? The operator's may be on the local network (one's own GPUs). A caller's address goes through the guard:
   * public unicast only, checked at each connection and each redirect.
   */
  readonly owner: 'operator' | 'caller';
  /** To the head of the answer. */
  readonly headTimeoutMs: number;
  /** Between two chunks of the body. */
  readonly idleTimeoutMs: number;
  /** Redirects to follow; 0 hands them back. */
  readonly maxRedirects?: number;
}

export interface OutgoingAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** One item a readable chunk. Ends or throws like `send`; leaving the loop closes the connection. */
  readonly body: AsyncIterable<Uint8Array>;
  /** The final address after redirects. */
  readonly url: string;
}
