import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { openaiResponsesDialect as dialect } from '../../dialects/openai-responses/openai-responses-dialect.ts';
import { asFault, FlashmuxError } from '../../model/fault.ts';
import type { AdmitDeps, Presented } from '../admit-caller.ts';
import { shuttingDown } from '../answer-request.ts';
import { callerAddress } from '../caller-address.ts';
import type { Companion } from '../companion.ts';
import type { HttpLimits } from '../limits.ts';
import { presentedKey } from '../presented-key.ts';
import { refuseConnection } from '../refuse-connection.ts';
import { pathOf } from '../router.ts';
import type { ResponseDeps } from './response-deps.ts';
import { ResponseSocket } from './response-socket.ts';

export interface SocketDeps extends ResponseDeps, AdmitDeps {
  readonly limits: HttpLimits;
  readonly newId: (prefix: 'req' | 'gen' | 'msg' | 'resp') => string;
}

const path = '/v1/responses';
/** Browsers can set no headers, so OpenAI's clients have them say the key as a subprotocol. */
const keyProtocol = 'openai-insecure-api-key.';

/**
 * The WebSocket mode of the Responses API: of the Open Responses specification of 2026-04-24, and of OpenAI's guide to it (both read
 * 2026-11). Many turns over one connection, one after the other, with the events of a stream as messages.
 */
export class ResponseSockets implements Companion {
  readonly #deps: SocketDeps;
  readonly #server: WebSocketServer;
  readonly #sockets = new Set<ResponseSocket>();
  readonly #idleWaiters = new Set<() => void>();
  #isDraining = false;

  constructor(deps: SocketDeps) {
    this.#deps = deps;
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      // Events are small and many; compressing each by itself costs more than it saves.
      perMessageDeflate: false,
      maxPayload: deps.limits.bodyBytes,
      handleProtocols: (offered) => [...offered].find((name) => !name.startsWith(keyProtocol)) ?? [...offered][0] ?? false,
    });
  }

  /** Takes a connection over, or refuses it in the words of a reply. */
  accept(request: IncomingMessage, connection: Duplex, head: Buffer): void {
    const requestId = this.#deps.newId('req');
    connection.on('error', () => connection.destroy());
    void this.#takeOver(request, connection, head, requestId);
  }

  /** Never rejects. */
  async #takeOver(request: IncomingMessage, connection: Duplex, head: Buffer, requestId: string): Promise<void> {
    try {
      const presented = await this.#admit(request);
      this.#server.handleUpgrade(request, connection, head, (socket) => {
        const own = new ResponseSocket(socket, presented, this.#deps, () => this.#tellIdle());
        this.#sockets.add(own);
        socket.once('close', () => this.#tellIdle());
      });
    } catch (error) {
      const fault = asFault(error);
      refuseConnection({ connection, dialect, requestId, fault, lingerMs: this.#deps.limits.lingerMs });
      this.#deps.log.info({ requestId, status: dialect.status(fault), fault: fault.code }, 'socket refused');
    }
  }

  stopAccepting(): void {
    this.#isDraining = true;
    for (const socket of this.#sockets) socket.end(shuttingDown());
  }

  abortAll(fault: FlashmuxError): void {
    for (const socket of this.#sockets) socket.abort(fault);
  }

  async idle(maxMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, maxMs);
    this.#idleWaiters.add(resolve);
    this.#tellIdle();
    await promise;
    this.#idleWaiters.delete(resolve);
    clearTimeout(timer);
  }

  close(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  /** A connection that has closed counts until its turn has ended too. */
  #tellIdle(): void {
    for (const socket of this.#sockets) if (socket.isOver) this.#sockets.delete(socket);
    if ([...this.#sockets].every((socket) => socket.isIdle)) for (const wake of this.#idleWaiters) wake();
  }

  /** The key is looked at before the connection is taken over, and again with every turn. */
  async #admit(request: IncomingMessage): Promise<Presented> {
    if (this.#isDraining) throw shuttingDown();
    if (pathOf(request.url ?? '') !== path || request.headers.upgrade?.toLowerCase() !== 'websocket') {
      throw new FlashmuxError('unknown_route', `There is no socket here. There is: ${path} (WebSocket).`);
    }
    const address = callerAddress(request, this.#deps.trustedProxies);
    const presented = { key: presentedKey(request.rawHeaders) ?? keyIn(request.headers['sec-websocket-protocol']), address };
    await this.#deps.access.authenticate(presented.key, presented.address);
    return presented;
  }
}

function keyIn(protocols: string | undefined): string | undefined {
  const named = protocols?.split(',').map((name) => name.trim());
  return named?.find((name) => name.startsWith(keyProtocol))?.slice(keyProtocol.length);
}
