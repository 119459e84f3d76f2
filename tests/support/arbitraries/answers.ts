import fc from 'fast-check';
import type { Answer, Choice } from '../../../src/model/answer.ts';
import type { Bill } from '../../../src/model/event.ts';
import type { Notice } from '../../../src/model/notice.ts';
import type { Part } from '../../../src/model/part.ts';
import type { ProtocolName } from '../../../src/model/protocol.ts';
import type { Usage } from '../../../src/model/usage.ts';
import { optional, text, unknownFields, word } from './basics.ts';
import { argumentsText, base64, tokenLogprob } from './parts.ts';

/**
 * Complete answers as a provider could have made them. `own` is the protocol under test and `places` are its names for where an answer can
 * carry unknown fields: the first of the whole body, the others of one choice.
 */
export function answer(own: ProtocolName, places: readonly [string, ...string[]]): fc.Arbitrary<Answer> {
  const start = optional({ id: word, model: word, provider: word, createdAt: fc.integer({ min: 1, max: 2_000_000_000 }) });
  const carried = (choices: number): fc.Arbitrary<Answer['carried']> =>
    fc
      .uniqueArray(
        fc.oneof(
          unknownFields.map((fields) => ({ protocol: own, place: places[0], fields })),
          fc
            .tuple(fc.constantFrom(...places.slice(1), places[0]), fc.nat({ max: choices - 1 }), unknownFields)
            .map(([place, choice, fields]) => ({
              protocol: own,
              place,
              ...(place === places[0] ? {} : { answer: choice }),
              fields,
            })),
        ),
        { maxLength: 2, selector: (one) => `${one.place} ${'answer' in one ? one.answer : ''}` },
      )
      .map((list) => list);
  return fc
    .tuple(start, fc.array(choice, { minLength: 1, maxLength: 2 }), optional({ usage }), fc.array(notice, { maxLength: 2 }))
    .chain(([head, choices, used, notices]) =>
      carried(choices.length).map((fields): Answer => ({ ...head, choices, ...used, notices, carried: fields })),
    );
}

const textPart: fc.Arbitrary<Part> = fc
  .tuple(
    text,
    optional({
      logprobs: fc.array(tokenLogprob, { minLength: 1, maxLength: 2 }),
      citations: fc.array(citation(), { minLength: 1, maxLength: 2 }),
    }),
  )
  .map(([value, extras]): Part => ({ kind: 'text', text: value, ...extras }));

function citation(): fc.Arbitrary<{ url: string; title: string; startIndex: number; endIndex: number }> {
  return fc.record({ url: fc.webUrl(), title: text, startIndex: fc.nat({ max: 5 }), endIndex: fc.integer({ min: 5, max: 20 }) });
}

const seal = fc
  .constantFrom<ProtocolName[]>('openai-chat', 'anthropic-messages', 'openai-responses')
  .chain((protocol) => word.map((signature) => ({ protocol, value: { type: 'reasoning.text', signature } })));

export const answerPart: fc.Arbitrary<Part> = fc.oneof(
  { weight: 3, arbitrary: textPart },
  fc.tuple(text, optional({ seal })).map(([value, sealed]): Part => ({ kind: 'reasoning', text: value, ...sealed })),
  fc
    .tuple(text, optional({ logprobs: fc.array(tokenLogprob, { minLength: 1, maxLength: 2 }) }))
    .map(([value, extras]): Part => ({ kind: 'refusal', text: value, ...extras })),
  fc
    .record({
      callId: word,
      name: word,
      argumentsText,
      ranBy: fc.constantFrom('caller' as const, 'caller' as const, 'server' as const),
    })
    .map((call): Part => ({ kind: 'tool-call', ...call })),
  fc
    .tuple(base64, optional({ id: word, transcript: text, expiresAt: fc.integer({ min: 1, max: 2_000_000_000 }) }))
    .map(([bytes, extras]): Part => ({ kind: 'media', medium: 'audio', source: { kind: 'bytes', base64: bytes }, ...extras })),
);

/** Call ids are unique in an answer, and no model says two sounds at once. */
function identityOf(part: Part): unknown {
  if (part.kind === 'tool-call') return part.callId;
  return part.kind === 'media' ? part.kind : part;
}

const choice: fc.Arbitrary<Choice> = fc
  .tuple(
    fc.uniqueArray(answerPart, { maxLength: 5, selector: identityOf }),
    fc.constantFrom('stop' as const, 'length' as const, 'tool-calls' as const, 'content-filter' as const, 'other' as const),
    optional({ stopSequence: text }),
    word,
  )
  .map(([parts, reason, stopped, own]): Choice => ({
    parts,
    reason,
    ...(reason === 'other' ? { providerReason: own } : {}),
    ...stopped,
  }));

const tokens = fc.nat({ max: 1_000_000 });

export const usage: fc.Arbitrary<Usage> = fc
  .tuple(
    optional({
      text: tokens,
      image: tokens,
      audio: tokens,
      video: tokens,
      cacheRead: tokens,
      cacheWrite: tokens,
      cacheKind: fc.constantFrom('explicit' as const, 'implicit' as const),
    }),
    optional({ text: tokens, audio: tokens, reasoning: tokens, acceptedPrediction: tokens, rejectedPrediction: tokens }),
    fc.record({ input: tokens, output: tokens }),
    fc
      .dictionary(fc.constantFrom('web_search', 'code_interpreter'), fc.integer({ min: 1, max: 5 }))
      .map((calls) => ({ ...calls })),
    optional({ estimated: fc.constant(true) }),
  )
  .map(([input, output, totals, toolCalls, estimated]): Usage => ({
    input: { total: totals.input, ...input },
    output: { total: totals.output, ...output },
    toolCalls,
    ...estimated,
  }));

export const notice: fc.Arbitrary<Notice> = fc.record({
  code: fc.constantFrom<Notice['code'][]>('dropped', 'moved', 'clamped', 'ignored', 'stand-in', 'estimated'),
  path: word,
  message: text,
});

export const bill: fc.Arbitrary<Bill> = fc
  .array(
    fc.record({
      meter: fc.constantFrom<Bill['lines'][number]['meter'][]>(
        'input-text',
        'cache-read-explicit',
        'output-text',
        'reasoning',
        'tool:web_search',
      ),
      quantity: tokens,
      rate: fc.constant({ usd: '0.1', per: 1_000_000 }),
      amount: fc.bigInt({ min: 0n, max: 10n ** 12n }),
    }),
    { maxLength: 4 },
  )
  .map((lines): Bill => ({ lines, total: lines.reduce((sum, line) => sum + line.amount, 0n), priceListId: 'list' }));
