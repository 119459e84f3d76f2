import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FlashmuxError } from '../../src/model/fault.ts';
import { isJsonObject, type Json, type JsonObject } from '../../src/model/json.ts';
import type { GenerateRequest } from '../../src/model/request.ts';
import { messagesRows } from '../../src/providers/anthropic-messages/messages-quirks.ts';
import { writeMessagesCall } from '../../src/providers/anthropic-messages/write-messages-call.ts';
import { responsesRows } from '../../src/providers/openai-responses/responses-quirks.ts';
import { writeResponsesCall } from '../../src/providers/openai-responses/write-responses-call.ts';
import { quirksRows } from '../../src/providers/quirks.ts';
import { writeSegmindCall } from '../../src/providers/segmind/write-segmind-call.ts';
import { lawRuns } from '../support/arbitraries/fuzz-runs.ts';
import { paired } from '../support/arbitraries/paired.ts';
import { generateRequest } from '../support/arbitraries/requests.ts';
import { messagesHosts } from './documented-messages.ts';
import { responsesHosts } from './documented-responses.ts';
import { segmindHost } from './documented-segmind.ts';

const runs = Math.floor(lawRuns / 2);
const goOn = { kind: 'text', text: 'Go on.' } as const;

/** Any request that a caller could make, in whatever language, of a conversation that can have happened. */
const requests = fc
  .constantFrom('openai-chat' as const, 'openai-responses' as const, 'anthropic-messages' as const)
  .chain((own) => generateRequest(own))
  .map(paired)
  // Somebody says something: a conversation of nothing is refused by every host, and that is the caller's to mend.
  .map((request): GenerateRequest => ({ ...request, turns: [...request.turns, { role: 'user', parts: [goOn] }] }));

type Write = (request: GenerateRequest) => { readonly body: JsonObject };

/** As it stands on the wire. Undefined where the host cannot be asked this at all, which the caller is told by a fault. */
function sent(write: Write, request: GenerateRequest): JsonObject | undefined {
  try {
    const onTheWire: Json = JSON.parse(JSON.stringify(write(request).body));
    if (!isJsonObject(onTheWire)) throw new Error('a body is an object');
    return onTheWire;
  } catch (error) {
    if (FlashmuxError.is(error) && error.code === 'unsupported_media') return undefined;
    throw error;
  }
}

/** Holds what is sent against a schema. `also`: what a schema cannot say. */
function checkAll(write: Write, validate: ValidateFunction, also: (body: JsonObject) => void = () => undefined): void {
  let reached = 0;
  fc.assert(
    fc.property(requests, (asked) => {
      const body = sent(write, asked);
      if (body === undefined) return;
      reached++;
      const isValid = validate(body);
      const wrong = (validate.errors ?? []).map(({ instancePath, message, params }) => [instancePath, message, params]);
      expect(isValid, JSON.stringify([wrong.slice(0, 12), body])).toBe(true);
      also(body);
    }),
    // To shrink whole requests takes minutes, and the first failure says enough.
    { numRuns: runs, endOnFailure: true },
  );
  expect(reached, 'requests that the host can be asked').toBeGreaterThan(runs / 4);
}

function compiled(schema: JsonObject): ValidateFunction {
  return new Ajv2020({ strict: true, allowMatchingProperties: true, allErrors: true, strictRequired: false }).compile(schema);
}

describe.each(['anthropic', 'dashscope', 'vllm', 'sglang', 'llama-server', 'ollama', 'generic'] as const)(
  'Messages at %s',
  (name) => {
    const validate = compiled(messagesHosts[name]);

    test.each([
      ['no known limit', undefined],
      ['a limit of 8192 tokens', 8192],
      ['a limit of 600 tokens', 600],
    ])('is sent what it documents and nothing else, with %s', (_, limit) => {
      checkAll(
        (request) => writeMessagesCall(request, messagesRows[name], limit),
        validate,
        (body) => {
          expect(typeof body['max_tokens'] === 'number' ? body['max_tokens'] : 0).toBeLessThanOrEqual(limit ?? Infinity);
          checkThinking(body, name === 'anthropic');
        },
      );
    });

    test('a schema that takes everything would not do: a field of nobody is refused by it', () => {
      const plain = { model: 'm', max_tokens: 1, stream: true, messages: [{ role: 'user', content: 'hi' }] };
      expect(validate(plain)).toBe(true);
      expect(validate({ ...plain, x_field: 1 })).toBe(false);
      expect(validate({ ...plain, messages: [{ role: 'user', content: [{ type: 'text', text: 'hi', x_field: 1 }] }] })).toBe(
        false,
      );
    });
  },
);

/** What Anthropic's guides say and a schema cannot: a budget below the limit, at most four marks, and what excludes thinking. */
function checkThinking(body: JsonObject, isStrict: boolean): void {
  const thinking = isJsonObject(body['thinking']) ? body['thinking'] : {};
  const { type, budget_tokens: budget } = thinking;
  if (typeof budget === 'number') expect(budget).toBeLessThan(Number(body['max_tokens']));
  expect(JSON.stringify(body).split('"cache_control":').length - 1).toBeLessThanOrEqual(4);
  if (!isStrict || (type !== 'enabled' && type !== 'adaptive')) return;
  expect(body['temperature'] ?? 1).toBe(1);
  expect(body).not.toHaveProperty('top_k');
  expect(body['top_p'] ?? 1).toBeGreaterThanOrEqual(0.95);
  const choice = isJsonObject(body['tool_choice']) ? body['tool_choice']['type'] : undefined;
  expect([undefined, 'auto', 'none']).toContain(choice);
}

describe.each(['openai', 'dashscope', 'empiriolabs', 'vllm', 'ollama', 'generic'] as const)('Responses at %s', (name) => {
  const validate = compiled(responsesHosts[name]);

  test('is sent what it documents and nothing else', () => {
    checkAll((request) => writeResponsesCall(request, responsesRows[name]), validate);
  });

  test('a schema that takes everything would not do: a field of nobody is refused by it', () => {
    const plain = { model: 'm', stream: true, input: 'hi' };
    expect(validate(plain)).toBe(true);
    expect(validate({ ...plain, x_field: 1 })).toBe(false);
    expect(validate({ ...plain, input: [{ type: 'message', role: 'user', content: 'hi', x_field: 1 }] })).toBe(false);
  });
});

describe('Segmind', () => {
  const validate = compiled(segmindHost);

  test('is sent what its pages name and nothing else', () => {
    checkAll((request) => writeSegmindCall(request, quirksRows.segmind), validate);
  });

  test('a schema that takes everything would not do: a field of nobody is refused by it', () => {
    const plain = { messages: [{ role: 'user', content: 'hi' }] };
    expect(validate(plain)).toBe(true);
    expect(validate({ ...plain, model: 'm' })).toBe(false);
    expect(validate({ messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }] })).toBe(false);
  });
});

test('another flashmux is sent all that the protocol can say', () => {
  let reached = 0;
  fc.assert(
    fc.property(requests, (asked) => {
      const responses = writeResponsesCall(asked, responsesRows.flashmux);
      expect(responses.body['store']).toBe(false);
      const told = [...responses.notices];
      const messages = sent((request) => {
        const call = writeMessagesCall(request, messagesRows.flashmux, undefined);
        told.push(...call.notices);
        return call;
      }, asked);
      if (messages !== undefined) reached++;
      expect(told.filter(({ message }) => message.includes('This host'))).toEqual([]);
    }),
    { numRuns: runs, endOnFailure: true },
  );
  expect(reached, 'requests that Messages can say').toBeGreaterThan(runs / 4);
});
