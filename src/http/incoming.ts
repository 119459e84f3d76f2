import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import type { Dialect } from '../dialects/dialect.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { HttpLimits } from './limits.ts';
import type { ToldLimits } from './rate-limit-headers.ts';

/** One for all: it is said for each connection that is cut, and the stack of it would tell nobody anything. */
const callerLeft = new FlashmuxError('cancelled', 'The caller closed the connection before the answer was complete.');

export interface IncomingOptions {
  readonly requestId: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly dialect: Dialect;
  readonly limits: HttpLimits;
}

/** One HTTP request from its head to the last byte of its reply. */
export class Incoming {
  readonly requestId: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The dialect in which errors are told: that of the path's prefix, until a route is found that speaks another. */
  dialect: Dialect;
  readonly limits: HttpLimits;
  /** What the log line will say; filled in as it becomes known. */
  readonly record: RequestRecord = { bytesIn: 0 };
  /** For the header of the reply; absent while it is not known, and for accounts without a limit. */
  remainingCredits: string | undefined;
  /** For the headers of the reply; absent while nobody has looked. */
  rateLimits: ToldLimits | undefined;
  /** The answer was given before, to a request with the same idempotency key. */
  replayed = false;
  /** The connection ends with this reply. */
  closing = false;
  /** True where the caller asked to be told (`100-continue`) before it sends its body. */
  expectsContinue = false;
  /** The rest of the body cannot be read: its framing is broken. */
  unreadable = false;
  #ending: Ending = 'answered';
  readonly #controller = new AbortController();
  #wake: (() => void) | undefined;

  constructor(options: IncomingOptions) {
    this.requestId = options.requestId;
    this.request = options.request;
    this.response = options.response;
    this.dialect = options.dialect;
    this.limits = options.limits;
    // A connection that has just closed is an error event of both; without a listener it would end the process.
    this.request.on('error', () => undefined);
    this.response.on('error', () => undefined);
    this.response.on('timeout', () => this.#cut());
  }

  /** Aborts when the caller leaves, and when the request has to end early; its reason is a FlashmuxError. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** How it ended, as far as it has. */
  get ending(): Ending {
    return this.#ending;
  }

  /** True once nobody can read a reply any more. */
  get gone(): boolean {
    return this.#ending !== 'answered';
  }

  /** The connection closed; that is a caller who leaves, unless the reply was delivered before. */
  leave(): void {
    if (this.response.writableFinished) return;
    if (this.#ending === 'answered') this.#ending = 'caller left';
    this.#controller.abort(callerLeft);
    this.#wake?.();
  }

  /** Ends the work early, with a fault that the caller can still be told. */
  abort(fault: FlashmuxError): void {
    this.#controller.abort(fault);
    this.#wake?.();
  }

  /** The fault to answer a request with that was ended early. */
  get abortedWith(): FlashmuxError | undefined {
    const reason: unknown = this.signal.reason;
    return !this.gone && FlashmuxError.is(reason) ? reason : undefined;
  }

  /** Ends the reply and resolves once its last byte was handed to the operating system, or nobody reads any more. */
  async finish(lastText = '', encoding: BufferEncoding = 'utf8'): Promise<void> {
    const { response } = this;
    // A reader that stalls on the rest is cut like one that stalls in the middle. Node's timer runs only while no byte moves.
    response.setTimeout(this.limits.stallMs);
    response.end(lastText, encoding);
    while (!response.writableFinished && !this.gone) await this.#next(response, 'finish');
  }

  /** Resolves once the reader has taken what was written, or the request was aborted. A reader that stalls is cut. */
  async drained(): Promise<void> {
    const { response, signal } = this;
    // A response without a socket waits for the one before it, and keeps what was written itself.
    const writable = response.socket ?? response;
    response.setTimeout(this.limits.stallMs);
    while (writable.writableNeedDrain && !signal.aborted) await this.#next(writable, 'drain');
    response.setTimeout(0);
  }

  /** The event, or whatever ends this request early. Only one waits at a time. */
  async #next(writable: Writable, event: 'finish' | 'drain'): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    writable.once(event, resolve);
    await promise;
    writable.off(event, resolve);
    this.#wake = undefined;
  }

  #cut(): void {
    this.#ending = 'reader stalled';
    this.request.socket.destroy();
  }
}

export interface RequestRecord {
  /** Body bytes as they came over the wire. */
  bytesIn: number;
  /** The route's pattern. */
  route?: string;
  keyId?: string;
  /** The model that the caller named. */
  model?: string;
  /** The code of the fault that the caller was told. */
  fault?: string;
}

export type Ending = 'answered' | 'caller left' | 'reader stalled';
