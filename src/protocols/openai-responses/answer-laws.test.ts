import fc from 'fast-check';
import { accumulateResponse as gather7 } from 'openai/lib/responses/ResponseAccumulator';
import { accumulateResponse as gather6 } from 'openai-6/lib/responses/ResponseAccumulator';
import type { Response as Response7 } from 'openai/resources/responses/responses';
import type { Response as Response6 } from 'openai-6/resources/responses/responses';
import { describe, expect, test } from 'vitest';
import type { Answer, Choice } from '../../model/answer.ts';
import type { AnswerEvent } from '../../model/event.ts';
import { fold } from '../../model/fold.ts';
import type { Part, TokenLogprob } from '../../model/part.ts';
import { unfold } from '../../model/stream.ts';
import type { Usage } from '../../model/usage.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { answer, bill } from '../../../tests/support/arbitraries/answers.ts';
import { batchesOf, eventsOf } from '../../../tests/support/arbitraries/events.ts';
import { lawRuns } from '../../../tests/support/arbitraries/fuzz-runs.ts';
import type { Envelope } from '../codec.ts';
import { SseDecoder } from '../sse/sse-decoder.ts';
import { openaiResponses } from './openai-responses.ts';

const { writeAnswer, streamWriter } = openaiResponses.server;
const { readAnswer, streamReader } = openaiResponses.client;

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
const answers = answer('openai-responses', ['body']).map(oneChoice);
const overlapping = fc
  .tuple(answers, fc.infiniteStream(fc.nat({ max: 30 })))
  .map(([said, dice]) => ({ said, events: overlapped(said, dice) }));

describe('the client half reads what the server half wrote', () => {
  test('a whole answer comes back', () => {
    fc.assert(
      fc.property(answers, (said) => {
        const body = JSON.parse(JSON.stringify(writeAnswer(said, envelope)));
        expect(comparable(fold(readAnswer(body)))).toEqual(comparable(enveloped(said)));
      }),
      { numRuns: lawRuns },
    );
  });

  test('a stream comes back, bytes and batches split anywhere', () => {
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

  test('parts that are open at the same time come back apart', () => {
    fc.assert(
      fc.property(overlapping, ({ said, events }) => {
        const writer = streamWriter(envelope, request);
        const text = events.map((event) => writer.write([event])).join('') + writer.end();
        expect(comparable(fold(readBytes(text, 1000)))).toEqual(comparable(enveloped(said)));
      }),
      { numRuns: lawRuns },
    );
  });

  test.each([
    ['openai 7', accumulate7],
    ['openai 6', accumulate6],
  ])('%s gathers the events of any stream into the response that its last event holds', (_, accumulate) => {
    fc.assert(
      fc.property(overlapping, ({ events }) => {
        const writer = streamWriter(envelope, request);
        const text = writer.write(events) + writer.end();
        const told = frames(text).map(({ data }) => data);
        expect(JSON.parse(told.at(-1) ?? '{}')).toMatchObject({ response: { output: accumulate(told.slice(0, -1)) } });
      }),
      { numRuns: Math.ceil(lawRuns / 4) },
    );
  });

  test('the last event of a stream holds the whole answer', () => {
    fc.assert(
      fc.property(answers, bill, (said, charged) => {
        const whole = said.usage === undefined ? said : { ...said, bill: charged };
        const writer = streamWriter(envelope, request);
        const told = frames(writer.write(unfold(whole)) + writer.end());
        const last: unknown = JSON.parse(told.at(-1)?.data ?? '{}');
        expect(last).toMatchObject({ response: JSON.parse(JSON.stringify(writeAnswer(whole, envelope, request))) });
      }),
      { numRuns: 100 },
    );
  });
});

/** The output that the client of openai gathers from the events. */
function accumulate7(told: readonly string[]): unknown {
  let response: Response7 | undefined;
  for (const data of told) response = gather7(JSON.parse(data), response);
  return JSON.parse(JSON.stringify(response?.output ?? null));
}

function accumulate6(told: readonly string[]): unknown {
  let response: Response6 | undefined;
  for (const data of told) response = gather6(JSON.parse(data), response);
  return JSON.parse(JSON.stringify(response?.output ?? null));
}

/** The events of an answer with its parts overlapping: they begin in their order, and go on and end in any. */
function overlapped(said: Answer, dice: Iterator<number>): readonly AnswerEvent[] {
  const events = unfold(said);
  const queues: AnswerEvent[][] = [];
  for (const event of events) if ('index' in event) (queues[event.index] ??= []).push(event);
  const mixed: AnswerEvent[] = [];
  for (let begun = 1; queues.some((queue) => queue.length > 0);) {
    const roll = dice.next().value ?? 0;
    if (roll % 3 === 0 && begun < queues.length) begun += 1;
    // A part that has not begun waits for all before it.
    const running = queues.slice(0, begun);
    const next = running.find((queue) => queue[0]?.kind === 'part-start') ?? running[roll % running.length];
    const event = next?.shift();
    if (event !== undefined) mixed.push(event);
  }
  const rest = events.filter((event) => !('index' in event));
  const end = rest.findIndex((event) => event.kind === 'answer-end');
  const at = end === -1 ? rest.length : end;
  return [...rest.slice(0, at), ...mixed, ...rest.slice(at)];
}

function frames(text: string): readonly { readonly data: string }[] {
  const decoder = new SseDecoder();
  return [...decoder.decode(new TextEncoder().encode(text)), ...decoder.end()];
}

function readBytes(text: string, pieceBytes: number): ReturnType<typeof readAnswer> {
  const bytes = new TextEncoder().encode(text);
  const decoder = new SseDecoder();
  const reader = streamReader();
  const events = [];
  for (let start = 0; start < bytes.length; start += pieceBytes) {
    for (const frame of decoder.decode(bytes.subarray(start, start + pieceBytes))) events.push(...reader.read(frame));
  }
  for (const frame of decoder.end()) events.push(...reader.read(frame));
  return [...events, ...reader.end()];
}

/** The answer as this wire can say it (losses.ts). */
function enveloped(said: Answer): Answer {
  const { usage, ...rest } = said;
  return {
    ...rest,
    id: envelope.id,
    createdAt: envelope.createdAt,
    model: said.model ?? envelope.model,
    provider: said.provider ?? 'p',
    choices: said.choices.map(({ parts, reason: _, ...end }) => ({
      parts: parts.filter(isSaid).map(asSaid),
      ...reasonOf(said),
      ...end,
    })),
    ...(usage === undefined ? {} : { usage: asNumbers(usage) }),
  };
}

/** A completed response ended for its calls where it has some. */
function reasonOf({ choices: [choice] }: Answer): Pick<Choice, 'reason'> {
  const calls = choice?.parts.some((part) => part.kind === 'tool-call' && part.ranBy === 'caller') === true;
  if (choice?.reason === 'length' || choice?.reason === 'content-filter') return { reason: choice.reason };
  return { reason: calls ? 'tool-calls' : 'stop' };
}

/** What a server ran comes back as an item of the host, media do not; both are tested in write-answer.test.ts. */
function isSaid(part: Part): boolean {
  return part.kind !== 'media' && (part.kind !== 'tool-call' || part.ranBy === 'caller');
}

function asSaid(part: Part): Part {
  if (part.kind === 'text' && part.logprobs !== undefined) return { ...part, logprobs: part.logprobs.map(withBytes) };
  if (part.kind !== 'refusal') return part;
  const { logprobs: _, ...rest } = part;
  return rest;
}

function withBytes(entry: TokenLogprob): TokenLogprob {
  return { ...entry, bytes: entry.bytes ?? [], top: entry.top.map((one) => ({ ...one, bytes: one.bytes ?? [] })) };
}

/** The three numbers that are always there; an implicit cache has no word. */
function asNumbers(usage: Usage): Usage {
  const { cacheKind, ...input } = usage.input;
  return {
    ...usage,
    input: {
      ...input,
      cacheRead: input.cacheRead ?? 0,
      cacheWrite: input.cacheWrite ?? 0,
      ...(cacheKind === 'explicit' ? { cacheKind } : {}),
    },
    output: { ...usage.output, reasoning: usage.output.reasoning ?? 0 },
  };
}

/** A response is one answer, in which no part that the wire cannot say stands. */
function oneChoice(said: Answer): Answer {
  const [first = { parts: [] }] = said.choices;
  return { ...said, choices: [{ ...first, parts: first.parts.filter(isSaid) }] };
}

/** Without the ids that the writer made, and `usage.raw`, which holds what the reader did not need. */
function comparable(given: Answer): Answer {
  const { usage, choices, ...rest } = given;
  const plain = choices.map((choice) => ({ ...choice, parts: choice.parts.map(withoutId) }));
  if (usage === undefined) return { ...rest, choices: plain };
  const { raw: _, ...counts } = usage;
  return { ...rest, choices: plain, usage: counts };
}

function withoutId(part: Part): Part {
  const { itemId: _, ...rest } = part;
  return rest;
}
