import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnswerEvent, EventBatch } from '../../model/event.ts';
import { fold } from '../../model/fold.ts';
import type { Provider } from '../../model/ports.ts';
import type { Delivery } from '../../model/request.ts';
import { attemptOf, requestOf } from '../attempt.test-support.ts';
import { soundAsWav } from './sound-as-wav.ts';

const start: AnswerEvent = { kind: 'part-start', answer: 0, index: 0, part: { kind: 'media', medium: 'audio' } };
const end: AnswerEvent = { kind: 'part-end', answer: 0, index: 0 };
const stop: AnswerEvent = { kind: 'answer-end', answer: 0, reason: 'stop' };

/** A host that says these samples in pieces of this many bytes, each with a word. */
function speaking(samples: Uint8Array, pieceBytes: number): Provider {
  const pieces: AnswerEvent[] = [];
  for (let from = 0; from < samples.length; from += pieceBytes) {
    const base64 = Buffer.from(samples.subarray(from, from + pieceBytes)).toString('base64');
    pieces.push({ kind: 'part-delta', answer: 0, index: 0, delta: { kind: 'media', base64, transcript: 'la' } });
  }
  return {
    name: 'host',
    cancellable: true,
    async *run() {
      yield [start];
      for (const piece of pieces) yield [piece];
      yield [end, stop];
    },
  };
}

async function heard(provider: Provider, format: string, delivery: Delivery): Promise<{ events: AnswerEvent[]; bytes: Buffer }> {
  const request = requestOf('sing', { modalities: ['text', 'audio'], audio: { format, voice: 'Tina' }, delivery });
  const batches: EventBatch[] = [];
  for await (const batch of soundAsWav(provider, 24_000).run(attemptOf(request), new AbortController().signal))
    batches.push(batch);
  const events = batches.flat();
  const part = fold(events).choices[0]?.parts[0];
  const base64 = part?.kind === 'media' && part.source.kind === 'bytes' ? part.source.base64 : '';
  return { events, bytes: Buffer.from(base64, 'base64') };
}

const whole: Delivery = { kind: 'whole', said: true };
const stream: Delivery = { kind: 'stream' };
const sizes = fc.tuple(fc.uint8Array({ minLength: 2, maxLength: 300 }), fc.constantFrom(3, 6, 30));

describe('sound of a host that streams samples', () => {
  it('is a WAV file with its length in a whole answer', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async ([samples, piece]) => {
        const { bytes } = await heard(speaking(samples, piece), 'wav', whole);
        expect(bytes.subarray(0, 4).toString()).toBe('RIFF');
        expect(bytes.readUInt32LE(4)).toBe(bytes.length - 8);
        expect(bytes.readUInt32LE(24)).toBe(24_000);
        expect(bytes.readUInt32LE(40)).toBe(samples.length);
        expect(bytes.subarray(44)).toEqual(Buffer.from(samples));
      }),
      { numRuns: 50 },
    );
  });

  it('is one without a length in a stream, and comes as it is spoken', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async ([samples, piece]) => {
        const { bytes, events } = await heard(speaking(samples, piece), 'wav', stream);
        expect([bytes.readUInt32LE(4), bytes.readUInt32LE(40)]).toEqual([0xff_ff_ff_ff, 0xff_ff_ff_ff]);
        expect(bytes.subarray(44)).toEqual(Buffer.from(samples));
        // Every piece leaves but for the two bytes that a later one completes.
        const first = events.find((event) => event.kind === 'part-delta');
        const length = first?.delta.kind === 'media' ? Buffer.from(first.delta.base64 ?? '', 'base64').length : 0;
        expect(length).toBeGreaterThan(44 + Math.min(piece, samples.length) - 3);
      }),
      { numRuns: 50 },
    );
  });

  it('keeps every word of the transcript', async () => {
    const { events } = await heard(speaking(new Uint8Array(12), 3), 'wav', whole);
    expect(fold(events).choices[0]?.parts).toMatchObject([{ kind: 'media', transcript: 'lalalala' }]);
  });

  it.each([whole, stream])('is left alone for callers who asked for samples: %j', async (delivery) => {
    const samples = Uint8Array.from([1, 2, 3, 4, 5, 6]);
    expect((await heard(speaking(samples, 3), 'pcm16', delivery)).bytes).toEqual(Buffer.from(samples));
  });

  it('is no file where nothing was spoken', async () => {
    const { bytes } = await heard(speaking(new Uint8Array(0), 3), 'wav', whole);
    expect(bytes.length).toBe(0);
  });
});
