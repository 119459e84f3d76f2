import { describe, expect, it } from 'vitest';
import type { AnswerStream, EventBatch } from '../model/event.ts';
import { FlashmuxError } from '../model/fault.ts';
import { collect } from '../model/stream.ts';
import { withDeadlines, type DeadlineOptions } from './with-deadlines.ts';

const far = { firstEventMs: 30_000, idleMs: 30_000, totalMs: 30_000 };
const batch: EventBatch = [{ kind: 'answer-start' }];

function options(deadlines: Partial<typeof far>): DeadlineOptions {
  return { provider: 'host', deadlines: { ...far, ...deadlines } };
}

/** Never answers, whatever it is told. */
function deaf(): AnswerStream {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.withResolvers<IteratorResult<EventBatch>>().promise }) };
}

async function* speakThenHang(times: number): AnswerStream {
  for (let time = 0; time < times; time++) yield batch;
  yield* deaf();
}

async function faultOf(stream: AnswerStream): Promise<FlashmuxError> {
  const error: unknown = await collect(stream).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!FlashmuxError.is(error)) throw new Error(`expected a fault, got ${String(error)}`);
  return error;
}

const never = new AbortController().signal;

describe('withDeadlines', () => {
  it('passes a stream that keeps its deadlines through as it is', async () => {
    const events = await collect(
      withDeadlines(options({}), never, async function* () {
        yield batch;
        yield batch;
      }),
    );
    expect(events).toEqual([...batch, ...batch]);
  });

  it.each([
    ['first event', { firstEventMs: 20 }, 0, /first event/],
    ['pause', { idleMs: 20 }, 2, /nothing more/],
    ['whole answer', { totalMs: 20 }, 1, /complete/],
  ])(
    'a missed deadline for the %s is an upstream_timeout, even where the source does not listen',
    async (_, deadlines, times, message) => {
      let inner: AbortSignal | undefined;
      const fault = await faultOf(
        withDeadlines(options(deadlines), never, (signal) => {
          inner = signal;
          return speakThenHang(times);
        }),
      );
      expect(fault.code).toBe('upstream_timeout');
      expect(fault.message).toMatch(message);
      expect(fault.message).toContain('"host"');
      expect(inner?.reason).toBe(fault);
    },
  );

  it('says that a deadline passed, not that the source was cancelled by it', async () => {
    const fault = await faultOf(
      withDeadlines(options({ firstEventMs: 20 }), never, async function* (signal) {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        yield* [];
        throw new FlashmuxError('cancelled', 'I was cancelled');
      }),
    );
    expect(fault.code).toBe('upstream_timeout');
  });

  it('a reader who takes longer than the idle deadline is not a silent source', async () => {
    let read = 0;
    const source = withDeadlines(options({ idleMs: 30 }), never, async function* () {
      yield batch;
      yield batch;
      yield batch;
    });
    for await (const _ of source) {
      read++;
      await new Promise((resolve) => setTimeout(resolve, 80));
    }
    expect(read).toBe(3);
  });

  it('the total runs on while nobody reads', async () => {
    const reading = (async () => {
      for await (const _ of withDeadlines(options({ totalMs: 30 }), never, () => speakThenHang(2))) {
        await new Promise((resolve) => setTimeout(resolve, 80));
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'upstream_timeout' });
  });

  it('passes an abort on with its reason, and reads on what the source says last', async () => {
    const controller = new AbortController();
    const reason = new FlashmuxError('shutting_down', 'bye');
    let heard: unknown;
    const source = withDeadlines(options({}), controller.signal, async function* (signal) {
      yield batch;
      controller.abort(reason);
      heard = signal.reason;
      yield [{ kind: 'usage', usage: { input: {}, output: { total: 7 }, toolCalls: {} } }];
    });
    expect((await collect(source)).map(({ kind }) => kind)).toEqual(['answer-start', 'usage']);
    expect(heard).toBe(reason);
  });

  it('a signal that fired before opens the source with a signal that has fired', async () => {
    let aborted: boolean | undefined;
    await collect(
      withDeadlines(options({}), AbortSignal.abort(), async function* (signal) {
        aborted = signal.aborted;
        yield batch;
      }),
    );
    expect(aborted).toBe(true);
  });

  it('leaving the loop aborts the source and ends it', async () => {
    const ended = Promise.withResolvers<boolean>();
    const source = withDeadlines(options({}), never, async function* (signal) {
      try {
        for (;;) yield batch;
      } finally {
        ended.resolve(signal.aborted);
      }
    });
    for await (const _ of source) break;
    expect(await ended.promise).toBe(true);
  });

  it('leaving a source that hangs does not hang', async () => {
    for await (const _ of withDeadlines(options({}), never, () => speakThenHang(1))) break;
  });

  it('passes the fault of the source on', async () => {
    const own = new FlashmuxError('overloaded', 'too much');
    const fault = await faultOf(
      withDeadlines(options({}), never, async function* () {
        yield batch;
        throw own;
      }),
    );
    expect(fault).toBe(own);
  });
});
