import type { WebSocket } from 'ws';
import { FlashmuxError, asFault } from '../../model/fault.ts';
import { admitKey, type Presented } from '../admit-caller.ts';
import { shuttingDown } from '../answer-request.ts';
import { takeTurn, type Remembered } from './response-turn.ts';
import { faultEvent, readSocketMessage, type SocketMessage } from './socket-messages.ts';
import type { SocketDeps } from './response-sockets.ts';

type Create = Extract<SocketMessage, { kind: 'create' }>;

/** Turns that wait for the one that runs. */
const mostWaiting = 16;

/**
 * One connection: turns one after the other, in the order in which they were asked for. The last response is remembered here, so that a
 * conversation goes on without its being kept.
 */
export class ResponseSocket {
  readonly #socket: WebSocket;
  readonly #presented: Presented;
  readonly #deps: SocketDeps;
  readonly #onIdle: () => void;
  readonly #waiting: Create[] = [];
  readonly #heartbeat: NodeJS.Timeout;
  readonly #lifetime: NodeJS.Timeout;
  #running: AbortController | undefined;
  #remembered: Remembered | undefined;
  #isAlive = true;
  /** Why there are to be no more turns. */
  #ending: FlashmuxError | undefined;

  constructor(socket: WebSocket, presented: Presented, deps: SocketDeps, onIdle: () => void) {
    this.#socket = socket;
    this.#presented = presented;
    this.#deps = deps;
    this.#onIdle = onIdle;
    socket.on('message', (data: Buffer, isBinary) => this.#onMessage(data, isBinary));
    socket.on('pong', () => (this.#isAlive = true));
    // What is wrong with a frame, its size above all, closes the connection with a code of its own.
    socket.on('error', () => undefined);
    socket.once('close', () => this.#onClose());
    this.#heartbeat = setInterval(() => this.#beat(), deps.limits.heartbeatMs);
    this.#lifetime = setTimeout(() => this.end(connectionExpired()), deps.limits.socketMs);
  }

  get isIdle(): boolean {
    return this.#running === undefined;
  }

  /** Nothing of it is left. */
  get isOver(): boolean {
    return this.isIdle && this.#socket.readyState === this.#socket.CLOSED;
  }

  /** No more turns; the connection ends once the one that runs has ended. */
  end(fault: FlashmuxError): void {
    this.#ending ??= fault;
    this.#waiting.length = 0;
    if (this.isIdle) void this.#sayLast(this.#ending);
  }

  /** Ends the turn that runs early. */
  abort(fault: FlashmuxError): void {
    this.#running?.abort(fault);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    try {
      if (isBinary) throw new FlashmuxError('invalid_request', 'Messages are text: JSON objects with a type.');
      if (this.#ending !== undefined) throw this.#ending;
      const message = readSocketMessage(data, this.#deps.limits.jsonDepth);
      switch (message.kind) {
        case 'cancel':
          this.#running?.abort(new FlashmuxError('cancelled', 'The response was cancelled.'));
          return;
        case 'create':
          if (this.#waiting.length >= mostWaiting) throw tooManyWaiting();
          this.#waiting.push(message);
          if (this.isIdle) void this.#takeTurns();
          return;
      }
    } catch (error) {
      void this.#send([faultEvent(asFault(error))]);
    }
  }

  /** Never rejects. */
  async #takeTurns(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      this.#running = new AbortController();
      await this.#takeTurn(next, this.#running.signal);
      this.#running = undefined;
    }
    this.#onIdle();
    if (this.#ending !== undefined) await this.#sayLast(this.#ending);
  }

  async #takeTurn({ body, generates, streamId }: Create, signal: AbortSignal): Promise<void> {
    const { newId, clock, log } = this.#deps;
    const requestId = newId('req');
    const startedTicks = clock.ticks();
    const remembered = this.#remembered;
    const send = (texts: readonly string[]): Promise<void> => this.#send(texts.map((text) => inLane(text, streamId)));
    let told: string | undefined;
    let keyId: string | undefined;
    try {
      // A key may be revoked, and its minute used up, while a connection is open.
      const caller = await admitKey(this.#presented, this.#deps);
      keyId = caller.keyId;
      this.#remembered =
        (await takeTurn({ body, generates, caller, requestId, signal, remembered, send }, this.#deps)) ?? remembered;
    } catch (error) {
      const reason: unknown = signal.reason;
      const fault = FlashmuxError.is(reason) ? reason : asFault(error);
      told = fault.code;
      if (fault.code === 'internal') log.error({ requestId, error: fault.cause ?? fault }, 'unexpected condition');
      await this.#send([faultEvent(fault, streamId)]);
    }
    const durationMs = Math.round((clock.ticks() - startedTicks) * 10) / 10;
    const model = typeof body['model'] === 'string' ? body['model'].slice(0, 200) : undefined;
    log.info({ requestId, route: '/v1/responses', keyId, model, durationMs, fault: told }, 'turn over a socket');
  }

  /** Resolves once the texts were handed over and there is room for more. A reader that stalls is cut. */
  async #send(texts: readonly string[]): Promise<void> {
    const last = texts.at(-1);
    if (last === undefined || this.#socket.readyState !== this.#socket.OPEN) return;
    for (const text of texts.slice(0, -1)) this.#socket.send(text);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socket.send(last, () => resolve());
    if (this.#socket.bufferedAmount <= this.#deps.limits.bufferedBytes) return;
    const timer = setTimeout(() => this.#socket.terminate(), this.#deps.limits.stallMs);
    await promise;
    clearTimeout(timer);
  }

  async #sayLast(fault: FlashmuxError): Promise<void> {
    await this.#send([faultEvent(fault)]);
    // 1001: the server goes away. 1000 where the connection has merely had its time.
    this.#socket.close(fault.code === 'shutting_down' ? 1001 : 1000, fault.row.openaiCode);
  }

  /** Who does not answer within the time until the next question is gone. */
  #beat(): void {
    if (!this.#isAlive) return this.#socket.terminate();
    this.#isAlive = false;
    this.#socket.ping();
  }

  #onClose(): void {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#lifetime);
    this.#waiting.length = 0;
    this.#ending ??= shuttingDown();
    this.#running?.abort(new FlashmuxError('cancelled', 'The caller closed the connection before the answer was complete.'));
  }
}

function connectionExpired(): FlashmuxError {
  return new FlashmuxError('connection_expired', 'The connection has had its time. Open another one and go on there.');
}

function tooManyWaiting(): FlashmuxError {
  return new FlashmuxError('rate_limited', `${mostWaiting} turns wait on this connection already. Wait for one to end.`, {
    retryAfterSeconds: 1,
  });
}

/** The event as it belongs to a lane that the client named. */
function inLane(text: string, streamId: string | undefined): string {
  return streamId === undefined ? text : `${text.slice(0, -1)},"stream_id":${JSON.stringify(streamId)}}`;
}
