import fc from 'fast-check';
import type { ProtocolName } from '../../../src/model/protocol.ts';
import type { AnswerForm, Delivery, GenerateRequest, Sampling, Thinking, Tool, ToolChoice } from '../../../src/model/request.ts';
import type { Turn } from '../../../src/model/turn.ts';
import { carry, jsonObject, optional, text, word } from './basics.ts';
import { mediaPart, mostly, opaquePart, reasoningPart, refusalPart, textPart, toolCallPart, toolResultPart } from './parts.ts';

/** Requests as any reader could have made them, with all that the model can say. `own` is the protocol under test (see parts.ts). */
export function generateRequest(own: ProtocolName): fc.Arbitrary<GenerateRequest> {
  const required = fc.record({
    model: word,
    turns: fc.array(turn(own), { minLength: 1, maxLength: 5 }),
    tools: fc.array(tool(own), { maxLength: 2 }),
    sampling,
    limits: optional({ answerTokens: positive, completionTokens: positive }),
    thinking,
    form,
    delivery: delivery(own),
  });
  const extras = optional({
    toolChoice,
    parallelToolCalls: fc.boolean(),
    answers: fc.integer({ min: 1, max: 128 }),
    logprobs: fc.oneof(fc.constant({ wanted: false }), fc.constant({ wanted: true }), fc.constant({ wanted: true, top: 5 })),
    prediction: text,
    plainCitations: fc.boolean(),
    vision: notEmpty(
      optional({
        highResolutionImages: fc.boolean(),
        maxPixels: positive,
        framesPerSecond: fc.constantFrom(0.1, 2, 10),
        imagesAsVideo: fc.boolean(),
      }),
    ),
    serverTools: notEmpty(optional({ web_search: fc.boolean(), web_extractor: fc.boolean(), code_interpreter: fc.boolean() })),
    carry: carry(mostly(own)),
  });
  return fc.tuple(required, extras, sound(own)).map(([said, more, heard]): GenerateRequest => ({ ...said, ...more, ...heard }));
}

const positive = fc.integer({ min: 1, max: 100_000 });

export function turn(own: ProtocolName): fc.Arbitrary<Turn> {
  const said = fc.array(fc.oneof({ weight: 4, arbitrary: textPart(own) }, mediaPart(own), opaquePart(own)), { maxLength: 3 });
  const withResults = fc.array(fc.oneof(textPart(own), toolResultPart(own)), { maxLength: 4 });
  const answered = fc.array(fc.oneof(reasoningPart(own), textPart(own), refusalPart(own), toolCallPart(own), opaquePart(own)), {
    maxLength: 3,
  });
  const usual = fc
    .tuple(
      fc.array(reasoningPart(own), { maxLength: 2 }),
      fc.array(textPart(own), { maxLength: 2 }),
      fc.array(toolCallPart(own), { maxLength: 2 }),
    )
    .map((parts) => parts.flat());
  const spoken = fc.oneof(
    fc.record({
      role: fc.constantFrom('system' as const, 'developer' as const),
      parts: fc.array(textPart(own), { maxLength: 2 }),
    }),
    fc.record({ role: fc.constant('user' as const), parts: said }),
    fc.record({ role: fc.constant('user' as const), parts: withResults }),
    fc.record({ role: fc.constant('assistant' as const), parts: fc.oneof(usual, answered) }),
    fc.record({ role: fc.constant('tool' as const), parts: fc.array(toolResultPart(own), { minLength: 1, maxLength: 2 }) }),
  );
  const head = fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, optional({ name: word, carry: carry(mostly(own)) }));
  return fc.tuple(spoken, head).map(([one, named]): Turn => ({ ...one, ...named }));
}

function tool(own: ProtocolName): fc.Arbitrary<Tool> {
  const extras = optional({ description: text, parameters: jsonObject, strict: fc.boolean(), carry: carry(mostly(own)) });
  return fc.tuple(word, extras).map(([name, more]): Tool => ({ kind: 'function', name, ...more }));
}

const toolChoice: fc.Arbitrary<ToolChoice> = fc.oneof(
  fc.constantFrom<ToolChoice>({ kind: 'auto' }, { kind: 'none' }, { kind: 'required' }),
  word.map((name): ToolChoice => ({ kind: 'function', name })),
);

const sampling: fc.Arbitrary<Sampling> = optional({
  temperature: fc.constantFrom(0, 0.7, 2),
  topP: fc.constantFrom(0, 0.9, 1),
  topK: fc.integer({ min: 0, max: 100 }),
  minP: fc.constantFrom(0, 0.05, 1),
  frequencyPenalty: fc.constantFrom(-2, 0, 2),
  presencePenalty: fc.constantFrom(-2, 1.5, 2),
  repetitionPenalty: fc.constantFrom(0.5, 1.1),
  seed: fc.nat(),
  stop: fc.array(text, { maxLength: 4 }),
  logitBias: fc
    .dictionary(fc.nat().map(String), fc.integer({ min: -100, max: 100 }), { maxKeys: 2 })
    .map((biases) => ({ ...biases })),
});

const thinking: fc.Arbitrary<Thinking> = fc
  .tuple(
    fc.constantFrom<Thinking['kind'][]>('unsaid', 'off', 'on'),
    optional({
      effort: fc.constantFrom('none' as const, 'low' as const, 'max' as const),
      budgetTokens: positive,
      preserve: fc.boolean(),
    }),
  )
  .map(([kind, extras]): Thinking => ({ kind, ...extras }));

const form: fc.Arbitrary<AnswerForm> = fc.oneof(
  fc.constantFrom<AnswerForm>({ kind: 'unsaid' }, { kind: 'plain' }, { kind: 'json' }),
  fc
    .tuple(word, optional({ description: text, schema: jsonObject, strict: fc.boolean() }))
    .map(([name, extras]): AnswerForm => ({ kind: 'schema', name, ...extras })),
);

function delivery(own: ProtocolName): fc.Arbitrary<Delivery> {
  return fc.oneof(
    fc.boolean().map((said): Delivery => ({ kind: 'whole', said })),
    optional({ usage: fc.boolean(), carry: carry(mostly(own)) }).map((extras): Delivery => ({ kind: 'stream', ...extras })),
  );
}

function sound(own: ProtocolName): fc.Arbitrary<Pick<GenerateRequest, 'modalities' | 'audio'>> {
  const wish = fc
    .tuple(fc.record({ format: fc.constantFrom('wav', 'mp3', 'pcm16'), voice: word }), optional({ carry: carry(mostly(own)) }))
    .map(([audio, extras]) => ({ ...audio, ...extras }));
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    fc.constant({ modalities: ['text' as const] }),
    wish.map((audio) => ({ modalities: ['text' as const, 'audio' as const], audio })),
  );
}

function notEmpty<T extends object>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return arbitrary.filter((value) => Object.keys(value).length > 0);
}
