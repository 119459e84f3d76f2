import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Answer } from '../../model/answer.ts';
import { fold } from '../../model/fold.ts';
import type { AnswerEvent } from '../../model/event.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { Usage } from '../../model/usage.ts';
import { answer, bill, usage as usages } from '../../../tests/support/arbitraries/answers.ts';
import { batchesOf, eventsOf } from '../../../tests/support/arbitraries/events.ts';
import { lawRuns } from '../../../tests/support/arbitraries/fuzz-runs.ts';
import type { Envelope } from '../codec.ts';
import { SseDecoder } from '../sse/sse-decoder.ts';
import { aiGateway } from './ai-gateway.ts';

const envelope: Envelope = {
  id: 'gen_1',
  requestId: 'req_1',
  createdAt: 1_770_000_000,
  model: 'm',
  provider: 'p',
  creditsPerUsd: 2_000_000n,
};
const request: GenerateRequest = {
  model: 'm',
  turns: [],
  tools: [],
  sampling: {},
  limits: {},
  thinking: { kind: 'unsaid' },
  form: { kind: 'unsaid' },
  delivery: { kind: 'stream' },
};
const answers = answer('ai-gateway', ['body', 'providerMetadata']);

describe.each([3, 4] as const)('the client half reads what the server half wrote, specification %i', (version) => {
  const { writeAnswer, streamWriter } = aiGateway(version).server;
  const { readAnswer, streamReader } = aiGateway(version).client;

  function readBytes(text: string, pieceBytes: number): readonly AnswerEvent[] {
    const bytes = new TextEncoder().encode(text);
    const decoder = new SseDecoder();
    const reader = streamReader();
    const events: AnswerEvent[] = [];
    for (let start = 0; start < bytes.length; start += pieceBytes) {
      for (const frame of decoder.decode(bytes.subarray(start, start + pieceBytes))) events.push(...reader.read(frame));
    }
    for (const frame of decoder.end()) events.push(...reader.read(frame));
    return [...events, ...reader.end()];
  }

  test('a whole answer comes back, its parts in their order', () => {
    fc.assert(
      fc.property(answers, (said) => {
        const body = JSON.parse(JSON.stringify(writeAnswer(said, envelope, request)));
        expect(comparable(fold(readAnswer(body)))).toEqual(comparable(enveloped(said)));
      }),
      { numRuns: lawRuns },
    );
  });

  test('a stream comes back the same way, bytes and batches split anywhere', () => {
    const streamed = answers.chain((said) =>
      eventsOf(said).chain((events) => batchesOf(events).map((batches) => ({ said, batches }))),
    );
    fc.assert(
      fc.property(streamed, fc.integer({ min: 1, max: 40 }), ({ said, batches }, pieceBytes) => {
        const writer = streamWriter(envelope, request);
        const text = batches.map((batch) => writer.write(batch)).join('') + writer.end();
        expect(comparable(fold(readBytes(text, pieceBytes)))).toEqual(comparable(enveloped(said)));
      }),
      { numRuns: lawRuns },
    );
  });

  test('usage and cost are the same in a stream and in a whole answer', () => {
    fc.assert(
      fc.property(usages, bill, (used, charged) => {
        const whole = writeAnswer({ choices: [], usage: used, bill: charged, notices: [], carried: [] }, envelope, request);
        const writer = streamWriter(envelope, request);
        const text = writer.write([{ kind: 'usage', usage: used, bill: charged }]) + writer.end();
        const finish: unknown = JSON.parse(/^data: (\{"type":"finish".*)$/m.exec(text)?.[1] ?? '{}');
        expect(finish).toMatchObject({ usage: whole['usage'], providerMetadata: whole['providerMetadata'] });
      }),
      { numRuns: 100 },
    );
  });
});

function enveloped(said: Answer): Answer {
  const { usage, bill: _, ...rest } = said;
  const [first] = said.choices;
  const plural = said.choices.length > 1 ? [oneAnswer] : [];
  return {
    ...rest,
    id: envelope.id,
    createdAt: envelope.createdAt,
    model: said.model ?? envelope.model,
    provider: said.provider ?? 'p',
    choices: first === undefined ? [] : [first],
    carried: said.carried.filter((one) => (one.answer ?? 0) === 0),
    notices: [...said.notices, ...plural],
    usage: usage === undefined ? { input: {}, output: {}, toolCalls: {} } : withoutKind(usage),
  };
}

const oneAnswer = {
  code: 'dropped',
  path: 'n',
  message: 'The gateway protocol has one answer a call; this is the first.',
} as const;

function withoutKind(usage: Usage): Usage {
  const { cacheKind, ...input } = usage.input;
  return { ...usage, input: { ...input, ...(cacheKind === 'explicit' ? { cacheKind } : {}) } };
}

/** Carried fields have no order among their places, and `usage.raw` holds what the reader did not need. */
function comparable(given: Answer): Answer {
  const { usage, ...rest } = given;
  const carried = [...rest.carried].toSorted((one, other) => one.place.localeCompare(other.place));
  if (usage === undefined) return { ...rest, carried };
  const { raw: _, ...counts } = usage;
  return { ...rest, carried, usage: counts };
}
