import { describe, expect, it } from 'vitest';
import type { AnswerStream, EventBatch } from '../../model/event.ts';
import { collect } from '../../model/stream.ts';
import { mergedStreams } from './merged-streams.ts';

interface Source {
  readonly open: () => AnswerStream;
  isOpen: boolean;
  isEnded: boolean;
}

/** Says so many batches, then ends, or fails. */
function source(answer: number, batches: number, error?: Error): Source {
  const told: Source = {
    isOpen: false,
    isEnded: false,
    async *open() {
      told.isOpen = true;
      try {
        for (let index = 0; index < batches; index++) {
          await Promise.resolve();
          const batch: EventBatch = [{ kind: 'part-end', answer, index }];
          yield batch;
        }
        if (error !== undefined) throw error;
      } finally {
        told.isEnded = true;
      }
    },
  };
  return told;
}

const openAll = (sources: readonly Source[]): (() => AnswerStream)[] => sources.map(({ open }) => open);

describe('several streams as one', () => {
  it('everything comes, each stream in its own order', async () => {
    const sources = [source(0, 3), source(1, 0), source(2, 5), source(3, 1)];
    const events = await collect(mergedStreams(openAll(sources), 2));
    const ofAnswer = (number: number): unknown =>
      events.flatMap((event) => (event.kind === 'part-end' && event.answer === number ? event.index : []));
    expect([0, 1, 2, 3].map((number) => ofAnswer(number))).toEqual([[0, 1, 2], [], [0, 1, 2, 3, 4], [0]]);
    expect(sources.every(({ isEnded }) => isEnded)).toBe(true);
  });

  it('no more are open than may be', async () => {
    const sources = Array.from({ length: 6 }, (_, answer) => source(answer, 2));
    for await (const _ of mergedStreams(openAll(sources), 2)) {
      expect(sources.filter(({ isOpen, isEnded }) => isOpen && !isEnded).length).toBeLessThanOrEqual(2);
    }
  });

  it('the first failure is that of all, and ends the others', async () => {
    const error = new Error('broken');
    const sources = [source(0, 100), source(1, 1, error), source(2, 1)];
    await expect(collect(mergedStreams(openAll(sources), 2))).rejects.toBe(error);
    await new Promise((resolve) => setImmediate(resolve));
    expect(sources.map(({ isEnded }) => isEnded)).toEqual([true, true, false]);
    expect(sources[2]?.isOpen).toBe(false);
  });

  it('leaving the loop ends all', async () => {
    const sources = [source(0, 100), source(1, 100)];
    for await (const _ of mergedStreams(openAll(sources), 2)) break;
    await new Promise((resolve) => setImmediate(resolve));
    expect(sources.every(({ isEnded }) => isEnded)).toBe(true);
  });
});
