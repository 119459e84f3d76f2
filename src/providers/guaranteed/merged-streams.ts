import type { AnswerStream, EventBatch } from '../../model/event.ts';

/**
 * Several streams as one, so many of them at a time, each batch as soon as it is there. The first failure ends all of them. The reader of
 * the merged stream sets the pace: a stream is asked for more once its last batch was taken.
 */
export async function* mergedStreams(opens: readonly (() => AnswerStream)[], atOnce: number): AnswerStream {
  const waiting = opens.values();
  const streams = new Set<AsyncIterator<EventBatch>>();
  const arriving = new Map<AsyncIterator<EventBatch>, Promise<Arrival>>();
  const pull = (stream: AsyncIterator<EventBatch>): void => {
    const arrival = stream.next().then((step) => ({ stream, step }));
    // Nobody may be waiting for it any more when it fails.
    arrival.catch(() => undefined);
    arriving.set(stream, arrival);
  };
  const openNext = (): void => {
    const next = waiting.next();
    if (next.done === true) return;
    const stream = next.value()[Symbol.asyncIterator]();
    streams.add(stream);
    pull(stream);
  };
  try {
    for (let running = 0; running < atOnce; running++) openNext();
    while (streams.size > 0) {
      const { stream, step } = await Promise.race(arriving.values());
      arriving.delete(stream);
      if (step.done === true) {
        streams.delete(stream);
        openNext();
      } else {
        yield step.value;
        pull(stream);
      }
    }
  } finally {
    // Not awaited: one that hangs would hang its reader, and the signal that all of them have ends it.
    for (const stream of streams) void Promise.resolve(stream.return?.()).catch(() => undefined);
  }
}

interface Arrival {
  readonly stream: AsyncIterator<EventBatch>;
  readonly step: IteratorResult<EventBatch>;
}
