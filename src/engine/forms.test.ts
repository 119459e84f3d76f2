import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ordinarySampling, tinyEngine, tinyRequest } from '../../tests/support/tiny-gguf/tiny-engine.ts';
import type { Answer } from '../model/answer.ts';
import type { JsonObject } from '../model/json.ts';
import type { ToolCallPart } from '../model/part.ts';
import type { AnswerForm, GenerateRequest, Tool } from '../model/request.ts';
import { collect, foldStream } from '../model/stream.ts';
import type { LocalEngine } from './local-engine.ts';

const never = new AbortController().signal;
const seeds = [1, 2, 3];

const person: JsonObject = {
  type: 'object',
  properties: { name: { type: 'string', maxLength: 8 }, age: { type: 'integer' }, kind: { enum: ['cat', 'dog'] } },
  required: ['name', 'age', 'kind'],
  additionalProperties: false,
};

const weather: Tool = {
  kind: 'function',
  name: 'get_weather',
  parameters: {
    type: 'object',
    properties: { city: { enum: ['Rome', 'Oslo'] } },
    required: ['city'],
    additionalProperties: false,
  },
};
const clock: Tool = {
  kind: 'function',
  name: 'get_time',
  parameters: { type: 'object', properties: { zone: { const: 'UTC' } }, required: ['zone'], additionalProperties: false },
};

describe.each(['qwen35moe', 'llama'] as const)('the form of an answer of a %s model', (architecture) => {
  let engine: LocalEngine;
  beforeAll(async () => {
    engine = await tinyEngine({ architecture });
  });
  afterAll(() => engine.close());

  const ask = (more: Partial<GenerateRequest>, seed = 1): Promise<Answer> =>
    foldStream(
      engine.run(
        tinyRequest('Hello', { limits: { answerTokens: 400 }, sampling: { temperature: 1, topK: 40, seed }, ...more }),
        never,
      ),
    );

  test.each(seeds)('a schema is kept to, seed %d', async (seed) => {
    const answer = await ask({ form: schemaForm(person) }, seed);
    expect(answer.choices[0]?.reason).toBe('stop');
    const value: unknown = JSON.parse(textOf(answer));
    expect(value).toEqual({ name: expect.any(String), age: expect.any(Number), kind: expect.stringMatching(/^(cat|dog)$/) });
  });

  test.each(seeds)('a thought before a schema is free, seed %d', async (seed) => {
    const answer = await ask({ form: schemaForm(person), thinking: { kind: 'on', budgetTokens: 12 } }, seed);
    expect(answer.usage?.output.reasoning).toBeGreaterThan(0);
    expect(JSON.parse(textOf(answer))).toHaveProperty('kind');
  });

  test('a schema of one value forces it', async () => {
    const answer = await ask({ form: schemaForm({ enum: ['exactly this'] }) });
    expect(textOf(answer)).toBe('"exactly this"');
  });

  test('a character that is spread over several tokens comes out whole', async () => {
    const words = 'naïve 漢字 😀';
    const request = tinyRequest('Hello', {
      form: schemaForm({ enum: [words] }),
      limits: {},
      sampling: { temperature: 1, seed: 1 },
    });
    const events = await collect(engine.run(request, never));
    const pieces = events.flatMap((event) =>
      event.kind === 'part-delta' && event.delta.kind === 'text' ? [event.delta.text] : [],
    );
    expect(JSON.parse(pieces.join(''))).toBe(words);
    expect(pieces.every((piece) => piece.isWellFormed() && !piece.includes('\uFFFD'))).toBe(true);
  });

  test('json without a schema begins an object', async () => {
    const answer = await ask({ form: { kind: 'json' }, limits: { completionTokens: 40 } });
    expect(textOf(answer).trimStart().startsWith('{')).toBe(true);
  });

  test('a schema with log probabilities says that they are filtered', async () => {
    const answer = await ask({ form: schemaForm({ enum: ['exactly this'] }), logprobs: { wanted: true, top: 2 } });
    const part = answer.choices[0]?.parts[0];
    expect(part?.kind === 'text' && part.logprobs?.length).toBeGreaterThan(0);
    expect(answer.notices).toContainEqual(expect.objectContaining({ path: 'logprobs' }));
  });

  test('a faulty schema is refused, and the engine lives on', async () => {
    for (const schema of [{ type: 'nonsense' }, { $ref: '#/nowhere' }, { type: 'object', properties: 3 }] as const) {
      await expect(ask({ form: schemaForm(schema) })).rejects.toMatchObject({ code: 'invalid_schema' });
    }
    expect((await engine.figures()).restarts).toBe(0);
  });

  test.each(seeds)('a required call is made, with arguments that fit, seed %d', async (seed) => {
    const answer = await ask({ tools: [weather, clock], toolChoice: { kind: 'required' }, parallelToolCalls: false }, seed);
    expect(answer.choices[0]?.reason).toBe('tool-calls');
    const calls = callsOf(answer);
    expect(calls).toHaveLength(1);
    const expected = { get_weather: /^{"city":\s?"(Rome|Oslo)"}$/, get_time: /^{"zone":\s?"UTC"}$/ };
    const [call] = calls;
    expect(call?.name === 'get_weather' || call?.name === 'get_time').toBe(true);
    expect(call?.argumentsText).toMatch(call?.name === 'get_time' ? expected.get_time : expected.get_weather);
    expect(call?.callId).toMatch(/^call_/);
  });

  test('a named function is called, after a thought too', async () => {
    const answer = await ask({
      tools: [weather, clock],
      toolChoice: { kind: 'function', name: 'get_time' },
      thinking: { kind: 'on', budgetTokens: 5 },
    });
    expect(callsOf(answer).map((call) => call.name)).toContain('get_time');
    expect(callsOf(answer).some((call) => call.name === 'get_weather')).toBe(false);
    expect(answer.usage?.output.reasoning).toBeGreaterThan(0);
  });

  test('several calls of one answer have different ids', async () => {
    for (let seed = 0; seed < 12; seed++) {
      const calls = callsOf(await ask({ tools: [clock], toolChoice: { kind: 'required' }, parallelToolCalls: true }, seed));
      if (calls.length < 2) continue;
      expect(new Set(calls.map((call) => call.callId)).size).toBe(calls.length);
      return;
    }
    throw new Error('no seed made two calls');
  });

  test('a call that no tool answers to is refused', async () => {
    const tools = [weather];
    await expect(ask({ tools, toolChoice: { kind: 'function', name: 'other' } })).rejects.toMatchObject({ param: 'tool_choice' });
    await expect(ask({ toolChoice: { kind: 'required' } })).rejects.toMatchObject({ param: 'tool_choice' });
  });

  test('tools that must not be called are not shown to the model', async () => {
    const limits = { completionTokens: 1 };
    const sampling = ordinarySampling;
    const without = await ask({ limits, sampling });
    const none = await ask({ limits, sampling, tools: [weather], toolChoice: { kind: 'none' } });
    const auto = await ask({ limits, sampling, tools: [weather] });
    expect(none.usage?.input.total).toBe(without.usage?.input.total);
    expect(auto.usage?.input.total).toBeGreaterThan((without.usage?.input.total ?? 0) + 50);
  });
});

test('a model whose template knows no tools can be made to call one', async () => {
  const engine = await tinyEngine({ architecture: 'llama', template: 'plain' });
  try {
    const request = tinyRequest('Hello', {
      tools: [clock],
      toolChoice: { kind: 'required' },
      parallelToolCalls: false,
      limits: { completionTokens: 400 },
      sampling: { temperature: 1, seed: 1 },
    });
    expect(callsOf(await foldStream(engine.run(request, never)))).toMatchObject([{ name: 'get_time' }]);
  } finally {
    await engine.close();
  }
});

function schemaForm(schema: JsonObject): AnswerForm {
  return { kind: 'schema', name: 'answer', schema };
}

function textOf(answer: Answer): string {
  return (answer.choices[0]?.parts ?? []).map((part) => (part.kind === 'text' ? part.text : '')).join('');
}

function callsOf(answer: Answer): ToolCallPart[] {
  return (answer.choices[0]?.parts ?? []).filter((part) => part.kind === 'tool-call');
}
