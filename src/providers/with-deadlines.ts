import type { AnswerStream, EventBatch } from '../model/event.ts';
import { asFault, FlashmuxError } from '../model/fault.ts';
import type { Deadlines } from '../model/ports.ts';

export interface DeadlineOptions {
  /** For messages. */
  readonly provider: string;
  /** `idleMs` is left out where the transport watches it itself, chunk by chunk. */
  readonly deadlines: Omit<Deadlines, 'idleMs'> & Partial<Pick<Deadlines, 'idleMs'>>;
}

/**
 * A stream with an end in sight: throws `upstream_timeout` and aborts the source once a deadline has passed, even where the
 * source does not listen. The time in which nobody reads counts for the total only: a slow reader is no slow host. An abort
 * from outside is passed on, and what the source still says after it is read on: hosts tell their usage last.
 */
export function withDeadlines(
  options: DeadlineOptions,
  signal: AbortSignal,
  open: (signal: AbortSignal) => AnswerStream,
): AnswerStream {
  return { [Symbol.asyncIterator]: () => new WatchedStream(options, signal, open) };
}

type Step = IteratorResult<EventBatch>;

/** An iterator and no generator: each batch of each answer passes here, and a generator would cost it three more turns of the queue. */
class WatchedStream implements AsyncIterator<EventBatch> {
  readonly #options: DeadlineOptions;
  readonly #signal: AbortSignal;
  readonly #open: (signal: AbortSignal) => AnswerStream;
  readonly #controller = new AbortController();
  #source: AsyncIterator<EventBatch> | undefined;
  #total: NodeJS.Timeout | undefined;
  #waiting: NodeJS.Timeout | undefined;
  #reader: PromiseWithResolvers<Step> | undefined;
  #fault: FlashmuxError | undefined;
  #hasBegun = false;
  #isOver = false;

  constructor(options: DeadlineOptions, signal: AbortSignal, open: (signal: AbortSignal) => AnswerStream) {
    this.#options = options;
    this.#signal = signal;
    this.#open = open;
  }

  next(): Promise<Step> {
    if (this.#isOver) return Promise.resolve(done);
    let source: AsyncIterator<EventBatch>;
    try {
      source = this.#source ?? this.#begin();
    } catch (error) {
      this.#end(false);
      return Promise.reject(asFault(error));
    }
    const reader = Promise.withResolvers<Step>();
    this.#waiting?.refresh();
    // It may have passed while nobody read.
    if (this.#fault === undefined) {
      this.#reader = reader;
      source.next().then(this.#onStep, this.#onFailure);
    } else {
      this.#end(false);
      reader.reject(this.#fault);
    }
    return reader.promise;
  }

  return(): Promise<Step> {
    this.#end(false);
    return Promise.resolve(done);
  }

  #begin(): AsyncIterator<EventBatch> {
    const { firstEventMs, totalMs } = this.#options.deadlines;
    this.#signal.addEventListener('abort', this.#passOn);
    if (this.#signal.aborted) this.#passOn();
    this.#total = setTimeout(() => this.#expire(`did not complete its answer within ${totalMs / 1000} s`), totalMs);
    this.#whileWaiting(firstEventMs, `sent no first event within ${firstEventMs / 1000} s`);
    this.#source = this.#open(this.#controller.signal)[Symbol.asyncIterator]();
    return this.#source;
  }

  readonly #onStep = (step: Step): void => {
    const reader = this.#reader;
    this.#reader = undefined;
    if (step.done === true) this.#end(true);
    else if (!this.#hasBegun) {
      this.#hasBegun = true;
      const { idleMs } = this.#options.deadlines;
      this.#whileWaiting(idleMs, `sent nothing more within ${(idleMs ?? 0) / 1000} s`);
    }
    reader?.resolve(step);
  };

  readonly #onFailure = (error: unknown): void => this.#fail(error);

  readonly #passOn = (): void => this.#controller.abort(this.#signal.reason);

  /** Replaces the deadline of the single wait; none where `ms` is undefined. */
  #whileWaiting(ms: number | undefined, what: string): void {
    clearTimeout(this.#waiting);
    this.#waiting =
      ms === undefined
        ? undefined
        : setTimeout(() => {
            if (this.#reader !== undefined) this.#expire(what);
          }, ms);
  }

  #expire(what: string): void {
    this.#fault ??= new FlashmuxError('upstream_timeout', `Provider "${this.#options.provider}" ${what}.`);
    this.#controller.abort(this.#fault);
    if (this.#reader !== undefined) this.#fail(this.#fault);
  }

  #fail(error: unknown): void {
    const reader = this.#reader;
    this.#reader = undefined;
    this.#end(false);
    reader?.reject(error);
  }

  #end(isComplete: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#total);
    clearTimeout(this.#waiting);
    this.#signal.removeEventListener('abort', this.#passOn);
    if (isComplete) return;
    if (!this.#controller.signal.aborted) this.#controller.abort(leftUnread);
    // Not awaited: a source that hangs would hang its reader too, and the abort has told it already.
    void Promise.resolve(this.#source?.return?.()).catch(() => undefined);
  }
}

/** One for all: the stack of it would tell nobody anything. */
const leftUnread = new FlashmuxError('cancelled', 'The answer was left unread.');

const done: Step = { done: true, value: undefined };
