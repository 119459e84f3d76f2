import fc from 'fast-check';
import type { Answer } from '../../src/model/answer.ts';
import type { Part } from '../../src/model/part.ts';
import type { ProtocolName } from '../../src/model/protocol.ts';
import type { GenerateRequest, Tool } from '../../src/model/request.ts';
import type { Turn } from '../../src/model/turn.ts';
import { answer } from '../support/arbitraries/answers.ts';
import { jsonObject, optional, text, word } from '../support/arbitraries/basics.ts';
import { paired } from '../support/arbitraries/paired.ts';
import { generateRequest } from '../support/arbitraries/requests.ts';
import { tagged, taggedAnswer } from './tagged.ts';

/** Conversations with everything that the model has a word for, likely or not. */
export function anyConversation(from: ProtocolName): fc.Arbitrary<GenerateRequest> {
  return generateRequest(from).map(paired).map(tagged);
}

const said = text.map((value): Part => ({ kind: 'text', text: value }));
const picture = fc
  .oneof(
    fc.constant({ kind: 'url' as const, url: 'https://example.com/a.png' }),
    fc.constant({ kind: 'bytes' as const, base64: 'AAAA', format: 'image/png' }),
  )
  .map((source): Part => ({ kind: 'media', medium: 'image', source }));
const call = fc.tuple(word, word, jsonObject).map(([callId, name, input]): Part => ({
  kind: 'tool-call',
  callId,
  name,
  argumentsText: JSON.stringify(input),
  ranBy: 'caller',
}));

/** One question, perhaps with a picture, and what the model did about it: it thought, spoke, called tools that answered. */
const exchange: fc.Arbitrary<readonly Turn[]> = fc
  .tuple(
    fc.array(fc.oneof({ weight: 4, arbitrary: said }, picture), { minLength: 1, maxLength: 2 }),
    fc.option(text),
    fc.option(said),
    fc.array(call, { maxLength: 2 }),
  )
  .map(([asked, thought, spoken, calls]) => {
    const thoughts: readonly Part[] = thought === null ? [] : [{ kind: 'reasoning', text: thought }];
    const words = spoken === null ? [] : [spoken];
    const isSilent = thoughts.length + words.length + calls.length === 0;
    const question: Turn = { role: 'user', parts: asked };
    return isSilent ? [question] : [question, { role: 'assistant', parts: [...thoughts, ...words, ...calls] }];
  });

const tool: fc.Arbitrary<Tool> = fc
  .record({
    name: word,
    description: text,
    parameters: fc.constant({ type: 'object', properties: { place: { type: 'string' } } }),
  })
  .map((one) => ({ kind: 'function', ...one }));

/** Conversations such as the samples of the vendors show: no rare field, nothing that only one protocol has. */
export const ordinaryConversation: fc.Arbitrary<GenerateRequest> = fc
  .record({
    model: word,
    system: fc.option(said),
    exchanges: fc.array(exchange, { minLength: 1, maxLength: 3 }),
    tools: fc.array(tool, { maxLength: 2 }),
    sampling: optional({ temperature: fc.constantFrom(0, 0.7, 1), topP: fc.constantFrom(0.5, 1) }),
    completionTokens: fc.integer({ min: 1, max: 8_000 }),
    isStream: fc.boolean(),
  })
  .map(({ system, exchanges, completionTokens, isStream, ...rest }): GenerateRequest => ({
    ...rest,
    turns: [...(system === null ? [] : [{ role: 'system' as const, parts: [system] }]), ...exchanges.flat()],
    limits: { completionTokens },
    thinking: { kind: 'unsaid' },
    form: { kind: 'unsaid' },
    delivery: isStream ? { kind: 'stream' } : { kind: 'whole', said: false },
  }))
  .map(paired)
  .map(tagged);

/** Where answers of each protocol carry what it has no word for. */
const places: Readonly<Record<ProtocolName, readonly [string, ...string[]]>> = {
  'openai-chat': ['body', 'choice', 'message'],
  'openai-responses': ['response'],
  'anthropic-messages': ['message'],
  'ai-gateway': ['body', 'providerMetadata'],
  segmind: ['body'],
};

/** Answers with everything that a host of the protocol could say. The parts of their usage lie inside its totals. */
export function anyAnswer(host: ProtocolName): fc.Arbitrary<Answer> {
  return answer(host, places[host]).map(lawful).map(taggedAnswer);
}

/** One choice of thoughts, text and calls, its usage told in full. */
export const ordinaryAnswer: fc.Arbitrary<Answer> = fc
  .record({
    thought: fc.option(text),
    spoken: said,
    calls: fc.uniqueArray(call, { maxLength: 2, selector: (part) => (part.kind === 'tool-call' ? part.callId : '') }),
    input: fc.integer({ min: 1, max: 10_000 }),
    output: fc.integer({ min: 1, max: 10_000 }),
  })
  .map(({ thought, spoken, calls, input, output }): Answer => ({
    choices: [
      {
        parts: [...(thought === null ? [] : [{ kind: 'reasoning' as const, text: thought }]), spoken, ...calls],
        reason: calls.length === 0 ? 'stop' : 'tool-calls',
      },
    ],
    usage: { input: { total: input, cacheRead: 0, cacheWrite: 0 }, output: { total: output, reasoning: 0 }, toolCalls: {} },
    notices: [],
    carried: [],
  }))
  .map(taggedAnswer);

function lawful(given: Answer): Answer {
  const { usage } = given;
  if (usage === undefined) return given;
  const { input, output } = usage;
  return {
    ...given,
    usage: {
      ...usage,
      input: { ...input, total: (input.total ?? 0) + (input.cacheRead ?? 0) + (input.cacheWrite ?? 0) },
      output: { ...output, total: (output.total ?? 0) + (output.reasoning ?? 0) },
    },
  };
}
