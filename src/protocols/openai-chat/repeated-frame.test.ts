import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { AnswerEvent } from '../../model/event.ts';
import { isJsonObject, type Json } from '../../model/json.ts';
import { BodyReader } from './body-reader.ts';
import { streamReader } from './stream-reader.ts';

/** What a reader says that parses every frame. */
function parsed(frames: readonly string[]): AnswerEvent[] {
  const body = new BodyReader();
  return frames.flatMap((frame) => {
    const chunk: Json = JSON.parse(frame);
    return isJsonObject(chunk) ? body.read(chunk) : [];
  });
}

function read(frames: readonly string[]): AnswerEvent[] {
  const reader = streamReader();
  return frames.flatMap((data) => reader.read({ data }));
}

/** Words that also stand elsewhere in a frame, that need escapes, and that look like more JSON. */
const word = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ' the',
      ' quick',
      'content',
      'choices',
      'index',
      'a',
      '',
      'é',
      '三',
      '\n',
      '"',
      '\\',
      '","x":"',
      '\u2028',
    ),
  },
  fc.string({ maxLength: 6, unit: 'binary' }),
);

const delta = fc.oneof(
  { weight: 8, arbitrary: word.map((text) => ({ content: text })) },
  { weight: 3, arbitrary: word.map((text) => ({ reasoning_content: text })) },
  { weight: 2, arbitrary: word.map((text) => ({ content: '', reasoning: text })) },
  { weight: 1, arbitrary: word.map((text) => ({ reasoning: text, reasoning_content: text })) },
  { weight: 1, arbitrary: word.map((text) => ({ refusal: text })) },
  { weight: 1, arbitrary: fc.tuple(word, word).map(([content, unknown]) => ({ content, unknown })) },
  { weight: 1, arbitrary: fc.constant({ tool_calls: [{ index: 0, id: 'c', function: { name: 'f', arguments: '{}' } }] }) },
  { weight: 1, arbitrary: fc.constant({ role: 'assistant', content: null }) },
);

const choice = fc.record(
  {
    index: fc.constantFrom(0, 0, 0, 1),
    delta,
    finish_reason: fc.constantFrom(null, null, null, 'stop'),
    logprobs: fc.constantFrom(null, { content: [{ token: 'a', logprob: -1, bytes: [97], top_logprobs: [] }] }),
  },
  { requiredKeys: ['delta'] },
);

const chunk = fc.record(
  {
    id: fc.constantFrom('1', '1', '1', '2'),
    choices: fc.array(choice, { minLength: 1, maxLength: 2 }),
    service_tier: fc.constantFrom('default', 'flex'),
    usage: fc.constantFrom(null, null, { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }),
  },
  { requiredKeys: ['choices'] },
);

/** One way of writing a frame for a stretch of the stream, as hosts have. */
const stretch = fc.tuple(chunk, fc.array(word, { maxLength: 6 }), fc.constantFrom(0, 1)).map(([first, words, indent]) => {
  const [only] = first.choices;
  const more = words.map((text) => ({ ...first, choices: [{ ...only, delta: { content: text } }] }));
  const text = indent === 0 ? JSON.stringify : (value: unknown): string => JSON.stringify(value, undefined, 1);
  return [first, ...more].map((value) => text(value));
});

describe('a stream of frames that differ in a word', () => {
  it('says what its frames say when each is parsed', () => {
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 8 }), (stretches) => {
        const frames = stretches.flat();
        expect(read(frames)).toEqual(parsed(frames));
      }),
      { numRuns: Number(process.env['FLASHMUX_FUZZ_RUNS'] ?? 3_000) },
    );
  });

  it('parses the first frames only', () => {
    const frames = Array.from({ length: 50 }, (_, index) =>
      JSON.stringify({ id: 'x', choices: [{ index: 0, delta: { content: ` word ${index}` }, finish_reason: null }] }),
    );
    const parse = vi.spyOn(JSON, 'parse');
    try {
      const said = read(frames);
      // The first opens the part, the second is learnt from, and tried with another word.
      expect(parse).toHaveBeenCalledTimes(3);
      expect(said.filter(({ kind }) => kind === 'part-delta')).toHaveLength(50);
    } finally {
      parse.mockRestore();
    }
  });

  it('gives up learning from a host that changes something else in every frame', () => {
    const frames = Array.from({ length: 50 }, (_, index) =>
      JSON.stringify({ id: `x${index}`, choices: [{ index: 0, delta: { content: ` word ${index}` }, finish_reason: null }] }),
    );
    const parse = vi.spyOn(JSON, 'parse');
    try {
      expect(read(frames)).toHaveLength(52);
      expect(parse).toHaveBeenCalledTimes(58);
    } finally {
      parse.mockRestore();
    }
  });
});
