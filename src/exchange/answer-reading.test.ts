import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventBatch } from '../model/event.ts';
import { AnswerReading } from './answer-reading.ts';

/** A host that says its batches when it is told to, and then ends or fails. */
class SteeredHost implements AsyncIterator<EventBatch> {
  readonly #waiting: PromiseWithResolvers<IteratorResult<EventBatch>>[] = [];
  closed = false;

  next(): Promise<IteratorResult<EventBatch>> {
    const wait = Promise.withResolvers<IteratorResult<EventBatch>>();
    this.#waiting.push(wait);
    return wait.promise;
  }

  return(): Promise<IteratorResult<EventBatch>> {
    this.closed = true;
    return Promise.resolve({ done: true, value: undefined });
  }

  get reads(): number {
    return this.#waiting.length;
  }

  says(batch: EventBatch | undefined): void {
    this.#waiting.shift()?.resolve(batch === undefined ? { done: true, value: undefined } : { done: false, value: batch });
  }

  fails(error: Error): void {
    this.#waiting.shift()?.reject(error);
  }
}

function batchOf(seconds: number): EventBatch {
  return [{ kind: 'answer-start', createdAt: seconds }];
}

const calledOff = new Error('called off');

describe('reading an answer', () => {
  it('gives each batch once and in order, however often a wait is called off', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('before', 'after', 'not'), { maxLength: 12 }), async (whens) => {
        const host = new SteeredHost();
        const seen: EventBatch[] = [];
        const reading = new AnswerReading(host, (batch) => seen.push(batch));
        const read: EventBatch[] = [];
        for (const [index, when] of whens.entries()) {
          const wait = reading.next();
          if (when === 'not') host.says(batchOf(index));
          else {
            if (when === 'after') host.says(batchOf(index));
            reading.callOff(calledOff);
            await expect(wait).rejects.toBe(calledOff);
            if (when === 'before') host.says(batchOf(index));
          }
          const batch = await (when === 'not' ? wait : reading.next());
          if (batch !== undefined) read.push(batch);
          expect(host.reads).toBe(0);
        }
        expect(read).toEqual(whens.map((_, index) => batchOf(index)));
        expect(seen).toEqual(read);
      }),
    );
  });

  it('reads on where the wait was called off: what comes is seen, though nobody takes it', async () => {
    const host = new SteeredHost();
    const seen: EventBatch[] = [];
    const reading = new AnswerReading(host, (batch) => seen.push(batch));
    const wait = reading.next();
    reading.callOff(calledOff);
    await expect(wait).rejects.toBe(calledOff);
    host.says(batchOf(1));
    await expect.poll(() => seen).toEqual([batchOf(1)]);
  });

  it('keeps a failure that nobody waited for, for whoever asks next', async () => {
    const host = new SteeredHost();
    const reading = new AnswerReading(host, () => undefined);
    const wait = reading.next();
    reading.callOff(calledOff);
    await expect(wait).rejects.toBe(calledOff);
    const broken = new Error('the host broke');
    host.fails(broken);
    await expect(reading.next()).rejects.toBe(broken);
  });

  it('is over once the host has ended, and asks it no more', async () => {
    const host = new SteeredHost();
    const reading = new AnswerReading(host, () => undefined);
    const wait = reading.next();
    host.says(undefined);
    expect(await wait).toBeUndefined();
    expect(reading.isOver).toBe(true);
    expect(await reading.next()).toBeUndefined();
    expect(host.reads).toBe(0);
  });

  it('lets go of the host when it is closed', () => {
    const host = new SteeredHost();
    new AnswerReading(host, () => undefined).close();
    expect(host.closed).toBe(true);
  });
});
