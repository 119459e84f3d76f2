import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnswerEvent } from '../../model/event.ts';
import { fold } from '../../model/fold.ts';
import type { TokenLogprob } from '../../model/part.ts';
import { InlineThink } from './inline-think.ts';

const openText: AnswerEvent = { kind: 'part-start', answer: 0, index: 0, part: { kind: 'text' } };
const closeText: AnswerEvent = { kind: 'part-end', answer: 0, index: 0 };
const stop: AnswerEvent = { kind: 'answer-end', answer: 0, reason: 'stop' };

function say(text: string, index = 0): AnswerEvent {
  return { kind: 'part-delta', answer: 0, index, delta: { kind: 'text', text } };
}

/** What comes out where each event comes in a batch of its own. */
function split(events: readonly AnswerEvent[]): AnswerEvent[] {
  const splitter = new InlineThink();
  return [...events.flatMap((event) => splitter.take([event])), ...splitter.flush()];
}

function partsOf(events: readonly AnswerEvent[]): readonly unknown[] {
  return fold(events).choices[0]?.parts ?? [];
}

function partsOfText(pieces: readonly string[]): readonly unknown[] {
  return partsOf(split([openText, ...pieces.map((piece) => say(piece)), closeText, stop]));
}

const second = (event: AnswerEvent): AnswerEvent => ('answer' in event ? { ...event, answer: 1 } : event);
const token = (word: string): TokenLogprob => ({ token: word, logprob: -1, bytes: null, top: [] });
const thought = (text: string): unknown => ({ kind: 'reasoning', text });
const text = (words: string): unknown => ({ kind: 'text', text: words });

describe('InlineThink', () => {
  it.each([
    ['<think>\nHm.\n</think>\n\nYes.', [thought('Hm.'), text('Yes.')]],
    ['  \n<think>Hm.</think>Yes.', [thought('Hm.'), text('Yes.')]],
    ['<think></think>Yes.', [text('Yes.')]],
    ['<think>\n\n</think>\n\nYes.', [text('Yes.')]],
    ['<think>\nOne.\n\nTwo.\n</think>Yes.', [thought('One.\n\nTwo.'), text('Yes.')]],
    ['<think>Hm. a < b </thin </think>Yes </think> no', [thought('Hm. a < b </thin '), text('Yes </think> no')]],
    ['<think>\n\nHm.\n\n</think>Yes.', [thought('\nHm.\n'), text('Yes.')]],
    ['<think>never closed', [thought('never closed')]],
    ['<think>never closed </thi', [thought('never closed </thi')]],
    ['<think>only a thought</think>\n', [thought('only a thought')]],
    ['No tag at all', [text('No tag at all')]],
    ['Say <think>x</think> later', [text('Say <think>x</think> later')]],
    ['<thinking>is another tag', [text('<thinking>is another tag')]],
    ['<thi', [text('<thi')]],
    ['  ', [text('  ')]],
  ])('makes of %j the same parts wherever it is split', (whole, parts) => {
    expect(partsOfText([whole])).toEqual(parts);
    expect(partsOfText(whole.split(''))).toEqual(parts);
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length)), (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
        const pieces = places.slice(1).map((end, index) => whole.slice(places[index], end));
        expect(partsOfText(pieces)).toEqual(parts);
      }),
      { numRuns: 50 },
    );
  });

  it('leaves any text alone that does not begin with the tag', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (pieces) => {
        fc.pre(!pieces.join('').trimStart().startsWith('<think>'));
        expect(partsOfText(pieces)).toEqual([text(pieces.join(''))]);
      }),
    );
  });

  it('does not hold words back that cannot be a tag', () => {
    const splitter = new InlineThink();
    expect(splitter.take([openText, say('Hello')]).map(({ kind }) => kind)).toEqual(['part-start', 'part-delta']);
    expect(splitter.take([say(' <think>')])).toHaveLength(1);
  });

  it('counts the parts behind a thought anew', () => {
    const call = { kind: 'tool-call', callId: 'c', name: 'f', ranBy: 'caller' } as const;
    const events: AnswerEvent[] = [
      openText,
      say('<think>Hm.</think>Yes.'),
      closeText,
      { kind: 'part-start', answer: 0, index: 1, part: call },
      { kind: 'part-delta', answer: 0, index: 1, delta: { kind: 'arguments', text: '{}' } },
      { kind: 'part-end', answer: 0, index: 1 },
    ];
    expect(partsOf(split(events))).toEqual([thought('Hm.'), text('Yes.'), { ...call, argumentsText: '{}' }]);
  });

  it('a thought with nothing behind it leaves no empty text before a call', () => {
    const call = { kind: 'tool-call', callId: 'c', name: 'f', ranBy: 'caller' } as const;
    const events: AnswerEvent[] = [
      openText,
      say('<think>Hm.</think>\n\n'),
      closeText,
      { kind: 'part-start', answer: 0, index: 1, part: call },
    ];
    expect(partsOf(split(events))).toEqual([thought('Hm.'), { ...call, argumentsText: '' }]);
  });

  it('text that is still undecided comes out before another part starts', () => {
    const events: AnswerEvent[] = [
      openText,
      say('<thi'),
      { kind: 'part-start', answer: 0, index: 1, part: { kind: 'refusal' } },
      say('no', 1),
    ];
    expect(partsOf(split(events))).toEqual([text('<thi'), { kind: 'refusal', text: 'no' }]);
  });

  it('does nothing where the host sends reasoning by itself', () => {
    const events: AnswerEvent[] = [
      { kind: 'part-start', answer: 0, index: 0, part: { kind: 'reasoning' } },
      { kind: 'part-end', answer: 0, index: 0 },
      { kind: 'part-start', answer: 0, index: 1, part: { kind: 'text' } },
      say('<think>x</think>', 1),
      { kind: 'part-end', answer: 0, index: 1 },
    ];
    expect(split(events)).toEqual(events);
  });

  it('keeps answers apart', () => {
    const answer = fold(
      split([openText, second(openText), say('<think>a'), second(say('b')), say('</think>c'), second(say('d'))]),
    );
    expect(answer.choices.map(({ parts }) => parts)).toEqual([[thought('a'), text('c')], [text('bd')]]);
  });

  it('keeps the probabilities of the tokens that stay text, and no others', () => {
    const delta = (...words: string[]): AnswerEvent => ({
      kind: 'part-delta',
      answer: 0,
      index: 0,
      delta: { kind: 'text', text: words.join(''), logprobs: words.map((word) => token(word)) },
    });
    const events = [openText, delta('<think>', 'Hm'), delta('.', '</think>', '\n\n', 'Yes', '.'), delta(' No'), closeText];
    expect(partsOf(split(events))).toEqual([
      thought('Hm.'),
      { kind: 'text', text: 'Yes. No', logprobs: [token('Yes'), token('.'), token(' No')] },
    ]);
  });
});
