import type { EventBatch } from '../model/event.ts';

type Step = IteratorResult<EventBatch>;

/**
 * One answer while it is read. A wait for the next batch can be called off without losing the batch: it is what the next wait gives. One
 * read at a time; with two promises a batch, since every batch of every answer passes here.
 */
export class AnswerReading {
  readonly #source: AsyncIterator<EventBatch>;
  readonly #see: (batch: EventBatch) => void;
  #isReading = false;
  #reader: PromiseWithResolvers<EventBatch | undefined> | undefined;
  /** What came, or went wrong, while nobody waited for it any more. */
  #unread: { readonly batch: EventBatch | undefined } | { readonly error: Error } | undefined;
  #isOver = false;

  /** `see` is told each batch as soon as it is here, whether anybody waits for it or not. */
  constructor(source: AsyncIterator<EventBatch>, see: (batch: EventBatch) => void) {
    this.#source = source;
    this.#see = see;
  }

  /** Whether the host has said its last word. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The next batch; undefined at the end. Throws what the stream throws, or the reason for which the wait was called off. */
  next(): Promise<EventBatch | undefined> {
    const unread = this.#unread;
    if (unread !== undefined) {
      this.#unread = undefined;
      return 'error' in unread ? Promise.reject(unread.error) : Promise.resolve(unread.batch);
    }
    if (this.#isOver) return Promise.resolve(undefined);
    const reader = Promise.withResolvers<EventBatch | undefined>();
    this.#reader = reader;
    if (!this.#isReading) {
      this.#isReading = true;
      this.#source.next().then(this.#onStep, this.#onFailure);
    }
    return reader.promise;
  }

  /** Ends the wait, should there be one; the read goes on. */
  callOff(reason: Error): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.reject(reason);
  }

  /** A stream that still waits inside ends when its own wait ends; nobody needs to wait for that here. */
  close(): void {
    void Promise.resolve(this.#source.return?.()).catch(() => undefined);
  }

  readonly #onStep = (step: Step): void => {
    this.#isReading = false;
    if (step.done === true) this.#isOver = true;
    else this.#see(step.value);
    const batch = step.done === true ? undefined : step.value;
    const reader = this.#taken();
    if (reader === undefined) this.#unread = { batch };
    else reader.resolve(batch);
  };

  readonly #onFailure = (error: unknown): void => {
    this.#isReading = false;
    const reader = this.#taken();
    if (reader === undefined) this.#unread = { error: asError(error) };
    else reader.reject(error);
  };

  #taken(): PromiseWithResolvers<EventBatch | undefined> | undefined {
    const reader = this.#reader;
    this.#reader = undefined;
    return reader;
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
