import fc from 'fast-check';
import { accumulateResponse } from 'openai/lib/responses/ResponseAccumulator';
import type { Response } from 'openai/resources/responses/responses';
import { expect, test } from 'vitest';
import type { Answer } from '../../model/answer.ts';
import type { JsonObject } from '../../model/json.ts';
import { answer } from '../../../tests/support/arbitraries/answers.ts';
import { lawRuns } from '../../../tests/support/arbitraries/fuzz-runs.ts';
import type { Envelope } from '../../protocols/codec.ts';
import { writeAnswer } from '../../protocols/openai-responses/write-answer.ts';
import { replayedEvents } from './replayed-events.ts';
import { eventFrame, eventTexts } from './response-call.ts';

const envelope: Envelope = { id: 'resp_1', requestId: 'req_1', createdAt: 1_770_000_000, model: 'm', creditsPerUsd: 1n };
const responses = answer('openai-responses', ['body']).map((said): JsonObject => {
  const one: Answer = { ...said, choices: said.choices.slice(0, 1) };
  return JSON.parse(JSON.stringify(writeAnswer(one, envelope)));
});

test('what OpenAI’s client gathers from the replay of a response is the response', () => {
  fc.assert(
    fc.property(responses, (response) => {
      let gathered: Response | undefined;
      for (const event of replayedEvents(response)) gathered = accumulateResponse(JSON.parse(JSON.stringify(event)), gathered);
      const { id, status, output } = response;
      expect(JSON.parse(JSON.stringify(gathered ?? null))).toMatchObject({ id, status, output });
    }),
    { numRuns: lawRuns },
  );
});

test('the events of a replay are numbered from 0 and begin and end with the response', () => {
  fc.assert(
    fc.property(responses, (response) => {
      const events = replayedEvents(response);
      expect(events.map((event) => event['sequence_number'])).toEqual(events.map((_, number) => number));
      expect(events.slice(0, 2).map(({ type }) => type)).toEqual(['response.created', 'response.in_progress']);
      expect(events.at(-1)).toEqual({
        type: `response.${textOf(response['status'])}`,
        sequence_number: events.length - 1,
        response,
      });
    }),
    { numRuns: lawRuns },
  );
});

test('an event is taken out of its frame and put back as it was', () => {
  fc.assert(
    fc.property(responses, (response) => {
      const texts = replayedEvents(response).map((event) => JSON.stringify(event));
      expect(eventTexts(texts.map(eventFrame).join(''))).toEqual(texts);
    }),
    { numRuns: lawRuns },
  );
});

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
