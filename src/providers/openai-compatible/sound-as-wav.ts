import type { AnswerEvent, AnswerStream, EventBatch } from '../../model/event.ts';
import type { Provider } from '../../model/ports.ts';
import { wavHeader } from './wav-header.ts';

/**
 * For hosts that stream sound as bare samples of 16 bits: callers who asked for anything but such samples get a WAV file, whose header
 * goes before the first piece. In a whole answer it tells the length, so the pieces wait for the last one; in a stream it cannot.
 */
export function soundAsWav(provider: Provider, hertz: number): Provider {
  return {
    ...provider,
    run(attempt, signal) {
      const { audio, delivery } = attempt.request;
      const stream = provider.run(attempt, signal);
      if (audio === undefined || audio.format === 'pcm16') return stream;
      return framed(stream, new WavFraming(hertz, delivery.kind === 'whole'));
    },
  };
}

async function* framed(stream: AnswerStream, framing: WavFraming): AnswerStream {
  for await (const batch of stream) yield framing.take(batch);
}

class WavFraming {
  readonly #hertz: number;
  readonly #isWhole: boolean;
  /** Bytes of each open sound that were not given out yet, by answer and part. */
  readonly #waiting = new Map<string, Uint8Array[]>();

  constructor(hertz: number, isWhole: boolean) {
    this.#hertz = hertz;
    this.#isWhole = isWhole;
  }

  take(batch: EventBatch): EventBatch {
    return batch.flatMap((event): readonly AnswerEvent[] => {
      if (event.kind === 'part-delta' && event.delta.kind === 'media') {
        const { base64, ...rest } = event.delta;
        if (base64 === undefined) return [event];
        const piece = this.#piece(`${event.answer}.${event.index}`, Buffer.from(base64, 'base64'));
        const delta = { ...rest, ...(piece === '' ? {} : { base64: piece }) };
        return piece === '' && rest.transcript === undefined ? [] : [{ ...event, delta }];
      }
      if (event.kind !== 'part-end') return [event];
      const last = this.#last(`${event.answer}.${event.index}`);
      if (last === '') return [event];
      return [{ kind: 'part-delta', answer: event.answer, index: event.index, delta: { kind: 'media', base64: last } }, event];
    });
  }

  #piece(key: string, samples: Uint8Array): string {
    const before = this.#waiting.get(key) ?? (this.#isWhole ? [] : [wavHeader(this.#hertz)]);
    if (this.#isWhole) {
      before.push(samples);
      this.#waiting.set(key, before);
      return '';
    }
    const bytes = Buffer.concat([...before, samples]);
    // Pieces of base64 are joined as text by whoever gets them, so only the last one may have padding.
    const even = bytes.length - (bytes.length % 3);
    this.#waiting.set(key, [bytes.subarray(even)]);
    return bytes.toString('base64', 0, even);
  }

  #last(key: string): string {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return '';
    this.#waiting.delete(key);
    const bytes = Buffer.concat(waiting);
    return (this.#isWhole ? Buffer.concat([wavHeader(this.#hertz, bytes.length), bytes]) : bytes).toString('base64');
  }
}
