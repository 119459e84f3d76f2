import { describe, expect, test } from 'vitest';
import type { AnswerEvent } from '../model/event.ts';
import { FlashmuxError } from '../model/fault.ts';
import { drain, ending, exchangeOf, open, say, start, used, type Script } from './serve.test-support.ts';

const tells: Script = async function* () {
  yield [start, { kind: 'usage', usage: { input: { total: 42 }, output: {}, toolCalls: {} } }];
  yield [open, say('Hi')];
  yield [...ending, used(40, 5)];
};
const tellsLast: Script = async function* () {
  yield [start, open, say('Hi')];
  yield [...ending, used(10, 5)];
};

function inputs(events: readonly AnswerEvent[]): readonly (number | undefined)[] {
  return events.flatMap((event) => (event.kind === 'usage' ? [event.usage.input.total] : []));
}

describe('the tokens of the input, for a caller who wants them first', () => {
  test("are the host's where it tells them before its first part, and corrected at the end", async () => {
    const { serve } = await exchangeOf(tells);
    const events = await drain(serve({ wantsInputTokens: true }));
    expect(inputs(events)).toEqual([42, 40]);
    expect(events.findIndex(({ kind }) => kind === 'usage')).toBeLessThan(events.findIndex(({ kind }) => kind === 'part-start'));
  });

  test('are counted here where it tells them last', async () => {
    const { serve } = await exchangeOf(tellsLast);
    // The counter of this exchange counts characters: the role, the word, and two ends of a line.
    expect(inputs(await drain(serve({ wantsInputTokens: true })))).toEqual(['user\nHello\n'.length, 10]);
  });

  test('are of the host that answers, where another failed after it had told its own', async () => {
    const failsLate: Script = async function* () {
      yield [start, { kind: 'usage', usage: { input: { total: 7 }, output: {}, toolCalls: {} } }];
      throw new FlashmuxError('upstream_failed', 'gone');
    };
    const { serve } = await exchangeOf(failsLate, tells);
    expect(inputs(await drain(serve({ wantsInputTokens: true })))).toEqual([42, 40]);
  });

  test('stand in the first batch, so that the head of the answer can say them', async () => {
    const { serve } = await exchangeOf(tellsLast);
    const { value: first } = await serve({ wantsInputTokens: true }).next();
    expect(first?.map(({ kind }) => kind)).toEqual(['answer-start', 'usage', 'part-start', 'part-delta']);
  });
});

test('nobody else hears of usage before the settlement', async () => {
  const { serve } = await exchangeOf(tells);
  expect(inputs(await drain(serve()))).toEqual([40]);
});
