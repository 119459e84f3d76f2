import type { IncomingMessage } from 'node:http';
import type { FlashmuxError } from '../model/fault.ts';
import type { Incoming } from './incoming.ts';

type Connection = IncomingMessage['socket'];

interface Watched {
  readonly requests: Set<Incoming>;
  /** The request that was answered last. */
  lastAnswered?: IncomingMessage;
}

/** The requests that are being answered, by the connection they came over. */
export class InFlight {
  readonly #all = new Set<Incoming>();
  readonly #byConnection = new WeakMap<object, Watched>();
  readonly #idleWaiters = new Set<() => void>();

  get size(): number {
    return this.#all.size;
  }

  /**
   * Watches a new connection. Its close is watched here once and not by each request, because a request that waits behind
   * another one on the same connection (pipelining) is told nothing by Node.
   */
  watch(connection: Connection): void {
    const requests = new Set<Incoming>();
    this.#byConnection.set(connection, { requests });
    connection.once('close', () => {
      for (const incoming of requests) incoming.leave();
    });
  }

  enter(incoming: Incoming): void {
    this.#all.add(incoming);
    this.#byConnection.get(incoming.request.socket)?.requests.add(incoming);
    if (incoming.request.socket.destroyed) incoming.leave();
  }

  exit(incoming: Incoming): void {
    this.#all.delete(incoming);
    const watched = this.#byConnection.get(incoming.request.socket);
    if (watched !== undefined) {
      watched.requests.delete(incoming);
      watched.lastAnswered = incoming.request;
    }
    if (this.#all.size > 0) return;
    for (const wake of this.#idleWaiters) wake();
  }

  /** The youngest request that is still being answered on this connection. */
  lastOf(connection: object): Incoming | undefined {
    return [...(this.#byConnection.get(connection)?.requests ?? [])].at(-1);
  }

  /** Whether what arrives now is the rest of a body whose request has had its answer. */
  isAnsweredEarly(connection: object): boolean {
    return this.#byConnection.get(connection)?.lastAnswered?.complete === false;
  }

  /** Replies whose head has not left yet will say that the connection ends with them. */
  closeAfterReply(): void {
    for (const incoming of this.#all) incoming.closing = true;
  }

  abortAll(fault: FlashmuxError): void {
    for (const incoming of this.#all) incoming.abort(fault);
  }

  /** Resolves once nothing is in flight, or after so many milliseconds. */
  async idle(maxMs: number): Promise<void> {
    if (this.#all.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, maxMs);
    this.#idleWaiters.add(resolve);
    await promise;
    this.#idleWaiters.delete(resolve);
    clearTimeout(timer);
  }
}
