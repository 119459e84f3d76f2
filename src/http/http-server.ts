import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AnswerPrefix, Dialect } from '../dialects/dialect.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { Clock } from '../model/ports.ts';
import type { Log } from '../telemetry/log.ts';
import { answerRequest, shuttingDown, type AnswerDeps } from './answer-request.ts';
import { bugReporter } from './bug-reporter.ts';
import type { Companion } from './companion.ts';
import { dialectOf } from './dialect-of.ts';
import { headerText } from './header-text.ts';
import { Incoming } from './incoming.ts';
import { InFlight } from './in-flight.ts';
import { defaultHttpLimits, type HttpLimits } from './limits.ts';
import { endConnection, parserFault, refuseConnection } from './refuse-connection.ts';
import { createServer } from './node-http.ts';
import { pathOf, type Routable } from './router.ts';

/** What every listener is, whatever it offers. */
export interface HttpServerOptions {
  /** Address to listen on; port 0 takes a free one. */
  readonly host: string;
  readonly port: number;
  /** The first one's envelope is used where no dialect's prefix fits the path. */
  readonly dialects: readonly [Dialect, ...Dialect[]];
  readonly log: Log;
  readonly clock: Clock;
  readonly newId: (prefix: 'req' | AnswerPrefix) => string;
  readonly limits?: Partial<HttpLimits>;
}

export type HttpServerDeps<Offered extends Routable> = HttpServerOptions &
  Pick<AnswerDeps<Offered>, 'router' | 'visit' | 'check'> & {
    /** What ends with the listener beside its requests. */
    readonly companions?: readonly Companion[];
    /** Takes over a connection whose request asks for another protocol. Absent: such a request is answered like any other. */
    readonly upgrade?: Upgrade;
  };

export type Upgrade = (request: IncomingMessage, connection: Duplex, head: Buffer) => void;

export interface Listener {
  /** Resolves once connections are accepted; rejects with Node's error where the address cannot be taken. */
  start(): Promise<{ readonly host: string; readonly port: number; readonly url: string }>;
  /**
   * Stops accepting, answers further requests on open connections with 503, lets what runs come to its end until the deadline,
   * then aborts it, waits for it to settle, and closes every connection.
   */
  drain(deadlineMs: number): Promise<void>;
  /** Aborts what runs and closes every connection at once. Resolves once nothing is open. */
  close(): Promise<void>;
}

/** Plain HTTP/1.1. No CORS headers are sent; OPTIONS is answered like any unoffered method. */
export function createHttpServer<Offered extends Routable>(deps: HttpServerDeps<Offered>): Listener {
  return new HttpServer(deps);
}

class HttpServer<Offered extends Routable> implements Listener {
  readonly #deps: HttpServerDeps<Offered>;
  readonly #limits: HttpLimits;
  readonly #answering: AnswerDeps<Offered>;
  readonly #server: Server;
  readonly #inFlight = new InFlight();
  #stopped: Promise<void> | undefined;

  constructor(deps: HttpServerDeps<Offered>) {
    this.#deps = deps;
    this.#limits = { ...defaultHttpLimits, ...deps.limits };
    const isDraining = (): boolean => this.#stopped !== undefined;
    this.#answering = { ...deps, isDraining, onBug: bugReporter(deps.log) };
    this.#server = this.#createServer();
  }

  async start(): Promise<{ readonly host: string; readonly port: number; readonly url: string }> {
    const { host, port } = this.#deps;
    const listening = Promise.withResolvers<void>();
    this.#server.once('error', listening.reject);
    this.#server.listen(port, host, listening.resolve);
    await listening.promise;
    this.#server.off('error', listening.reject);
    this.#server.on('error', (error) => this.#deps.log.error({ error }, 'the listener failed'));
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the listener has no address');
    const urlHost = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return { host: address.address, port: address.port, url: `http://${urlHost}:${address.port}` };
  }

  async drain(deadlineMs: number): Promise<void> {
    void this.#stopAccepting();
    await this.#idle(deadlineMs);
    await this.close();
  }

  async close(): Promise<void> {
    const stopped = this.#stopAccepting();
    for (const work of this.#work) work.abortAll(shuttingDown());
    await this.#idle(this.#limits.settleMs);
    for (const companion of this.#deps.companions ?? []) companion.close();
    this.#server.closeAllConnections();
    await stopped;
  }

  get #work(): readonly Pick<Companion, 'idle' | 'abortAll'>[] {
    return [this.#inFlight, ...(this.#deps.companions ?? [])];
  }

  async #idle(maxMs: number): Promise<void> {
    await Promise.all(this.#work.map((work) => work.idle(maxMs)));
  }

  #stopAccepting(): Promise<void> {
    if (this.#stopped !== undefined) return this.#stopped;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#stopped = promise;
    this.#inFlight.closeAfterReply();
    for (const companion of this.#deps.companions ?? []) companion.stopAccepting();
    // Node closes the connections that wait for a request at the same time.
    this.#server.close(() => resolve());
    return promise;
  }

  #createServer(): Server {
    const { headersMs, bodyMs, keepAliveMs, checkIntervalMs, connections } = this.#limits;
    const server = createServer({
      headersTimeout: headersMs,
      // Bodies have a timer of their own that answers in the dialect; this one is behind it, for bodies that nobody reads.
      requestTimeout: headersMs + bodyMs + checkIntervalMs,
      keepAliveTimeout: keepAliveMs,
      connectionsCheckingInterval: checkIntervalMs,
      // Both of Node's own refusals would lack the headers of every reply, so these checks are ours, or off.
      requireHostHeader: false,
      // TCP keep-alive: a peer that vanished without a word is noticed even on a silent stream.
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
      // Some clients offer HTTP/2 with every request (`upgrade: h2c`); they are answered in HTTP/1.1, as if they had not.
      shouldUpgradeCallback: ({ headers }) => this.#deps.upgrade !== undefined && headers.upgrade?.toLowerCase() === 'websocket',
    });
    server.maxRequestsPerSocket = 0;
    server.maxConnections = connections;
    server.on('connection', (connection) => this.#inFlight.watch(connection));
    server.on('drop', () => this.#deps.log.debug({ connections }, 'connection dropped: the limit is reached'));
    server.on('request', (request, response) => this.#accept(request, response));
    server.on('checkContinue', (request, response) => this.#accept(request, response, true));
    server.on('checkExpectation', (request, response) => this.#accept(request, response));
    server.on('clientError', (error, connection) => this.#onParserError(error, connection));
    const { upgrade } = this.#deps;
    if (upgrade !== undefined) server.on('upgrade', upgrade);
    server.on('connect', (_, connection) => {
      const fault = new FlashmuxError('wrong_method', 'CONNECT is not offered. Use GET, HEAD or POST.');
      this.#refuse(connection, fault, { allow: 'GET, HEAD, POST' });
    });
    return server;
  }

  #accept(request: IncomingMessage, response: ServerResponse, expectsContinue = false): void {
    const { newId, clock } = this.#deps;
    const dialect = dialectOf(pathOf(request.url ?? '') ?? '', this.#deps.dialects, request.headers);
    const incoming = new Incoming({ requestId: newId('req'), request, response, dialect, limits: this.#limits });
    incoming.expectsContinue = expectsContinue;
    const startedTicks = clock.ticks();
    const bytesBefore = request.socket.bytesWritten;
    this.#inFlight.enter(incoming);
    void this.#answer(incoming).finally(() => {
      this.#inFlight.exit(incoming);
      this.#logRequest(incoming, clock.ticks() - startedTicks, request.socket.bytesWritten - bytesBefore);
    });
  }

  /** Never rejects. */
  async #answer(incoming: Incoming): Promise<void> {
    try {
      await answerRequest(incoming, this.#answering);
    } catch (error) {
      // Even the refusal failed. The process goes on; this connection cannot.
      this.#deps.log.error({ requestId: incoming.requestId, error }, 'the reply could not be written');
      incoming.request.socket.destroy();
    }
  }

  /** Good requests before the broken bytes keep their answers; the connection ends after the last of them. */
  #onParserError(error: Error, connection: Duplex): void {
    const last = this.#inFlight.lastOf(connection);
    if (last === undefined) {
      // A second reply to one request would be taken for the reply to the next.
      if (this.#inFlight.isAnsweredEarly(connection)) endConnection(connection, this.#limits.lingerMs);
      else this.#refuse(connection, parserFault(error));
      return;
    }
    last.closing = true;
    if (last.request.complete || last.response.headersSent) return;
    last.unreadable = true;
    last.abort(parserFault(error));
  }

  #refuse(connection: Duplex, fault: FlashmuxError, headers?: Readonly<Record<string, string>>): void {
    connection.on('error', () => connection.destroy());
    // The parser reports again for every further piece of what it refused.
    if (!connection.writable) return;
    const requestId = this.#deps.newId('req');
    const { lingerMs } = this.#limits;
    const [dialect] = this.#deps.dialects;
    refuseConnection({ connection, dialect, requestId, fault, lingerMs, ...(headers === undefined ? {} : { headers }) });
    this.#deps.log.info({ requestId, status: dialect.status(fault), fault: fault.code }, 'request');
  }

  #logRequest(incoming: Incoming, durationMs: number, bytesOut: number): void {
    const { request, response, requestId, record, ending } = incoming;
    const clientRequestId = request.headers['x-client-request-id'];
    this.#deps.log.info(
      {
        requestId,
        method: request.method,
        // Nobody saw a status where nobody was left to read one; 499 is what nginx writes for it.
        status: response.headersSent ? response.statusCode : 499,
        durationMs: Math.round(durationMs * 10) / 10,
        ...record,
        bytesOut,
        ending,
        ...(typeof clientRequestId === 'string' ? { clientRequestId: headerText(clientRequestId, 128) } : {}),
      },
      'request',
    );
  }
}
