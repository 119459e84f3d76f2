import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Answer, Choice } from '../../model/answer.ts';
import { fold } from '../../model/fold.ts';
import type { Citation, Part } from '../../model/part.ts';
import type { Usage } from '../../model/usage.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { answer, bill, usage as usages } from '../../../tests/support/arbitraries/answers.ts';
import { batchesOf, eventsOf } from '../../../tests/support/arbitraries/events.ts';
import { lawRuns } from '../../../tests/support/arbitraries/fuzz-runs.ts';
import type { Envelope } from '../codec.ts';
import { SseDecoder } from '../sse/sse-decoder.ts';
import { openaiChat } from './openai-chat.ts';

const { writeAnswer, streamWriter } = openaiChat.server;
const { readAnswer, streamReader } = openaiChat.client;

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
  delivery: { kind: 'stream', usage: true },
};
const answers = answer('openai-chat', ['body', 'choice', 'message']);

describe('the client half reads what the server half wrote', () => {
  test('a whole answer comes back, its parts at the places of a whole message', () => {
    fc.assert(
      fc.property(answers, (said) => {
        const body = JSON.parse(JSON.stringify(writeAnswer(said, envelope)));
        expect(comparable(fold(readAnswer(body)))).toEqual(comparable(enveloped(said, asWhole)));
      }),
      { numRuns: lawRuns },
    );
  });

  test('a stream comes back with its parts in their order, bytes and batches split anywhere', () => {
    const streamed = answers.chain((said) =>
      eventsOf(said).chain((events) => batchesOf(events).map((batches) => ({ said, batches }))),
    );
    fc.assert(
      fc.property(streamed, fc.integer({ min: 1, max: 40 }), ({ said, batches }, pieceBytes) => {
        const writer = streamWriter(envelope, request);
        const text = batches.map((batch) => writer.write(batch)).join('') + writer.end();
        expect(comparable(fold(readBytes(text, pieceBytes)))).toEqual(comparable(enveloped(said, asStream)));
      }),
      { numRuns: lawRuns },
    );
  });

  test('usage and cost are the same in a stream and in a whole answer', () => {
    fc.assert(
      fc.property(usages, bill, (used, charged) => {
        const body = writeAnswer({ choices: [], usage: used, bill: charged, notices: [], carried: [] }, envelope);
        const writer = streamWriter(envelope, request);
        const [chunk] = frames(writer.write([{ kind: 'usage', usage: used, bill: charged }]) + writer.end());
        expect(JSON.parse(chunk?.data ?? '{}')).toMatchObject({ choices: [], usage: body['usage'], meta: body['meta'] });
      }),
      { numRuns: 100 },
    );
  });
});

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

function enveloped(said: Answer, sayable: (parts: readonly Part[]) => readonly Part[]): Answer {
  const { usage, ...rest } = said;
  return {
    ...rest,
    id: envelope.id,
    createdAt: envelope.createdAt,
    model: said.model ?? envelope.model,
    provider: said.provider ?? 'p',
    choices: said.choices.map((choice) => ({ ...asWord(choice), parts: sayable(choice.parts.filter(isSaid)) })),
    ...(usage === undefined ? {} : { usage: asNumbers(usage) }),
  };
}

/** Carried fields have no order among their places, and `usage.raw` holds what the reader did not need. */
function comparable(given: Answer): Answer {
  const { usage, ...rest } = given;
  const carried = [...rest.carried].toSorted((one, other) => keyOf(one).localeCompare(keyOf(other)));
  if (usage === undefined) return { ...rest, carried };
  const { raw: _, ...counts } = usage;
  return { ...rest, carried, usage: counts };
}

function keyOf(carried: Answer['carried'][number]): string {
  return `${carried.place} ${carried.answer ?? ''}`;
}

/** `other` is written as `stop` with the host's word beside it. */
function asWord(choice: Choice): Choice {
  return choice.reason === 'other' ? { ...choice, reason: 'stop' } : choice;
}

function isSaid(part: Part): boolean {
  return part.kind !== 'tool-call' || part.ranBy === 'caller';
}

/** The two numbers that are always there; an implicit cache has no word. */
function asNumbers(usage: Usage): Usage {
  const { cacheKind, ...input } = usage.input;
  const kind = cacheKind === 'explicit' ? { cacheKind } : {};
  return {
    ...usage,
    input: { ...input, cacheRead: input.cacheRead ?? 0, ...kind },
    output: { ...usage.output, reasoning: usage.output.reasoning ?? 0 },
  };
}

/** One text, one refusal and one sound, in the order of a message; thoughts stay apart. */
function asWhole(parts: readonly Part[]): readonly Part[] {
  const ofKind = (kind: Part['kind']): readonly Part[] => parts.filter((part) => part.kind === kind);
  return [
    ...ofKind('reasoning'),
    ...ofKind('text').reduce(joined, []),
    ...ofKind('refusal').reduce(joined, []),
    ...ofKind('media'),
    ...ofKind('tool-call'),
  ];
}

/** Neighbours of one kind are one part, but not after a seal; a sound runs beside the others and does not part them. */
function asStream(parts: readonly Part[]): readonly Part[] {
  return parts.reduce<readonly Part[]>((list, part) => {
    const before = list.findLast((other) => other.kind !== 'media');
    const [one, two] = before === undefined || isSealed(before) ? [undefined, part] : joined([before], part);
    return one === undefined || two !== undefined ? [...list, part] : list.map((other) => (other === before ? one : other));
  }, []);
}

function isSealed(part: Part): boolean {
  return part.kind === 'reasoning' && part.seal !== undefined;
}

function joined(list: readonly Part[], part: Part): readonly Part[] {
  const before = list[0];
  if (before === undefined) return [part];
  if (before.kind === 'text' && part.kind === 'text') {
    const moved = (part.citations ?? []).map((one): Citation => shifted(one, before.text.length));
    const citations = [...(before.citations ?? []), ...moved];
    return [
      { ...before, text: before.text + part.text, ...logprobsOf(before, part), ...(citations.length === 0 ? {} : { citations }) },
    ];
  }
  if (before.kind === 'refusal' && part.kind === 'refusal')
    return [{ ...before, text: before.text + part.text, ...logprobsOf(before, part) }];
  if (before.kind === 'reasoning' && part.kind === 'reasoning') return [{ ...part, text: before.text + part.text }];
  return [...list, part];
}

function shifted(citation: Citation, by: number): Citation {
  return { ...citation, startIndex: citation.startIndex + by, endIndex: citation.endIndex + by };
}

function logprobsOf(one: Extract<Part, { kind: 'text' | 'refusal' }>, other: typeof one): Pick<typeof one, 'logprobs'> {
  const logprobs = [...(one.logprobs ?? []), ...(other.logprobs ?? [])];
  return logprobs.length === 0 ? {} : { logprobs };
}
