import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { FlashmuxError } from '../../model/fault.ts';
import { isAlwaysAdmitted } from '../sql/operations.ts';
import type { Call, OperationName, ResultOf } from '../sql/operations.ts';
import { errorOf, isFatal, shuttingDown, storeFaultOf } from './store-fault.ts';
import type { WorkerReply, WorkerRequest, WorkerResult, WorkerStart } from './worker-messages.ts';

export interface WriterOptions {
  /** How many calls may wait; the next one is refused with `overloaded`. */
  readonly longestQueue: number;
  /** Told once, when the database can no longer be trusted or its thread died. Every call fails from then on. */
  readonly onFailure: (error: Error) => void;
}

/** More calls in one transaction would make the first of them wait longer than they save. */
const largestGroup = 512;

/** What a call leaves behind dies with it, so that a larger young generation would only be more memory. */
const resourceLimits = { maxYoungGenerationSizeMb: 8 };

/** A call that waits for its answer. */
interface Waiter {
  readonly call: Call;
  // As a method, so that waiters for different answers fit into one queue; `perform` ties each answer to its call.
  resolve(value: unknown): void;
  reject(error: Error): void;
}

interface Opening {
  resolve(releasedHolds: number): void;
  reject(error: Error): void;
}

/**
 * The one way to the database: calls queue here, and everything that has queued while the thread was busy with a commit
 * becomes the next group.
 */
export class Writer {
  readonly #worker: Worker;
  readonly #options: WriterOptions;
  #waiting: Waiter[] = [];
  #group: readonly Waiter[] = [];
  #flushIsDue = false;
  /** Until the file is open. */
  #opening: Opening | undefined;
  #refusal: Error | undefined;
  #hasFailed = false;
  #closed: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  private constructor(worker: Worker, options: WriterOptions, opening: Opening) {
    this.#worker = worker;
    this.#options = options;
    this.#opening = opening;
    worker.on('message', (reply: WorkerReply) => this.#receive(reply));
    worker.on('error', (error: Error) => this.#fail(error));
    worker.on('exit', (exitCode) => {
      if (this.#closed === undefined)
        this.#fail(new Error(`The thread of the data file ended by itself (exit code ${exitCode}).`));
    });
  }

  /** Starts the thread and opens the data file. Rejects with the reason where it refuses. */
  static async open(start: WorkerStart, options: WriterOptions): Promise<{ writer: Writer; releasedHolds: number }> {
    // The sources run as .ts and the published build as .js; the compiler does not rewrite addresses of modules.
    const module = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);
    // Flags of its own: those of the process may be for its main module only (`--input-type`). Node 22 calls its SQLite experimental.
    const execArgv = ['--disable-warning=ExperimentalWarning'];
    const opening = Promise.withResolvers<number>();
    const worker = new Worker(module, { workerData: start, execArgv, resourceLimits, name: 'flashmux-store' });
    const writer = new Writer(worker, options, opening);
    return { writer, releasedHolds: await opening.promise };
  }

  perform<Name extends OperationName>(call: Call<Name> & Call): Promise<ResultOf<Name>> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal);
    if (this.#waiting.length >= this.#options.longestQueue && !isAlwaysAdmitted(call.name)) {
      return Promise.reject(
        new FlashmuxError('overloaded', 'Too many requests wait for the data file. Try again later.', { retryAfterSeconds: 1 }),
      );
    }
    return new Promise<ResultOf<Name>>((resolve, reject) => {
      this.#waiting.push({ call, resolve, reject });
      this.#flushSoon();
    });
  }

  /** Waits for the calls that were admitted, refuses new ones, and closes the file. */
  close(): Promise<void> {
    this.#closed ??= this.#closeOnce();
    return this.#closed;
  }

  async #closeOnce(): Promise<void> {
    this.#refusal ??= shuttingDown();
    if (this.#hasFailed) {
      await this.#worker.terminate();
      return;
    }
    const exit = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()));
    if (this.#waiting.length > 0 || this.#group.length > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    this.#send({ kind: 'close' });
    await exit;
  }

  /**
   * Not at once: when a group is answered, its callers go on one after another within the same turn, and what they ask next
   * belongs into one group. A tick that is queued from a microtask runs after all microtasks.
   */
  #flushSoon(): void {
    if (this.#flushIsDue || this.#group.length > 0) return;
    this.#flushIsDue = true;
    queueMicrotask(() => {
      process.nextTick(() => {
        this.#flushIsDue = false;
        this.#flush();
      });
    });
  }

  #flush(): void {
    if (this.#group.length > 0 || this.#waiting.length === 0) return;
    this.#group = this.#waiting.splice(0, largestGroup);
    try {
      this.#send({ kind: 'group', calls: this.#group.map((waiter) => waiter.call) });
    } catch (error) {
      // An input that is no plain data cannot travel. The types forbid it; here it must not take the process down.
      const failed = this.#group.map((): WorkerResult => ({ kind: 'failed', fault: storeFaultOf(error) }));
      this.#finishGroup(failed);
    }
  }

  #send(request: WorkerRequest): void {
    this.#worker.postMessage(request);
  }

  #receive(reply: WorkerReply): void {
    switch (reply.kind) {
      case 'opened':
        this.#opening?.resolve(reply.releasedHolds);
        this.#opening = undefined;
        break;
      case 'refused':
        this.#fail(errorOf(reply.fault));
        break;
      case 'group':
        this.#finishGroup(reply.results);
        break;
    }
  }

  #finishGroup(results: readonly WorkerResult[]): void {
    const group = this.#group;
    this.#group = [];
    for (const [position, waiter] of group.entries()) {
      const result = results[position];
      if (result?.kind === 'done') waiter.resolve(result.value);
      else waiter.reject(result === undefined ? new Error('The data file gave no answer.') : errorOf(result.fault));
    }
    const fatal = results.find((result) => result.kind === 'failed' && isFatal(result.fault));
    if (fatal?.kind === 'failed') this.#fail(errorOf(fatal.fault));
    if (this.#waiting.length > 0) this.#flushSoon();
    else this.#onIdle?.();
  }

  /** Whether a call of the group that was under way was committed is unknown; it was not acknowledged, so it counts as failed. */
  #fail(error: Error): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#refusal = error;
    const lost = [...this.#group, ...this.#waiting];
    this.#group = [];
    this.#waiting = [];
    for (const waiter of lost) waiter.reject(error);
    this.#onIdle?.();
    // A file that could not be opened fails its opening, and nothing else was begun.
    if (this.#opening === undefined) this.#options.onFailure(error);
    else this.#opening.reject(error);
  }
}
