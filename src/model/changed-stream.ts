import type { AnswerStream, EventBatch } from './event.ts';

type Change = (batch: EventBatch) => EventBatch | Promise<EventBatch>;

/**
 * A stream with each batch as `change` makes it; those that become empty are left out. No generator, because every batch of every answer
 * passes here: in a generator each costs three turns of the queue instead of one.
 */
export function changedStream(stream: AnswerStream, change: Change): AnswerStream {
  return { [Symbol.asyncIterator]: () => new ChangedStream(stream[Symbol.asyncIterator](), change) };
}

type Step = IteratorResult<EventBatch>;

class ChangedStream implements AsyncIterator<EventBatch> {
  readonly #source: AsyncIterator<EventBatch>;
  readonly #change: Change;

  constructor(source: AsyncIterator<EventBatch>, change: Change) {
    this.#source = source;
    this.#change = change;
  }

  next(): Promise<Step> {
    return this.#source.next().then(this.#onStep);
  }

  async return(): Promise<Step> {
    await this.#source.return?.();
    return { done: true, value: undefined };
  }

  readonly #onStep = (step: Step): Step | Promise<Step> => {
    if (step.done === true) return step;
    const changed = this.#change(step.value);
    return isBatch(changed) ? this.#told(changed) : changed.then(this.#onChanged);
  };

  readonly #onChanged = (batch: EventBatch): Step | Promise<Step> => this.#told(batch);

  #told(batch: EventBatch): Step | Promise<Step> {
    return batch.length === 0 ? this.next() : { done: false, value: batch };
  }
}

function isBatch(batch: EventBatch | Promise<EventBatch>): batch is EventBatch {
  return Array.isArray(batch);
}
