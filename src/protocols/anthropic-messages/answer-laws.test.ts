import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chargeLines } from '../../metering/charge-lines.ts';
import type { Answer, Choice } from '../../model/answer.ts';
import { fold } from '../../model/fold.ts';
import { isJsonObject, parseJson } from '../../model/json.ts';
import type { Part } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { Usage } from '../../model/usage.ts';
import { answer, bill, usage as anyUsage } from '../../../tests/support/arbitraries/answers.ts';
import { batchesOf, eventsOf } from '../../../tests/support/arbitraries/events.ts';
import { lawRuns } from '../../../tests/support/arbitraries/fuzz-runs.ts';
import type { Envelope } from '../codec.ts';
import { openaiChat } from '../openai-chat/openai-chat.ts';
import { SseDecoder } from '../sse/sse-decoder.ts';
import { anthropicMessages } from './anthropic-messages.ts';

const { writeAnswer, streamWriter } = anthropicMessages.server;
const { readAnswer, streamReader } = anthropicMessages.client;

const envelope: Envelope = { id: 'gen_1', requestId: 'req_1', createdAt: 1, model: 'm', provider: 'p', creditsPerUsd: 1n };
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

/** Usage whose parts do not exceed their totals, as law 5 has it. */
const usages = anyUsage.map((used): Usage => ({
  ...used,
  input: { ...used.input, total: (used.input.total ?? 0) + (used.input.cacheRead ?? 0) + (used.input.cacheWrite ?? 0) },
  output: { ...used.output, total: (used.output.total ?? 0) + (used.output.reasoning ?? 0) },
}));
const answers = fc
  .tuple(answer('anthropic-messages', ['message']), usages)
  .map(([said, used]): Answer => (said.usage === undefined ? said : { ...said, usage: used }));

describe('the client half reads what the server half wrote', () => {
  test('a whole answer comes back, its parts in their order', () => {
    fc.assert(
      fc.property(answers, (said) => {
        const body = JSON.parse(JSON.stringify(writeAnswer(said, envelope)));
        expect(comparable(fold(readAnswer(body)))).toEqual(comparable(enveloped(said, canonical)));
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
        expect(comparable(fold(readBytes(text, pieceBytes)))).toEqual(comparable(enveloped(said, unlessEmpty)));
      }),
      { numRuns: lawRuns },
    );
  });

  test('usage and cost are the same in a stream and in a whole answer', () => {
    fc.assert(
      fc.property(usages, bill, (used, charged) => {
        const body = writeAnswer({ choices: [], usage: used, bill: charged, notices: [], carried: [] }, envelope);
        const writer = streamWriter(envelope, request);
        const text = writer.write([{ kind: 'usage', usage: used, bill: charged }]) + writer.end();
        const last = framesOf(text).find((frame) => frame['type'] === 'message_delta')?.['usage'];
        const { inference_geo: _, service_tier: __, speed: ___, ...whole } = isJsonObject(body['usage']) ? body['usage'] : {};
        expect(last).toEqual(whole);
      }),
      { numRuns: 100 },
    );
  });
});

describe('input_tokens', () => {
  test('are what no cache had a part in: the three of the wire add up to our total, and back', () => {
    fc.assert(
      fc.property(usages, (used) => {
        const written = writeAnswer({ choices: [], usage: used, notices: [], carried: [] }, envelope)['usage'];
        const {
          input_tokens: plain,
          cache_read_input_tokens: read,
          cache_creation_input_tokens: write,
        } = isJsonObject(written) ? written : {};
        expect(Number(plain) + Number(read ?? 0) + Number(write ?? 0)).toBe(used.input.total);
        expect(fold(readAnswer({ content: [], usage: written ?? null })).usage?.input.total).toBe(used.input.total);
      }),
      { numRuns: lawRuns },
    );
  });

  test("price the same read from Anthropic's form as from OpenAI's", () => {
    const list = {
      id: 'list',
      from: '2026-01-01',
      tiers: [
        {
          rates: {
            'input-text': { usd: '0.1', per: 1_000_000 },
            'input-image': { usd: '0.2', per: 1_000_000 },
            'cache-read-explicit': { usd: '0.01', per: 1_000_000 },
            'cache-read-implicit': { usd: '0.02', per: 1_000_000 },
            'cache-write': { usd: '0.125', per: 1_000_000 },
            'output-text': { usd: '0.4', per: 1_000_000 },
            'tool:web_search': { usd: '10', per: 1000 },
          },
        },
      ],
      rounding: { per: 'line', quantum: 1n },
    } as const;
    fc.assert(
      fc.property(usages.map(withKind), (used) => {
        const said: Answer = { choices: [], usage: used, notices: [], carried: [] };
        const ours = fold(readAnswer(writeAnswer(said, envelope))).usage;
        const theirs = fold(openaiChat.client.readAnswer(openaiChat.server.writeAnswer(said, envelope))).usage;
        if (ours === undefined || theirs === undefined) throw new Error('no usage came back');
        expect(chargeLines(ours, list).total).toBe(chargeLines(used, list).total);
        expect(chargeLines(theirs, list).total).toBe(chargeLines(used, list).total);
      }),
      { numRuns: lawRuns },
    );
  });
});

/** Only an explicit cache is written to; the chat form has no word for an implicit one that was. */
function withKind(used: Usage): Usage {
  return used.input.cacheWrite === undefined ? used : { ...used, input: { ...used.input, cacheKind: 'explicit' } };
}

function framesOf(text: string): readonly Record<string, unknown>[] {
  const decoder = new SseDecoder();
  return [...decoder.decode(new TextEncoder().encode(text)), ...decoder.end()].map((frame) => {
    const value = parseJson(frame.data);
    if (!isJsonObject(value)) throw new Error('an event without an object');
    expect(value['type']).toBe(frame.event);
    return value;
  });
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

/** What the wire can say of an answer: the first choice, no time, media and other protocols' blocks told in notices. */
function enveloped(said: Answer, argumentsOf: (text: string) => string): Answer {
  const { usage, createdAt: _, ...rest } = said;
  const [first] = said.choices;
  return {
    ...rest,
    id: envelope.id,
    model: said.model ?? 'm',
    provider: said.provider ?? 'p',
    choices: first === undefined ? [] : [{ ...asWord(first), parts: first.parts.flatMap((part) => sayable(part, argumentsOf)) }],
    ...(usage === undefined ? { usage: { input: { total: 0 }, output: { total: 0 }, toolCalls: {} } } : { usage }),
  };
}

/** Notices of what was dropped have tests of their own; carried fields have no order among their places. */
function comparable(given: Answer): Answer {
  const { usage, ...rest } = given;
  const told = rest.notices.filter((notice) => !notice.message.startsWith('Anthropic Messages'));
  if (usage === undefined) return { ...rest, notices: told };
  const { raw: _, ...counts } = usage;
  return { ...rest, notices: told, usage: counts };
}

/** `other` is written as `end_turn` with the host's word beside it. */
function asWord(choice: Choice): Choice {
  return choice.reason === 'other' ? { ...choice, reason: 'stop' } : choice;
}

function sayable(part: Part, argumentsOf: (text: string) => string): readonly Part[] {
  switch (part.kind) {
    case 'text':
      return [withoutLogprobs(part)];
    case 'refusal':
      return [{ kind: 'text', text: part.text }];
    case 'tool-call':
      return part.ranBy === 'caller' ? [{ ...part, argumentsText: argumentsOf(part.argumentsText) }] : [];
    case 'media':
    case 'tool-result':
      return [];
    case 'reasoning':
    case 'opaque':
      return [part];
  }
}

function withoutLogprobs({ logprobs: _, ...part }: Extract<Part, { kind: 'text' }>): Part {
  return part;
}

/** A stream has the arguments as the model wrote them, but for none at all. */
function unlessEmpty(text: string): string {
  return text === '' ? '{}' : text;
}

function canonical(text: string): string {
  if (text.trim() === '') return '{}';
  const value = parseJson(text);
  return isJsonObject(value) ? JSON.stringify(value) : text;
}
