import type { AnswerStream, EventBatch } from '../model/event.ts';
import { FlashmuxError } from '../model/fault.ts';
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
export async function* withDeadlines(
  options: DeadlineOptions,
  signal: AbortSignal,
  open: (signal: AbortSignal) => AnswerStream,
): AnswerStream {
  const watch = new Watch(options.provider);
  const passOn = (): void => watch.abort(signal.reason);
  signal.addEventListener('abort', passOn);
  if (signal.aborted) passOn();
  const { firstEventMs, idleMs, totalMs } = options.deadlines;
  let source: AsyncIterator<EventBatch> | undefined;
  let over = false;
  try {
    watch.always(totalMs, `did not complete its answer within ${totalMs / 1000} s`);
    watch.whileWaiting(firstEventMs, `sent no first event within ${firstEventMs / 1000} s`);
    source = open(watch.signal)[Symbol.asyncIterator]();
    for (let first = true; ; first = false) {
      const step = await watch.wait(source.next());
      if (step.done === true) {
        over = true;
        return;
      }
      if (first) watch.whileWaiting(idleMs, `sent nothing more within ${(idleMs ?? 0) / 1000} s`);
      yield step.value;
    }
  } finally {
    watch.stop();
    signal.removeEventListener('abort', passOn);
    if (!over) {
      watch.abort(new FlashmuxError('cancelled', 'The answer was left unread.'));
      // Not awaited: a source that hangs would hang its reader too, and the abort has told it already.
      void Promise.resolve(source?.return?.()).catch(() => undefined);
    }
  }
}

/** Two timers and the wait that they may end. */
class Watch {
  readonly #controller = new AbortController();
  readonly #provider: string;
  #total: NodeJS.Timeout | undefined;
  #waiting: NodeJS.Timeout | undefined;
  #fault: FlashmuxError | undefined;
  #current: PromiseWithResolvers<IteratorResult<EventBatch>> | undefined;

  constructor(provider: string) {
    this.#provider = provider;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  always(ms: number, what: string): void {
    this.#total = setTimeout(() => this.#expire(what), ms);
  }

  /** Replaces the deadline of the single wait; none where `ms` is undefined. */
  whileWaiting(ms: number | undefined, what: string): void {
    clearTimeout(this.#waiting);
    this.#waiting =
      ms === undefined
        ? undefined
        : setTimeout(() => {
            if (this.#current !== undefined) this.#expire(what);
          }, ms);
  }

  async wait(step: Promise<IteratorResult<EventBatch>>): Promise<IteratorResult<EventBatch>> {
    // One promise a wait, rather than a race against one long-lived promise, which would keep a reaction for every batch.
    const current = Promise.withResolvers<IteratorResult<EventBatch>>();
    this.#current = current;
    this.#waiting?.refresh();
    if (this.#fault !== undefined) current.reject(this.#fault);
    step.then(current.resolve, current.reject);
    try {
      return await current.promise;
    } finally {
      this.#current = undefined;
    }
  }

  stop(): void {
    clearTimeout(this.#total);
    clearTimeout(this.#waiting);
  }

  #expire(what: string): void {
    this.#fault ??= new FlashmuxError('upstream_timeout', `Provider "${this.#provider}" ${what}.`);
    this.#controller.abort(this.#fault);
    this.#current?.reject(this.#fault);
  }
}
