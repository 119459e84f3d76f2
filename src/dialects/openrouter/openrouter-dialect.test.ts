import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { faults, FlashmuxError, type FaultCode } from '../../model/fault.ts';
import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import type { AnswerEvent } from '../../model/event.ts';
import { fold } from '../../model/fold.ts';
import { parseJson } from '../../model/json.ts';
import type { ReasoningPart, Seal } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { Envelope } from '../../protocols/codec.ts';
import { openrouterDialect } from './openrouter-dialect.ts';

const hello = { model: 'm', messages: [{ role: 'user', content: 'Hello' }] };
const read = (fields: JsonObject): GenerateRequest =>
  openrouterDialect.readRequest({ body: { ...hello, ...fields }, parameters: {}, headers: {} });
const envelope: Envelope = { id: 'gen_1', requestId: 'req_1', createdAt: 1, model: 'm', creditsPerUsd: 1n };

describe('a request', () => {
  test('says who should answer, in the words of the model', () => {
    const provider = {
      order: ['a'],
      only: ['a', 'b'],
      ignore: ['c'],
      allow_fallbacks: false,
      require_parameters: true,
      data_collection: 'deny',
      zdr: true,
      enforce_distillable_text: false,
      quantizations: ['fp8'],
      sort: { by: 'latency', partition: 'none' },
      max_price: { prompt: 1, completion: '2.5', request: 0 },
      preferred_max_latency: 1.5,
      preferred_min_throughput: { p90: 20 },
      tomorrow: 1,
    };
    const { routing, carry } = read({ provider, models: ['x', 'y'] });
    expect(routing).toEqual({
      saidAt: 'provider',
      models: ['x', 'y'],
      order: ['a'],
      only: ['a', 'b'],
      ignore: ['c'],
      allowFallbacks: false,
      requireParameters: true,
      dataCollection: 'deny',
      zeroDataRetention: true,
      enforceDistillableText: false,
      quantizations: ['fp8'],
      sort: 'latency',
      maxPrice: { prompt: '1', completion: '2.5', request: '0' },
      preferredMaxLatency: { p50: 1.5 },
      preferredMinThroughput: { p90: 20 },
    });
    // What has no word in the model is announced by whoever answers.
    expect(carry?.fields).toEqual({ provider: { tomorrow: 1, sort: { partition: 'none' } } });
  });

  test.each([
    ['m:nitro', { model: 'm:nitro' }],
    ['m:online', { model: 'm', serverTools: { web_search: true } }],
    ['m:variant1', { model: 'm:variant1' }],
  ])('the suffix of %s is a tool, or is left to who knows the models and hosts', (model, expected) => {
    expect(read({ model })).toMatchObject(expected);
  });

  test('names whom the call is for in its field user', () => {
    expect(read({ user: 'ann' }).attribution).toEqual({ user: 'ann' });
    expect(() => read({ user: 'x'.repeat(257) })).toThrow(expect.objectContaining({ param: 'user' }));
  });

  test('names its model by itself or first in its list', () => {
    const { model: _, ...nameless } = hello;
    const body = { ...nameless, models: ['first', 'second'] };
    expect(openrouterDialect.readRequest({ body, parameters: {}, headers: {} }).model).toBe('first');
    expect(() => openrouterDialect.readRequest({ body: nameless, parameters: {}, headers: {} })).toThrow(/model is missing/);
  });

  test.each<readonly [JsonObject, object]>([
    [{ reasoning: { effort: 'high' } }, { thinking: { kind: 'unsaid', effort: 'high' } }],
    [{ reasoning: { max_tokens: 500 } }, { thinking: { kind: 'on', budgetTokens: 500 } }],
    [{ reasoning: { max_tokens: 500, enabled: false } }, { thinking: { kind: 'off', budgetTokens: 500 } }],
    [{ reasoning: { enabled: true, exclude: true } }, { thinking: { kind: 'on' }, hidesThoughts: true }],
    [{ include_reasoning: false }, { hidesThoughts: true }],
  ])('%j is thinking in the words of the model', (fields, expected) => {
    const request = read(fields);
    expect(request).toMatchObject(expected);
    expect(request.carry).toBeUndefined();
  });

  test('a web plugin is a search, one that is off is nothing, others are carried', () => {
    expect(read({ plugins: [{ id: 'web' }, { id: 'moderation', enabled: false }] })).toMatchObject({
      serverTools: { web_search: true },
    });
    expect(read({ plugins: [{ id: 'web', enabled: false }] }).serverTools).toBeUndefined();
    const rest = [{ id: 'web', max_results: 3 }, { id: 'response-healing' }];
    expect(read({ plugins: rest, transforms: ['middle-out'] }).carry?.fields).toEqual({
      plugins: rest,
      transforms: ['middle-out'],
    });
    expect(read({ transforms: [], usage: { include: true } }).carry).toBeUndefined();
  });

  test.each<readonly [string, JsonObject]>([
    ['provider', { provider: 'a' }],
    ['provider.order', { provider: { order: 'a' } }],
    ['provider.only[1]', { provider: { only: ['a', 1] } }],
    ['provider.sort', { provider: { sort: 'mood' } }],
    ['provider.sort.by', { provider: { sort: { by: 'mood' } } }],
    ['provider.data_collection', { provider: { data_collection: 'maybe' } }],
    ['provider.allow_fallbacks', { provider: { allow_fallbacks: 'no' } }],
    ['provider.max_price.prompt', { provider: { max_price: { prompt: -1 } } }],
    ['provider.max_price.smell', { provider: { max_price: { smell: 1 } } }],
    ['provider.preferred_max_latency', { provider: { preferred_max_latency: 0 } }],
    ['provider.preferred_min_throughput.p50', { provider: { preferred_min_throughput: { p50: 'fast' } } }],
    ['models[0]', { models: [''] }],
    ['plugins[0].id', { plugins: [{}] }],
    ['plugins[1]', { plugins: [{ id: 'a' }, 'web'] }],
    ['transforms', { transforms: 'middle-out' }],
    ['reasoning.exclude', { reasoning: { exclude: 'yes' } }],
    ['reasoning.effort', { reasoning: { effort: 'some' } }],
    ['usage.include', { usage: { include: 1 } }],
    ['include_reasoning', { include_reasoning: 'no' }],
  ])('%s is refused by its name', (param, fields) => {
    expect(() => read(fields)).toThrow(expect.objectContaining({ code: 'invalid_request', param }));
  });

  test('never fails but with a refusal', () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom(true, 0, -1, '', 'm:online', [], {}, [null], [{}]));
    const own = ['provider', 'models', 'model', 'plugins', 'reasoning', 'usage', 'transforms', 'include_reasoning', '__proto__'];
    const inner = ['order', 'sort', 'by', 'max_price', 'prompt', 'id', 'enabled', 'exclude', 'preferred_max_latency', 'p50'];
    const object = fc.dictionary(fc.constantFrom(...inner), value);
    const body = fc.dictionary(fc.constantFrom(...own), fc.oneof(value, object, fc.array(object)));
    fc.assert(
      fc.property(body, (fields) => {
        const wire = parseJson(JSON.stringify(fields));
        try {
          read(isJsonObject(wire) ? wire : {});
        } catch (error) {
          expect(FlashmuxError.is(error)).toBe(true);
        }
      }),
      { numRuns: Number(process.env['FLASHMUX_FUZZ_RUNS'] ?? 500) },
    );
  });
});

describe('an answer', () => {
  const seal: Seal = { protocol: 'anthropic-messages', value: 'c2lnbmF0dXJl/+=' };
  const thought: readonly AnswerEvent[] = [
    { kind: 'part-start', answer: 0, index: 0, part: { kind: 'reasoning' } },
    { kind: 'part-delta', answer: 0, index: 0, delta: { kind: 'reasoning', text: 'One' } },
    { kind: 'part-delta', answer: 0, index: 0, delta: { kind: 'reasoning', text: ' two' } },
  ];
  const rest: readonly AnswerEvent[] = [
    { kind: 'part-end', answer: 0, index: 0 },
    { kind: 'answer-end', answer: 0, reason: 'stop' },
  ];
  const sealed: readonly AnswerEvent[] = [
    ...thought,
    { kind: 'part-delta', answer: 0, index: 0, delta: { kind: 'seal', seal } },
    ...rest,
  ];

  /** What a client sends back that keeps the fields it knows and joins what it got. */
  function keptFields(details: readonly Json[]): JsonObject {
    const known = ['type', 'text', 'format', 'signature', 'index', 'id'];
    const joined: Record<string, Json> = {};
    for (const detail of details) {
      if (!isJsonObject(detail)) continue;
      for (const key of known) {
        const value = detail[key];
        if (value === undefined) continue;
        const before = joined[key];
        if (key === 'text' && typeof value === 'string') joined[key] = `${typeof before === 'string' ? before : ''}${value}`;
        else joined[key] ??= value;
      }
    }
    return joined;
  }

  function detailsOfStream(events: readonly AnswerEvent[]): readonly Json[] {
    const writer = openrouterDialect.answers.streamWriter(envelope, read({ stream: true }));
    const text = writer.write(events) + writer.end();
    return text.split('\n\n').flatMap((frame) => {
      const chunk = parseJson(frame.slice('data: '.length));
      const choices = isJsonObject(chunk) && Array.isArray(chunk['choices']) ? chunk['choices'] : [];
      return choices.flatMap((choice) => choice.delta.reasoning_details ?? []);
    });
  }

  function thoughtsOf(details: readonly Json[]): readonly ReasoningPart[] {
    const messages = [{ role: 'assistant', content: 'Hi', reasoning_details: [keptFields(details)] }];
    const parts = read({ messages }).turns[0]?.parts ?? [];
    return parts.filter((part) => part.kind === 'reasoning');
  }

  test('the proof of a thought survives a client that keeps only the fields it knows', () => {
    const expected = [{ kind: 'reasoning', text: 'One two', seal }];
    expect(thoughtsOf(detailsOfStream(sealed))).toEqual(expected);
    const whole = openrouterDialect.answers.writeAnswer(fold(sealed), envelope);
    const choices = Array.isArray(whole['choices']) ? whole['choices'] : [];
    expect(thoughtsOf(choices[0].message.reasoning_details)).toEqual(expected);
  });

  test('a thought without proof says so at its end, in its format', () => {
    const details = detailsOfStream([...thought, ...rest]);
    expect(keptFields(details)).toEqual({ type: 'reasoning.text', text: 'One two', format: 'unknown', index: 0 });
    expect(thoughtsOf(details)).toEqual([{ kind: 'reasoning', text: 'One two' }]);
  });

  test('hidden thoughts leave no trace, the words after them stay', () => {
    const request = read({ stream: true, reasoning: { exclude: true } });
    const writer = openrouterDialect.answers.streamWriter(envelope, request);
    const said: readonly AnswerEvent[] = [
      { kind: 'part-start', answer: 0, index: 1, part: { kind: 'text' } },
      { kind: 'part-delta', answer: 0, index: 1, delta: { kind: 'text', text: 'Hi' } },
    ];
    const text = writer.write([...sealed.slice(0, -1), ...said]) + writer.end();
    expect(text).toContain('"content":"Hi"');
    expect(text).not.toMatch(/reasoning|One/);
    expect(JSON.stringify(openrouterDialect.answers.writeAnswer(fold(sealed), envelope, request))).not.toContain('One two');
  });
});

test('every fault has a number for a code and a type of error', () => {
  const codes = Object.keys(faults).filter((code): code is FaultCode => code in faults);
  for (const code of codes) {
    const fault = new FlashmuxError(code, 'what was wrong', { upstream: { provider: 'host', body: { a: 1 } } });
    expect(openrouterDialect.writeFault(fault, 'req_1')).toEqual({
      error: {
        code: openrouterDialect.status(fault),
        message: 'what was wrong',
        metadata: expect.objectContaining({
          error_type: expect.stringMatching(/^[a-z_]+$/),
          provider_name: 'host',
          raw: { a: 1 },
        }),
      },
    });
  }
});
