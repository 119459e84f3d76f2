import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FlashmuxError } from '../../model/fault.ts';
import { fuzzRuns } from '../../../tests/support/arbitraries/fuzz-runs.ts';
import type { SseFrame } from '../codec.ts';
import { SseDecoder } from './sse-decoder.ts';
import { sseComment, sseFrame } from './sse-frame.ts';

const lineText = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replaceAll(/[\r\n\uFEFF\uD800-\uDFFF]/g, '.'));
const frame = fc.record({
  event: fc.option(
    lineText.filter((text) => text !== ''),
    { nil: undefined },
  ),
  lines: fc.array(lineText, { minLength: 1, maxLength: 3 }),
});
const lineEnd = fc.constantFrom('\n', '\r\n', '\r');

test('frames are the same wherever the bytes are split and however lines end', () => {
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 4 }),
      lineEnd,
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      (frames, end, sizes) => {
        const said = frames.filter(({ lines }) => lines.join('\n') !== '');
        const text = frames
          .map(({ event, lines }) =>
            [
              ...(event === undefined ? [] : [`event: ${event}`]),
              ': note',
              'id: 1',
              ...lines.map((line) => `data: ${line}`),
              '',
              '',
            ].join(end),
          )
          .join('');
        expect(decoded(new TextEncoder().encode(text), sizes)).toEqual(
          said.map(({ event, lines }): SseFrame => ({ ...(event === undefined ? {} : { event }), data: lines.join('\n') })),
        );
      },
    ),
    { numRuns: fuzzRuns },
  );
});

test('the writer and the decoder agree', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.constantFrom(undefined, 'error', 'message_start'),
      (text, event) => {
        const data = text.replaceAll(/[\uD800-\uDFFF\uFEFF]/g, '.');
        const wanted = data.replaceAll(/\r\n|\r/g, '\n');
        const bytes = new TextEncoder().encode(sseComment('keepalive\nevent: x') + sseFrame(data, event));
        const frames = wanted === '' ? [] : [{ ...(event === undefined ? {} : { event }), data: wanted }];
        expect(decoded(bytes, [3])).toEqual(frames);
      },
    ),
    { numRuns: fuzzRuns },
  );
});

test('any bytes give frames and nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect(decoded(bytes, [5]).every((one) => one.data !== '')).toBe(true);
    }),
    { numRuns: fuzzRuns },
  );
});

test('a character split between chunks is one character', () => {
  expect(decoded(new TextEncoder().encode('data: 🙂\n\n'), [1])).toEqual([{ data: '🙂' }]);
});

test('a value without the space after the colon is read', () => {
  expect(decoded(new TextEncoder().encode('event:x\ndata:{}\n\n'), [100])).toEqual([{ event: 'x', data: '{}' }]);
});

test('the last frame counts although its blank line is missing', () => {
  const decoder = new SseDecoder();
  expect(decoder.decode(new TextEncoder().encode('data: [DONE]'))).toEqual([]);
  expect(decoder.end()).toEqual([{ data: '[DONE]' }]);
});

test('a frame beyond the limit is an upstream failure, on one line or on many', () => {
  for (const text of ['data: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'data: aaaaaaaaaa\ndata: aaaaaaaaaa\ndata: aaaaaaaaaaa\n']) {
    const decoder = new SseDecoder(24);
    expect(faultOf(() => decoder.decode(new TextEncoder().encode(text)))).toBe('upstream_failed');
  }
});

test('many frames of allowed size pass in one chunk', () => {
  const decoder = new SseDecoder(24);
  expect(decoder.decode(new TextEncoder().encode('data: aaaaaaaaaa\n\n'.repeat(100)))).toHaveLength(100);
});

function faultOf(run: () => void): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return FlashmuxError.is(error) ? error.code : error;
  }
}

function decoded(bytes: Uint8Array, sizes: readonly number[]): readonly SseFrame[] {
  const decoder = new SseDecoder();
  const frames: SseFrame[] = [];
  for (let start = 0, turn = 0; start < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    frames.push(...decoder.decode(bytes.subarray(start, start + size)));
    start += size;
  }
  return [...frames, ...decoder.end()];
}
