import { describe, expect, it } from 'vitest';
import { changedStream } from './changed-stream.ts';
import type { AnswerStream, EventBatch } from './event.ts';
import { collect } from './stream.ts';

function batchOf(seconds: number): EventBatch {
  return [{ kind: 'answer-start', createdAt: seconds }];
}

async function* counting(upTo: number): AnswerStream {
  for (let second = 0; second < upTo; second++) yield batchOf(second);
}

function secondOf([event]: EventBatch): number {
  return event?.kind === 'answer-start' ? (event.createdAt ?? 0) : 0;
}

describe('a changed stream', () => {
  it.each([
    ['at once', (batch: EventBatch) => batchOf(secondOf(batch) * 10)],
    ['later', async (batch: EventBatch) => batchOf(secondOf(batch) * 10)],
  ])('has each batch as it was made %s', async (_, change) => {
    expect(await collect(changedStream(counting(3), change))).toEqual([0, 10, 20].flatMap((second) => batchOf(second)));
  });

  it('leaves out what became empty, however much of it follows each other', async () => {
    const change = (batch: EventBatch): EventBatch => (secondOf(batch) % 1_000 === 999 ? batch : []);
    expect(await collect(changedStream(counting(3_000), change))).toEqual(
      [999, 1_999, 2_999].flatMap((second) => batchOf(second)),
    );
  });

  it('throws what its source throws, after what came before', async () => {
    const broken = new Error('broken');
    const stream = changedStream(
      (async function* source() {
        yield batchOf(1);
        throw broken;
      })(),
      (batch) => batch,
    )[Symbol.asyncIterator]();
    expect(await stream.next()).toEqual({ done: false, value: batchOf(1) });
    await expect(stream.next()).rejects.toBe(broken);
  });

  it('closes its source when it is left', async () => {
    let isClosed = false;
    const stream = changedStream(
      (async function* source() {
        try {
          yield batchOf(1);
          yield batchOf(2);
        } finally {
          isClosed = true;
        }
      })(),
      (batch) => batch,
    );
    for await (const batch of stream) {
      expect(secondOf(batch)).toBe(1);
      break;
    }
    expect(isClosed).toBe(true);
  });
});
