import type { Dispatcher } from 'undici';
import { FlashmuxError } from '../model/fault.ts';
import { abortFault } from './abort-fault.ts';
import { connectionFault } from './connection-fault.ts';

export interface AnswerHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

export interface ReceiverOptions {
  /** For messages. */
  readonly host: string;
  readonly headTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly signal: AbortSignal;
  /** Called once, when nothing more will come and the connection is free or closed. */
  readonly onClose: () => void;
}

/** Bytes that may wait for the reader before the upstream is paused. */
const pauseAtBytes = 64 * 1024;

/**
 * One answer, from the first byte to the last, between undici (which pushes) and a reader (who pulls). What arrives while the
 * reader is away becomes one item, so that one wake-up of the socket is one item; more than 64 KiB of it pauses the socket.
 */
export class AnswerReceiver implements Dispatcher.DispatchHandler, AsyncIterableIterator<Uint8Array> {
  readonly head: Promise<AnswerHead>;
  readonly #options: ReceiverOptions;
  readonly #settleHead: PromiseWithResolvers<AnswerHead>;
  readonly #timer: NodeJS.Timeout;
  #idleTimer: NodeJS.Timeout | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #fault: FlashmuxError | undefined;
  #over = false;
  #reader: PromiseWithResolvers<IteratorResult<Uint8Array>> | undefined;
  #read = false;

  constructor(options: ReceiverOptions) {
    this.#options = options;
    this.#settleHead = Promise.withResolvers();
    this.head = this.#settleHead.promise;
    this.#timer = setTimeout(() => {
      this.#fail(timeoutFault(options.host, 'sent no answer', options.headTimeoutMs));
    }, options.headTimeoutMs);
    options.signal.addEventListener('abort', this.#onAbort);
    if (options.signal.aborted) this.#onAbort();
  }

  // What undici calls.

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It may have waited in the pool for longer than anyone waited for it.
    if (this.#fault !== undefined) controller.abort(this.#fault);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (status < 200) return;
    clearTimeout(this.#timer);
    // Runs before the first read as well: a body that nobody reads would hold its connection for ever.
    this.#idleTimer = setTimeout(this.#onIdle, this.#options.idleTimeoutMs);
    this.#settleHead.resolve({ status, headers: flatHeaders(headers) });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#over) return;
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    if (this.#pendingBytes >= pauseAtBytes) controller.pause();
    // In a microtask: after undici has handed over all that one socket read brought, however many HTTP chunks that was.
    if (this.#reader !== undefined && this.#pendingBytes === chunk.length) queueMicrotask(() => this.#deliver());
  }

  onResponseEnd(): void {
    if (this.#over) return;
    this.#close();
    this.#deliver();
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    this.#end(connectionFault(error, this.#options.host));
  }

  // What the reader calls.

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    this.#read = true;
    const waiting = Promise.withResolvers<IteratorResult<Uint8Array>>();
    this.#reader = waiting;
    if (this.#pendingBytes > 0 || this.#over) this.#deliver();
    else this.#idleTimer?.refresh();
    return waiting.promise;
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.#abandon();
    return Promise.resolve({ done: true, value: undefined });
  }

  #deliver(): void {
    const reader = this.#reader;
    if (reader === undefined || (this.#pendingBytes === 0 && !this.#over)) return;
    this.#reader = undefined;
    if (this.#pendingBytes > 0) {
      const [first] = this.#pending;
      const item = this.#pending.length === 1 && first !== undefined ? first : Buffer.concat(this.#pending);
      this.#pending = [];
      this.#pendingBytes = 0;
      reader.resolve({ done: false, value: item });
      if (this.#controller?.paused === true && !this.#over) this.#controller.resume();
    } else if (this.#fault !== undefined) {
      reader.reject(this.#fault);
    } else {
      reader.resolve({ done: true, value: undefined });
    }
  }

  /** What was received stays readable: the last words of a host may be the usage that its bill will show. */
  readonly #onAbort = (): void => {
    this.#fail(abortFault(this.#options.signal));
  };

  readonly #onIdle = (): void => {
    // A reader who is busy elsewhere is back-pressure, not silence.
    if (this.#reader === undefined && this.#read) return;
    this.#fail(timeoutFault(this.#options.host, 'sent nothing more', this.#options.idleTimeoutMs));
  };

  #abandon(): void {
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#fail(leftUnread);
  }

  /** Ends it from our side: the connection is closed, which is how an upstream learns that it may stop. */
  #fail(fault: FlashmuxError): void {
    if (this.#over) return;
    this.#end(fault);
    this.#controller?.abort(fault);
  }

  #end(fault: FlashmuxError): void {
    if (this.#over) return;
    this.#fault = fault;
    this.#close();
    this.#settleHead.reject(fault);
    this.#deliver();
  }

  #close(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#idleTimer);
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    this.#options.onClose();
  }
}

/** One for all: the stack of it would tell nobody anything. */
const leftUnread = new FlashmuxError('cancelled', 'The answer was left unread.');

function timeoutFault(host: string, what: string, ms: number): FlashmuxError {
  return new FlashmuxError('upstream_timeout', `${host} ${what} within ${ms / 1000} s.`);
}

function flatHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = typeof value === 'string' ? value : value.join(', ');
  }
  return flat;
}
